/// One vector for each bag of things, from the vectors of the things in it: a text from its words.
public struct EmbeddingBag<Scalar: TensorScalar>: Module {
  /// The vectors `[rows, columns]`.
  public var weight: EmbeddingTable<Scalar>

  /// How a bag's vectors become one.
  public var mode: BagMode

  /// A row that doesn't count.
  public var paddingIndex: Int32?

  /// A layer with vectors uniform in ±1 / columns, as fastText starts.
  public init(
    rows: Int, columns: Int, mode: BagMode = .mean, paddingIndex: Int32? = nil,
    using generator: inout RandomGenerator
  ) {
    let limit = 1 / Scalar(max(columns, 1))
    self.init(
      weight: Tensor(uniform: [rows, columns], in: -limit..<limit, using: &generator), mode: mode,
      paddingIndex: paddingIndex)
  }

  /// A layer with these vectors `[rows, columns]`.
  public init(weight: Tensor<Scalar>, mode: BagMode = .mean, paddingIndex: Int32? = nil) {
    self.weight = EmbeddingTable(weight)
    self.mode = mode
    self.paddingIndex = paddingIndex
  }

  /// `[bags, columns]`; see `EmbeddingTable.embeddingBag`.
  public func callAsFunction(
    _ bags: RaggedIndices, weights: Variable<Scalar>? = nil, on tape: Tape<Scalar>? = nil
  ) -> Variable<Scalar> {
    weight.embeddingBag(bags, mode: mode, weights: weights, paddingIndex: paddingIndex, on: tape)
  }

  public mutating func visitParameters(_ visitor: inout some ParameterVisitor<Scalar>) {
    visitor.visit(&weight, "weight")
  }
}
