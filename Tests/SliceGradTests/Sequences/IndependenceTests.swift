import SliceGrad
import Testing

/// A sequence's results, and the gradients of its elements, have in a batch the bits that they have alone: in batches
/// of one length, where nothing has to be padded, and of several.
@Suite struct IndependenceTests {
  struct Subject: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Results for each sequence: for its elements, for windows over it, or one.
    let results: @Sendable (Sequences<Float>) -> Sequences<Float>

    init(_ name: String, _ results: @escaping @Sendable (Sequences<Float>) -> Sequences<Float>) {
      (testDescription, self.results) = (name, results)
    }

    /// A function that returns one row for each sequence.
    static func pooling(
      _ name: String, _ rows: @escaping @Sendable (Sequences<Float>) -> Variable<Float>
    ) -> Subject {
      Subject(name) { x in Sequences(values: rows(x), rowSplits: [Int32](0...Int32(x.count))) }
    }
  }

  static var subjects: [Subject] {
    var generator = RandomGenerator(seed: 1)
    let gru = GRU<Float>(inputs: 6, hidden: 5, isBidirectional: true, using: &generator)
    let lstm = LSTM<Float>(inputs: 6, hidden: 5, isBidirectional: true, using: &generator)
    let same = Conv1D<Float>(inputs: 6, outputs: 4, length: 3, padding: .same, using: &generator)
    let strided = Conv1D<Float>(inputs: 6, outputs: 4, length: 2, stride: 2, padding: .causal, using: &generator)
    let attention = MultiHeadAttention<Float>(columns: 6, heads: 2, using: &generator)
    let block = TransformerBlock<Float>(columns: 6, heads: 3, hidden: 7, using: &generator)
    let field = ConditionalRandomField<Float>(tags: 6, using: &generator)
    return [
      Subject("GRU") { gru($0).outputs },
      Subject("LSTM") { lstm($0).outputs },
      Subject("convolution") { same($0) },
      Subject("strided convolution") { strided($0) },
      .pooling("maxima of convolutions") { same.maximum(over: $0) },
      Subject("windows") { $0.windows(length: 3, stride: 2, padding: .same) },
      .pooling("sums") { $0.sum() },
      .pooling("means") { $0.mean() },
      .pooling("maxima") { $0.max() },
      .pooling("attention pooling") { x in x.sum(weights: x.map { $0.slice(0..<1, axis: 1) }.softmax().values) },
      Subject("expanded") { x in x.map { $0 * x.expanding(x.max()) } },
      Subject("padded") { x in Sequences(padded: x.padded, lengths: x.lengths) },
      Subject("attention") { attention($0) },
      Subject("causal attention") { attention($0, isCausal: true) },
      Subject("block") { block($0) },
      .pooling("losses of tags") { x in
        let tags = [Int32](repeating: 1, count: x.values.shape[0])
        return field.negativeLogLikelihood(x, RaggedIndices(values: tags, rowSplits: x.rowSplits), reduction: .none)
      },
      Subject("probabilities of tags") { x in x.map { $0 * field.marginals(x) } },
      Subject("best tags") { x in
        x.map { $0 * Tensor(field.bestTags(x).tags.values.map { Float($0) }).reshaped(to: [x.values.shape[0], 1]) }
      },
    ]
  }

  @Test(arguments: subjects, [[4, 4, 4], [1, 1], [3, 0, 5, 1, 2], [70, 0, 1, 33, 130]])
  func resultsAreThoseOfASequenceAlone(_ subject: Subject, lengths: [Int]) {
    var generator = RandomGenerator(seed: 2)
    let parts = lengths.map { generator.tensor([$0, 6], of: Float.self) }
    func compute(_ parts: [Tensor<Float>]) -> (results: Tensor<Float>, splits: [Int32], gradient: Tensor<Float>) {
      let splits = parts.reduce(into: [Int32(0)]) { $0.append($0.last! + Int32($1.shape[0])) }
      var (results, resultSplits) = (Tensor<Float>(0), splits)
      let gradients = valueWithGradients(at: [Tensor.concatenate(parts, axis: 0)]) { x in
        let found = subject.results(Sequences(values: x[0], rowSplits: splits))
        (results, resultSplits) = (found.values.value, found.rowSplits)
        return found.values.square().sum()
      }.gradients
      return (results, resultSplits, gradients[0])
    }
    let all = compute(parts)
    var first = 0
    for (i, part) in parts.enumerated() {
      let alone = compute([part])
      let range = Int(all.splits[i])..<Int(all.splits[i + 1])
      #expect(all.results.slice(range, axis: 0).hasSameBits(as: alone.results))
      #expect(all.gradient.slice(first..<first + part.shape[0], axis: 0).hasSameBits(as: alone.gradient))
      first += part.shape[0]
    }
  }
}
