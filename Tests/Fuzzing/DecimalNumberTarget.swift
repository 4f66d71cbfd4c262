import Foundation
import SliceGrad

@testable import SliceGradText

/// A field is a number if the C library takes all of it for one in decimal notation, and it is then the same number.
@Sendable func fuzzDecimalNumber(_ bytes: [UInt8]) {
  check(bytes, Double(decimal: bytes[...]), strtod)
  check(bytes, Float(decimal: bytes[...]), strtof)
}

private func check<Number: TensorScalar>(
  _ bytes: [UInt8], _ found: Number?,
  _ convert: (UnsafePointer<CChar>, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Number
) {
  let isDecimal = bytes.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
  var expected: Number?
  (bytes + [0]).withUnsafeBytes { bytes in
    let text = bytes.bindMemory(to: CChar.self).baseAddress!
    var end: UnsafeMutablePointer<CChar>?
    let number = convert(text, &end)
    if isDecimal, bytes.count > 1, end == UnsafeMutablePointer(mutating: text + bytes.count - 1) { expected = number }
  }
  require(
    found?.bitPattern64 == expected?.bitPattern64,
    "\(String(decoding: bytes, as: UTF8.self)): found \(found as Any), expected \(expected as Any)")
}

extension TensorScalar {
  /// The bits of the number, widened.
  var bitPattern64: UInt64 { Double(self).bitPattern }
}
