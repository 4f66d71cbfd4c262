import SliceGrad
import Testing

@Suite struct SequencesTests {
  @Test func boundaries() {
    let sequences = SampleSequences.numbers
    #expect(sequences.count == 5 && sequences.lengths == [2, 0, 3, 1, 0] && sequences.longest == 3)
    let none = Sequences<Double>(values: Variable(Tensor(zeros: [0, 2])), rowSplits: [0])
    #expect(none.count == 0 && none.longest == 0 && none.lengths.isEmpty)
    #expect(none.padded.shape == [0, 0, 2] && none.sum().shape == [0, 2] && none.max().shape == [0, 2])
    #expect(sequences.map { $0 * 2 }.values.value == sequences.values.value * 2)
  }

  @Test func ofTables() {
    let table = EmbeddingTable(Tensor<Double>([[1, 2], [3, 4], [5, 6]]))
    let rows = RaggedIndices([[2, 0], [], [1, 1]])
    let sequences = table.sequences(rows)
    #expect(sequences.values.value == Tensor([[5, 6], [1, 2], [3, 4], [3, 4]]))
    #expect(sequences.rowSplits == rows.rowSplits)
    let layer = Embedding<Double>(weight: table.value, paddingIndex: 1)
    #expect(layer(rows).values.value == sequences.values.value)
    let (_, gradients) = valueWithGradients(at: layer) { $0(rows).values.sum() }
    #expect(gradients[\.weight, in: layer]?.densified() == Tensor([[1, 1], [0, 0], [1, 1]]))
  }

  @Test func padding() {
    let padded = SampleSequences.numbers.padded
    let expected = Tensor<Double>([
      [[1, 20], [2, 10], [0, 0]], [[0, 0], [0, 0], [0, 0]], [[3, 0], [5, -1], [4, -7]], [[6, 6], [0, 0], [0, 0]],
      [[0, 0], [0, 0], [0, 0]],
    ])
    #expect(padded.value == expected)
    let back = Sequences(padded: padded, lengths: [2, 0, 3, 1, 0])
    #expect(back.values.value == SampleSequences.numbers.values.value && back.rowSplits == SampleSequences.splits)
    // What stands in the padding doesn't matter.
    let dirty = Variable(expected + Tensor(padded.value.elements.map { $0 == 0 ? .nan : 0 }).reshaped(to: [5, 3, 2]))
    #expect(Sequences(padded: dirty, lengths: [2, 0, 2, 1, 0]).values.value[2, 0] == 3)
    // Sequences of one length are the same elements in another shape.
    let whole = Sequences(padded: padded)
    #expect(whole.lengths == [3, 3, 3, 3, 3] && whole.padded.value == expected)
    #expect(
      Sequences(padded: Variable(Tensor<Double>([[1, 2], [3, 4]])), lengths: [1, 2]).values.value == Tensor([1, 3, 4]))
  }

  @Test func gradients() {
    var generator = RandomGenerator(seed: 3)
    let check = checkGradients(at: [generator.tensor([6, 2], of: Double.self), generator.tensor([3, 3, 2])]) { x in
      SampleSequences.of(x[0]).padded.exp().sum()
        + Sequences(padded: x[1], lengths: [2, 0, 3]).values.exp().sum() + x[1].sum()
    }
    #expect(check.passed, "\(check)")
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("Sequences: row splits end with 6, but there are 5 values") {
      _ = SampleSequences.of(Variable(Tensor(zeros: [5, 2])))
    },
    ProgrammingError("Sequences: a scalar is no sequence") { _ = SampleSequences.of(Variable(Tensor(3))) },
    ProgrammingError("Sequences: row splits end with 6, but there are 3 values") {
      _ = SampleSequences.numbers.map { $0.slice(0..<3, axis: 0) }
    },
    ProgrammingError("Sequences: shape [2], expected [b, t, …]") {
      _ = Sequences<Double>(padded: Variable(Tensor([1, 2])))
    },
    ProgrammingError("Sequences: 1 lengths for shape [2, 3]") {
      _ = Sequences<Double>(padded: Variable(Tensor(zeros: [2, 3])), lengths: [1])
    },
    ProgrammingError("Sequences: length 4 of sequence 1 is not in 0...3") {
      _ = Sequences<Double>(padded: Variable(Tensor(zeros: [2, 3])), lengths: [1, 4])
    },
    ProgrammingError(
      "Sequences: 2 padded sequences of 1500000000 elements, expected at most 2147483647 elements"
    ) {
      _ = Sequences<Double>(padded: Variable(Tensor(zeros: [2, 1_500_000_000, 0])))
    },
  ]
}
