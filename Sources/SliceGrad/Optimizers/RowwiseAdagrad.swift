import SliceGradKernels

/// Adagrad with one number per row, for large tables whose optimizer should take hardly any memory.
///
/// g := g + weightDecay · θ;  a := a + Σ g² / d over the row's d columns;  θ := θ − learningRate · g / (√a + ε).
///
///     let rule = RowwiseAdagrad<Double>(learningRate: 0.5, epsilon: 0)
///     var (table, state) = (Tensor<Double>([[1, 1], [1, 1]]), rule.initialState(for: [2, 2]))
///     let gradient = IndexedSlices<Double>(indices: [1], values: Tensor([[1, 7]]), denseShape: [2, 2])
///     rule.update(&table, with: gradient, state: &state)  // by g / √25
///     print(table.elements)  // [1.0, 1.0, 0.9, 0.29999999999999993]
///
/// It is FBGEMM's `EXACT_ROWWISE_ADAGRAD`, with which recommendation models are trained; PyTorch and Keras have no such
/// rule. For a table of 1,000,000 × 64 it keeps at most 24 bytes per row, where `SparseAdam` keeps 524.
///
/// Source: Mudigere et al., “Software-Hardware Co-design for Fast and Scalable Training of Deep Learning Recommendation
/// Models” (2022).
public struct RowwiseAdagrad<Scalar: TensorScalar>: Optimizer {
  public typealias Gradient = IndexedSlices<Scalar>

  /// The sums of mean squares of a table's touched rows.
  public struct State: Restorable {
    /// a, one number for each touched row.
    public internal(set) var sumOfSquares: RowState<Scalar>

    public mutating func visitFields(_ visit: inout FieldVisitor) { visit(&sumOfSquares, "sumOfSquares") }
  }

  /// 0 or more.
  public let learningRate: Double
  /// An L2 penalty, 0 or more, of the rows that have a gradient.
  public let weightDecay: Double
  /// What a starts with, 0 or more.
  public let initialAccumulator: Double
  /// ε, 0 or more.
  public let epsilon: Double

  /// The rule with these hyperparameters. Traps if one is out of its range.
  public init(
    learningRate: Double = 1e-2, weightDecay: Double = 0, initialAccumulator: Double = 0, epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.initialAccumulator = initialAccumulator
    self.epsilon = epsilon
    checkHyperparameters()
  }

  public func checkHyperparameters() {
    check(["learningRate": learningRate, "weightDecay": weightDecay])
    check(["initialAccumulator": initialAccumulator, "epsilon": epsilon])
  }

  public func initialState(for shape: Shape) -> State {
    State(sumOfSquares: RowState(tableShape: shape, width: 1, initialValue: Scalar(initialAccumulator)))
  }

  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: IndexedSlices<Scalar>, state: inout State,
    learningRateFactor: Double
  ) {
    let step = SliceGradRowwiseAdagrad(
      rate: learningRate * learningRateFactor, epsilon: epsilon, weightDecay: weightDecay)
    state.sumOfSquares.apply(gradient, to: &parameter) { Scalar.Kernels.rowwiseAdagrad($0, $1, $2, step, $3) }
  }
}
