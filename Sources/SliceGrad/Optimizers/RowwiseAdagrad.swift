import SliceGradKernels

/// Adagrad with one number a row: for large tables whose optimizer shall take hardly any memory.
///
/// g := ±g + weightDecay · θ;  a := a + Σ g² / d over the row's d columns;  θ := θ − learningRate · g / (√a + ε).
///
/// It is FBGEMM's `EXACT_ROWWISE_ADAGRAD`, which recommendation models are trained with; PyTorch and Keras have no such
/// rule. Of a table of 1,000,000 × 64 it keeps at most 24 bytes a row, where `SparseAdam` keeps 524.
public struct RowwiseAdagrad<Scalar: TensorScalar>: Optimizer {
  public typealias Gradient = IndexedSlices<Scalar>

  /// The mean sums of squares of a table's touched rows and the number of the table's updates.
  public struct State: OptimizerState {
    /// The updates so far.
    public internal(set) var step = 0
    /// For each touched row its a, one number.
    public internal(set) var sumOfSquares: RowState<Scalar>

    public mutating func visitFields(_ visitor: inout some OptimizerStateVisitor) {
      visitor.visit(&step, "step")
      visitor.visit(&sumOfSquares, "sumOfSquares")
    }
  }

  let learningRate: Double
  let weightDecay: Double
  let initialAccumulator: Double
  let epsilon: Double
  let maximizes: Bool

  /// The rule with these hyperparameters. Traps on one out of its range.
  ///
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - weightDecay: an L2 penalty of the rows that have a gradient, 0 or more.
  ///   - initialAccumulator: what a starts with, 0 or more.
  ///   - epsilon: 0 or more.
  ///   - maximize: whether to climb instead.
  public init(
    learningRate: Double = 1e-2, weightDecay: Double = 0, initialAccumulator: Double = 0, epsilon: Double = 1e-8,
    maximize: Bool = false
  ) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.initialAccumulator = initialAccumulator
    self.epsilon = epsilon
    maximizes = maximize
    check(learningRate, "learningRate", in: 0..<(.infinity))
    check(weightDecay, "weightDecay", in: 0..<(.infinity))
    check(initialAccumulator, "initialAccumulator", in: 0..<(.infinity))
    check(epsilon, "epsilon", in: 0..<(.infinity))
  }

  public func initialState(for shape: Shape) -> State {
    State(sumOfSquares: RowState(tableShape: shape, width: 1, initialValue: Scalar(initialAccumulator)))
  }

  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: IndexedSlices<Scalar>, state: inout State,
    learningRateFactor: Double
  ) {
    state.step += 1
    let step = SliceGradAdagrad(
      rate: learningRate * learningRateFactor, epsilon: epsilon, weightDecay: weightDecay, sign: maximizes ? -1 : 1)
    gradient.withRows(of: &parameter) { table, g, rows in
      let columns = gradient.denseShape[1]
      state.sumOfSquares.touch(rows, columns: columns) {
        Scalar.Kernels.rowwiseAdagradRows(table, g, $0, step, columns)
      }
    }
  }
}
