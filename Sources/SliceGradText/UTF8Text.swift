import Foundation

extension String {
  /// The text of these bytes; `nil` if they are not UTF-8.
  ///
  /// Decoding replaces what is not UTF-8, so that bytes which come back unchanged are UTF-8.
  package init?(utf8 bytes: ArraySlice<UInt8>) {
    var text = String(decoding: bytes, as: UTF8.self)
    let isUnchanged = text.withUTF8 { decoded in
      bytes.withUnsafeBytes {
        $0.count == decoded.count && ($0.isEmpty || memcmp($0.baseAddress!, decoded.baseAddress!, $0.count) == 0)
      }
    }
    guard isUnchanged else { return nil }
    self = text
  }

  /// The text of these Unicode scalar values, each of which must be a valid one.
  init(scalars: ArraySlice<UInt32>) {
    self.init(UnicodeScalarView(scalars.map { Unicode.Scalar($0)! }))
  }
}
