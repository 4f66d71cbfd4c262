import SliceGradKernels

/// Adam for tables: it updates the rows that have a gradient, and their moments, and no other.
///
/// For each such row: m := β₁ m + (1 − β₁) g;  v := β₂ v + (1 − β₂) g²;
/// θ := θ − learningRate · m̂ / (√v̂ + ε)  with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).
///
/// Rows without a gradient stay as they are, to the bit, and so do their moments; Adam would move them on by their
/// momentum. With every row touched it is `Adam`, bit for bit. `torch.optim.SparseAdam` is this rule with
/// `epsilonPlacement: .uncorrected`. DGL's `SparseAdam` counts t for each row, as `biasCorrection: .activeSteps`.
///
/// What t counts matters for rare rows, late in training. Their moments are as young as in Adam's first steps, but
/// under `.globalStep` they are no longer corrected for that: the first step of such a row is (1 − β₁) / √(1 − β₂) =
/// 3.2 times as long as under `.activeSteps`, its tenth 6.5 times, its thousandth 1.26 times. Take `.globalStep` to
/// reproduce PyTorch, and where rare rows shall learn fast; `.activeSteps` where they shall learn no faster than
/// frequent ones.
public struct SparseAdam<Scalar: TensorScalar>: Optimizer {
  public typealias Gradient = IndexedSlices<Scalar>

  /// What t counts.
  public enum BiasCorrection: String, Hashable, Sendable, CaseIterable {
    /// The table's updates, those with an empty gradient included.
    case globalStep
    /// For each row, the updates in which it had a gradient.
    case activeSteps
  }

  /// Where ε is added.
  public enum EpsilonPlacement: String, Hashable, Sendable, CaseIterable {
    /// learningRate · m̂ / (√v̂ + ε): Kingma and Ba, Algorithm 1.
    case corrected
    /// learningRate · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε): `torch.optim.SparseAdam`, and Kingma and Ba's remark
    /// before their section 2.1.
    case uncorrected
  }

  /// The moments of a table's touched rows and the number of the table's updates.
  public struct State: Sendable {
    /// The updates so far.
    public internal(set) var step = 0
    /// For each touched row its m `[d]`, then its v `[d]`.
    public internal(set) var moments: RowState<Scalar>

    /// A row's m `[d]`; nil if it was never touched.
    public func firstMoment(ofRow row: Int) -> ArraySlice<Scalar>? {
      moments[row: row].map { $0.prefix($0.count / 2) }
    }

    /// A row's v `[d]`; nil if it was never touched.
    public func secondMoment(ofRow row: Int) -> ArraySlice<Scalar>? {
      moments[row: row].map { $0.suffix($0.count / 2) }
    }
  }

  let learningRate: Double
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let biasCorrection: BiasCorrection
  let epsilonPlacement: EpsilonPlacement
  let maximizes: Bool

  /// The rule with these hyperparameters. Traps on one out of its range.
  ///
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - beta1: the decay of the first moment, in `0..<1`.
  ///   - beta2: the decay of the second moment, in `0..<1`.
  ///   - epsilon: 0 or more.
  ///   - biasCorrection: what t counts.
  ///   - epsilonPlacement: where ε is added.
  ///   - maximize: whether to climb instead.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    biasCorrection: BiasCorrection = .globalStep, epsilonPlacement: EpsilonPlacement = .corrected,
    maximize: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.biasCorrection = biasCorrection
    self.epsilonPlacement = epsilonPlacement
    maximizes = maximize
    check(learningRate, "learningRate", in: 0..<(.infinity))
    check(beta1, "beta1", in: 0..<1)
    check(beta2, "beta2", in: 0..<1)
    check(epsilon, "epsilon", in: 0..<(.infinity))
  }

  public func initialState(for shape: Shape) -> State {
    State(moments: RowState(tableShape: shape, width: 2 * shape[1]))
  }

  @specialized(where Scalar == Float)
  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: IndexedSlices<Scalar>, state: inout State,
    learningRateFactor: Double
  ) {
    state.step += 1
    let rate = learningRate * learningRateFactor
    let step = state.step
    gradient.withRows(of: &parameter) { table, g, rows in
      let columns = gradient.denseShape[1]
      state.moments.touch(rows) { rows in
        let steps =
          switch biasCorrection {
          case .globalStep: [coefficients(rate, step)]
          case .activeSteps: (rows.first..<rows.end).map { coefficients(rate, Int(rows.touches![$0])) }
          }
        steps.withUnsafeBufferPointer { steps in
          rows.share(columns: columns) {
            Scalar.Kernels.adamRows(table, g, $0, steps.baseAddress!, biasCorrection == .activeSteps, columns)
          }
        }
      }
    }
  }

  private func coefficients(_ rate: Double, _ t: Int) -> SliceGradAdam {
    var step = SliceGradAdam(rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, step: t, maximizes: maximizes)
    if epsilonPlacement == .uncorrected {
      step.stepSize /= step.rootScale
      step.rootScale = 1
    }
    return step
  }
}
