/// Attention with learnt queries, keys and values: each element of a sequence gathers what it needs from the elements
/// of a sequence.
///
/// Queries, keys and values are linear functions of the elements, q = x W_qᵀ + b_q and so on. Each of the heads, which
/// get d / heads columns each, attends on its own; see `attention`. The result is a linear function of what all heads
/// have found.
///
/// Attention doesn't see the order of the elements: add their `Sequences.positions` first, as rows of a table.
///
/// Weights, their order and names are PyTorch's, so that the `state_dict` of a `torch.nn.MultiheadAttention` can be
/// loaded, if it has biases and queries, keys and values of one size, as by default.
///
///     let layer = MultiHeadAttention<Float>(columns: 8, heads: 2, using: &generator)
///     let texts = Sequences(values: Variable(Tensor<Float>(ones: [5, 8])), rowSplits: [0, 2, 2, 5])
///     print(layer(texts).values.shape)  // [5, 8]
///     print(layer.parameterNames)
///     // ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]
///     print(layer)  // MultiHeadAttention(8, 2 heads)
///
/// - Input: sequences of n elements altogether, `[n, d]`.
/// - Output: sequences of the same lengths, `[n, d]`.
///
/// Source: Vaswani et al., “Attention Is All You Need” (2017), section 3.2.2.
public struct MultiHeadAttention<Scalar: TensorScalar>: Module, Equatable, CustomStringConvertible {
  /// W_q, W_k and W_v below each other, `[3 d, d]`.
  public var inputWeight: Parameter<Scalar>

  /// b_q, b_k and b_v, `[3 d]`.
  public var inputBias: Parameter<Scalar>

  /// From what the heads have found to the result, `[d]` to `[d]`.
  public var output: Dense<Scalar>

  /// How many heads there are.
  public let heads: Int

  /// A layer for d = `columns` with weights from `glorotUniform`, over all three together, weights of the output that
  /// are uniformly distributed in ±1/√d, and biases of 0. Traps unless there are one or more heads and columns, and the
  /// former divide the latter.
  public init(columns: Int, heads: Int, using generator: inout RandomGenerator) {
    require(
      columns > 0 && heads > 0 && columns % heads == 0,
      "MultiHeadAttention: \(heads) heads for \(columns) columns, expected a divisor of them")
    self.heads = heads
    inputWeight = Parameter(.glorotUniform([3 * columns, columns], using: &generator))
    inputBias = Parameter(Tensor(zeros: [3 * columns]))
    let bound = 1 / Scalar(columns).squareRoot()
    output = Dense(
      weight: Tensor(uniform: [columns, columns], in: -bound..<bound, using: &generator),
      bias: Tensor(zeros: [columns]))
  }

  /// Self-attention: elements attend to those of their own sequence, or if it `isCausal`, to themselves and those
  /// before. Traps unless elements have the shape `[n, d]`.
  @specialized(where Scalar == Float)
  public func callAsFunction(_ sequences: Sequences<Scalar>, isCausal: Bool = false) -> Sequences<Scalar> {
    check(sequences)
    let inputs = sequences.values.linear(weight: inputWeight.variable, bias: inputBias.variable)
    let heads = AttentionHeads(
      count: heads, isCausal: isCausal, querySplits: sequences.rowSplits, keySplits: sequences.rowSplits,
      queries: columns(0, of: 0), keys: columns(1, of: 0), values: columns(2, of: 0))
    return Sequences(values: output(heads.attention(in: [inputs])), rowSplits: sequences.rowSplits)
  }

  /// Cross-attention: elements attend to those of the sequence in `others` that has the same number, all of them or, if
  /// it `isCausal`, element i to those of 0...i. Traps unless elements have the shape `[n, d]` and there are as many
  /// others.
  ///
  ///     let layer = MultiHeadAttention<Float>(columns: 8, heads: 2, using: &generator)
  ///     let questions = Sequences(values: Variable(Tensor<Float>(ones: [3, 8])), rowSplits: [0, 1, 3])
  ///     let texts = Sequences(values: Variable(Tensor<Float>(ones: [9, 8])), rowSplits: [0, 2, 9])
  ///     print(layer(questions, attendingTo: texts).values.shape)  // [3, 8]
  @specialized(where Scalar == Float)
  public func callAsFunction(
    _ sequences: Sequences<Scalar>, attendingTo others: Sequences<Scalar>, isCausal: Bool = false
  ) -> Sequences<Scalar> {
    check(sequences)
    check(others)
    require(
      others.count == sequences.count,
      "MultiHeadAttention: \(sequences.count) sequences attend to \(others.count), expected as many")
    let sizes = [output.weight.shape[0], 2 * output.weight.shape[0]]
    let (weights, biases) = (
      inputWeight.variable.split(sizes: sizes, axis: 0), inputBias.variable.split(sizes: sizes, axis: 0)
    )
    let heads = AttentionHeads(
      count: heads, isCausal: isCausal, querySplits: sequences.rowSplits, keySplits: others.rowSplits,
      queries: columns(0, of: 0), keys: columns(0, of: 1), values: columns(1, of: 1))
    let found = heads.attention(in: [
      sequences.values.linear(weight: weights[0], bias: biases[0]),
      others.values.linear(weight: weights[1], bias: biases[1]),
    ])
    return Sequences(values: output(found), rowSplits: sequences.rowSplits)
  }

  /// The columns of part 0, 1 or 2 of a matrix.
  private func columns(_ part: Int, of matrix: Int) -> AttentionHeads.Columns {
    let d = output.weight.shape[0]
    return AttentionHeads.Columns(matrix: matrix, range: part * d..<(part + 1) * d)
  }

  private func check(_ sequences: Sequences<Scalar>) {
    let (shape, d) = (sequences.values.shape, output.weight.shape[0])
    require(
      shape.rank == 2 && shape[1] == d, "MultiHeadAttention: elements of shape \(shape), expected [n, \(d)]")
  }

  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&inputWeight, "in_proj_weight")
    visit(&inputBias, "in_proj_bias")
    visit(&output, "out_proj")
  }

  public var description: String { "MultiHeadAttention(\(output.weight.shape[0]), \(heads) heads)" }
}
