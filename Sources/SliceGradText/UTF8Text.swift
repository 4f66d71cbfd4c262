extension String {
  /// The text of these bytes; `nil` if they are not UTF-8.
  ///
  /// Decoding replaces what is not UTF-8, so that bytes which come back unchanged are UTF-8.
  package init?(utf8 bytes: ArraySlice<UInt8>) {
    self.init(decoding: bytes, as: UTF8.self)
    guard utf8.elementsEqual(bytes) else { return nil }
  }

  /// The text of these Unicode scalar values, each of which must be a valid one.
  init(scalars: ArraySlice<UInt32>) {
    self.init(UnicodeScalarView(scalars.map { Unicode.Scalar($0)! }))
  }
}
