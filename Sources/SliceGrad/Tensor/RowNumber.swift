/// The number of a row or of a class: `Int32`, which operations compute with, or `Int`, which is convenient.
///
///     let logits = Variable(Tensor<Double>([[0, 0]]))
///     let labels: [Int32] = [1]
///     print(softmaxCrossEntropy(logits, labels).value)  // 0.693147
///     print(softmaxCrossEntropy(logits, [1]).value)  // 0.693147
public protocol RowNumber: BinaryInteger {
  /// The same numbers as `Int32`. Traps if one is too large for it.
  ///
  /// - Complexity: O(1) for `Int32`, O(n) for `Int`.
  static func asInt32(_ numbers: [Self]) -> [Int32]
}

extension Int32: RowNumber {
  public static func asInt32(_ numbers: [Int32]) -> [Int32] { numbers }
}

extension Int: RowNumber {
  public static func asInt32(_ numbers: [Int]) -> [Int32] {
    numbers.map { number in
      guard let number = Int32(exactly: number) else { trap("row number \(number) is too large for Int32") }
      return number
    }
  }
}
