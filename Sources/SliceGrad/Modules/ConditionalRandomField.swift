/// A linear-chain conditional random field: probabilities of whole sequences of tags, in which it counts which tag
/// follows which.
///
/// For elements with emissions x, `[n, k]`, a layer's scores of the k tags, the score of the tags y of a sequence and
/// their probability among all kⁿ sequences of tags are
///
/// ```text
/// score(x, y) = start[y₁] + Σ x[t, y_t] + Σ transitions[y_t, y_(t+1)] + end[y_n]
/// p(y | x) = e^score(x, y) / Σ over y′ of e^score(x, y′)
/// ```
///
/// Parameters, their names and first values are those of pytorch-crf.
///
///     let field = ConditionalRandomField<Double>(
///       transitions: Tensor([[1, -1], [-1, 1]]), start: Tensor([0, 0]), end: Tensor([0, 0]))
///     let texts = Sequences(values: Variable(Tensor<Double>([[2, 0], [0, 1], [2, 0], [0, 1]])), rowSplits: [0, 3, 4])
///     print(field.negativeLogLikelihood(texts, [0, 0, 0, 1]).value)  // 0.262618
///     print(field.bestTags(texts).tags.values, field.bestTags(texts).scores)  // [0, 0, 0, 1] [6, 1]
///     print(field)  // ConditionalRandomField(2 tags)
///
/// Alone, the second element would be a 1. Its neighbours and the transitions make it a 0.
///
/// A transition or a tag that can't be has the score −∞, or a very negative one: its probability and its gradient are 0
/// then. Scores of ±1e4 and sequences of 10,000 elements are no problem. A sequence of which all tags are forbidden has
/// a loss of NaN.
///
/// Sources: Lafferty, McCallum and Pereira, “Conditional Random Fields: Probabilistic Models for Segmenting and
/// Labeling Sequence Data” (2001), equation 1; forward–backward and Viterbi algorithms: Rabiner, “A Tutorial on Hidden
/// Markov Models and Selected Applications in Speech Recognition” (1989), equations 18–27 and 30–35.
public struct ConditionalRandomField<Scalar: TensorScalar>: Module, Equatable, CustomStringConvertible {
  /// The scores of the first tag, `[k]`.
  public var start: Parameter<Scalar>

  /// The scores of the last tag, `[k]`.
  public var end: Parameter<Scalar>

  /// The scores of each tag (row) being followed by each tag (column), `[k, k]`.
  public var transitions: Parameter<Scalar>

  /// A field for k `tags` with scores that are uniformly distributed in ±0.1. Traps unless there are one or more tags.
  public init(tags: Int, using generator: inout RandomGenerator) {
    require(tags > 0, "ConditionalRandomField: \(tags) tags, expected 1 or more")
    func scores(_ shape: Shape) -> Tensor<Scalar> { Tensor(uniform: shape, in: -0.1..<0.1, using: &generator) }
    let (start, end) = (scores([tags]), scores([tags]))
    self.init(transitions: scores([tags, tags]), start: start, end: end)
  }

  /// A field with these scores: `[k, k]`, `[k]` and `[k]` for one or more tags. Traps if the shapes don't fit.
  public init(transitions: Tensor<Scalar>, start: Tensor<Scalar>, end: Tensor<Scalar>) {
    LinearChain<Scalar>.check(transitions: transitions.shape, start: start.shape, end: end.shape)
    (self.start, self.end, self.transitions) = (Parameter(start), Parameter(end), Parameter(transitions))
  }

  /// −log p(tags | emissions): what training minimizes. That of an empty sequence is 0.
  ///
  /// - Parameters:
  ///   - emissions: of n elements, `[n, k]`. Traps if they have another shape.
  ///   - tags: one for each element, in `0..<k`. Traps on other tags, and on another number of them.
  ///   - reduction: over the sequences. If there are none, the mean is NaN.
  /// - Returns: a scalar, or with reduction `none` one loss per sequence, `[count]`.
  /// - Complexity: O(n k²) time, in the way back as well; O(n k + k²) memory.
  @specialized(where Scalar == Float)
  public func negativeLogLikelihood(
    _ emissions: Sequences<Scalar>, _ tags: [Int32], reduction: LossReduction = .mean
  ) -> Variable<Scalar> {
    emissions.negativeLogLikelihood(
      of: tags, transitions: transitions.variable, start: start.variable, end: end.variable, reduction: reduction)
  }

  /// The same for the tags of each sequence. Traps unless they are as long as the sequences.
  @specialized(where Scalar == Float)
  public func negativeLogLikelihood(
    _ emissions: Sequences<Scalar>, _ tags: RaggedIndices, reduction: LossReduction = .mean
  ) -> Variable<Scalar> {
    tags.requireNoCounts(in: "ConditionalRandomField")
    require(
      tags.rowSplits == emissions.rowSplits,
      "ConditionalRandomField: the tags' row splits differ from those of the emissions")
    return negativeLogLikelihood(emissions, tags.values, reduction: reduction)
  }

  /// The probability of each tag at each element, given all emissions of its sequence: `[n, k]`, whose rows sum to 1.
  ///
  ///     let field = ConditionalRandomField<Double>(
  ///       transitions: Tensor([[0, 0], [0, -Double.infinity]]), start: Tensor([0, 0]), end: Tensor([0, 0]))
  ///     let text = Sequences(values: Variable(Tensor<Double>(zeros: [2, 2])), rowSplits: [0, 2])
  ///     print(field.marginals(text))  // [[0.666667, 0.333333],
  ///                                   //  [0.666667, 0.333333]]
  ///
  /// Of 00, 01, 10 and 11, the last one can't be. No gradient flows through them. Traps unless the emissions are
  /// `[n, k]`.
  ///
  /// - Complexity: O(n k²) time, O(n k + k²) memory.
  @specialized(where Scalar == Float)
  public func marginals(_ emissions: Sequences<Scalar>) -> Tensor<Scalar> { chain(emissions).marginals() }

  /// The tags of each sequence that are the most probable together, and their scores `[count]`, by the Viterbi
  /// algorithm. Of several with the same score, those that have the lowest last tag, then the lowest one before it, and
  /// so on. An empty sequence has no tags and the score 0. Traps unless the emissions are `[n, k]`.
  ///
  /// - Complexity: O(n k²) time, O(n k + k²) memory.
  @specialized(where Scalar == Float)
  public func bestTags(_ emissions: Sequences<Scalar>) -> (tags: RaggedIndices, scores: Tensor<Scalar>) {
    let (tags, scores) = chain(emissions).best()
    return (RaggedIndices(values: tags, rowSplits: emissions.rowSplits), scores)
  }

  private func chain(_ emissions: Sequences<Scalar>) -> LinearChain<Scalar> {
    LinearChain(emissions, transitions: transitions.value, start: start.value, end: end.value)
  }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&start, "start_transitions")
    visit(&end, "end_transitions")
    visit(&transitions, "transitions")
  }

  public var description: String { "ConditionalRandomField(\(start.shape[0]) tags)" }
}
