import SliceGrad

extension TensorScalar {
  /// The number that a field as a whole denotes in decimal notation, such as `-0.0282` or `1e-05`; `nil` if it denotes
  /// none.
  ///
  /// It may have a sign, and digits before or after the point. Other notations are refused, such as hexadecimal
  /// numbers, ∞ and NaN. A number that is too large becomes ±∞. The locale doesn't matter.
  ///
  /// - Complexity: O(length).
  init?(decimal field: ArraySlice<UInt8>) {
    guard field.allSatisfy({ UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") || "+-.eE".utf8.contains($0) }) else {
      return nil
    }
    self.init(String(decoding: field, as: UTF8.self))
  }
}
