import SliceGrad

/// Five sequences with six elements altogether. Two of them are empty, one of these the last.
enum SampleSequences {
  static let splits: [Int32] = [0, 2, 2, 5, 6, 6]

  static func of(_ values: Variable<Double>) -> Sequences<Double> { Sequences(values: values, rowSplits: splits) }

  static var numbers: Sequences<Double> {
    of(Variable(Tensor([[1, 20], [2, 10], [3, 0], [5, -1], [4, -7], [6, 6]])))
  }
}
