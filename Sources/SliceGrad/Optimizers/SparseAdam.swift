import SliceGradKernels

/// Adam for tables: it updates the rows that have a gradient, and their moments, and no other.
///
/// For each such row: m := β₁ m + (1 − β₁) g;  v := β₂ v + (1 − β₂) g²;
/// θ := θ − learningRate · m̂ / (√v̂ + ε)  with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).
///
///     let rule = SparseAdam<Double>(learningRate: 0.5, epsilon: 0)
///     var (table, state) = (Tensor<Double>([[1, 1], [1, 1]]), rule.initialState(for: [2, 2]))
///     let gradient = IndexedSlices<Double>(indices: [1], values: Tensor([[3, -4]]), denseShape: [2, 2])
///     rule.update(&table, with: gradient, state: &state)
///     print(table.elements)  // [1.0, 1.0, 0.5, 1.5]
///
/// Rows without a gradient stay as they are, to the bit, and so do their moments, whereas Adam would move them on by
/// their momentum. (When a row next has a gradient, `inactiveRows: .decayed` lets its moments decay for the steps that
/// it has missed, and `weightDecay: .caughtUp` the row itself.) If every row has a gradient in every step, it is
/// `Adam`, bit for bit.
///
/// `torch.optim.SparseAdam` is this rule with `epsilonPlacement: .uncorrected`. DGL's `SparseAdam` counts t for each
/// row, as with `biasCorrection: .activeSteps`, and so does FBGEMM's Adam with its row-wise bias correction. Without
/// that, FBGEMM's is the default here, with `weightDecay: .touchedRows`. Keras has no sparse Adam: its Adam decays all
/// moments, as `inactiveRows: .decayed` does when a row next has a gradient, but also moves all rows by them.
///
/// What t counts matters for rare rows, late in training. Their moments are as young as in Adam's first steps, but
/// under `.globalStep` they are no longer corrected for that: the first step of such a row is (1 − β₁) / √(1 − β₂) =
/// 3.2 times as long as under `.activeSteps`, its tenth 6.5 times, its thousandth 1.26 times. Take `.globalStep` to
/// reproduce PyTorch, and where rare rows should learn fast; take `.activeSteps` where they should learn no faster than
/// frequent ones.
///
/// Source: Kingma and Ba, “Adam: A Method for Stochastic Optimization” (2015).
public struct SparseAdam<Scalar: TensorScalar>: Optimizer {
  public typealias Gradient = IndexedSlices<Scalar>

  /// 0 or more.
  public let learningRate: Double
  /// β₁, the decay of the first moment, in `0..<1`.
  public let beta1: Double
  /// β₂, the decay of the second moment, in `0..<1`.
  public let beta2: Double
  /// ε, 0 or more.
  public let epsilon: Double
  /// What t counts.
  public let biasCorrection: BiasCorrection
  /// Where ε is added.
  public let epsilonPlacement: EpsilonPlacement
  /// What becomes of the moments of rows without a gradient.
  public let inactiveRows: InactiveRows
  /// How the weights decay; λ is 0 or more, and learningRate · λ is below 1 in every update.
  public let weightDecay: RowWeightDecay
  /// Whether a row's largest v so far takes the place of v (Reddi, Kale and Kumar, “On the Convergence of Adam and
  /// Beyond”, 2018).
  public let amsgrad: Bool

  /// The rule with these hyperparameters. Traps if one is out of its range, and on `.decayed` with `.activeSteps`:
  /// moments that decay as Adam's do are as old as Adam's, and have to be corrected by the global step.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    biasCorrection: BiasCorrection = .globalStep, epsilonPlacement: EpsilonPlacement = .corrected,
    inactiveRows: InactiveRows = .frozen, weightDecay: RowWeightDecay = .none, amsgrad: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.biasCorrection = biasCorrection
    self.epsilonPlacement = epsilonPlacement
    self.inactiveRows = inactiveRows
    self.weightDecay = weightDecay
    self.amsgrad = amsgrad
    checkHyperparameters()
  }

  public func checkHyperparameters() {
    check(["learningRate": learningRate, "epsilon": epsilon, "weightDecay": weightDecay.lambda ?? 0])
    check(["beta1": beta1, "beta2": beta2], in: 0..<1)
    checkDecay(rate: learningRate)
    require(
      inactiveRows == .frozen || biasCorrection == .globalStep,
      "SparseAdam: inactiveRows .decayed needs biasCorrection .globalStep: its moments are as old as Adam's")
  }

  private func checkDecay(rate: Double) {
    let decay = rate * (weightDecay.lambda ?? 0)
    require(decay < 1, "SparseAdam: learningRate · weightDecay is \(decay), not below 1")
  }

  public var rowChanges: RowChanges { if case .caughtUp = weightDecay { .postponed } else { .withGradient } }

  public func initialState(for shape: Shape) -> State {
    State(
      tableShape: shape, amsgrad: amsgrad, decaysMoments: inactiveRows == .decayed,
      catchesUp: rowChanges == .postponed)
  }

  @specialized(where Scalar == Float)
  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: IndexedSlices<Scalar>, state: inout State,
    learningRateFactor: Double
  ) {
    state.step += 1
    let rate = learningRate * learningRateFactor
    let decayBefore = state.decay
    checkDecay(rate: rate)
    state.moments.check(parameter.shape)
    if state.rowDecays != nil { state.decay += log1p(-rate * (weightDecay.lambda ?? 0)) }
    gradient.withRows(of: &parameter) { table, g, rows in
      let touched = state.moments.touch(rows)
      let steps = coefficients(of: touched, rate, decayBefore, &state)
      let columns = gradient.denseShape[1]
      state.moments.withState(of: touched) {
        $0.share(columns: columns) { Scalar.Kernels.adam(table, g, $0, steps, steps.count > 1, columns) }
      }
    }
  }

  /// The coefficients of an update: one set for all rows, or one set per row if they may differ.
  private func coefficients(
    of touched: TouchedRows, _ rate: Double, _ decayBefore: Double, _ state: inout State
  ) -> [SliceGradAdam] {
    var common = SliceGradAdam(rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, step: state.step)
    if let lambda = weightDecay.lambda { common.parameterScale = 1 - rate * lambda }
    let differ = biasCorrection == .activeSteps || state.lastSteps != nil || state.rowDecays != nil
    var steps = Array(repeating: common, count: differ ? touched.rows.count : 1)
    if biasCorrection == .activeSteps {
      for (i, count) in touched.touches.enumerated() {
        let correction = state.corrections(beta1, beta2, Int(count))
        steps[i].stepSize = rate / correction.first
        steps[i].inverseRootCorrection = correction.inverseRoot
      }
    }
    if epsilonPlacement == .uncorrected {
      for i in steps.indices {
        steps[i].stepSize /= steps[i].inverseRootCorrection
        steps[i].inverseRootCorrection = 1
      }
    }
    // Moments decay by β^(missed updates + 1).
    let missed = state.lastSteps?.note(touched, in: state.step) ?? []
    for (i, missed) in missed.enumerated() where missed > 0 {
      steps[i].beta1 = pow(beta1, Double(missed + 1))
      steps[i].beta2 = pow(beta2, Double(missed + 1))
    }
    // Rows are multiplied by the decay factors that they have missed, and by that of this update.
    state.rowDecays?.extend(to: touched.rowCount, with: state.settledDecay)
    for (i, slot) in touched.slots.enumerated() where state.rowDecays != nil {
      let rowDecay = state.rowDecays![Int(slot)]
      state.rowDecays![Int(slot)] = state.decay
      if rowDecay != decayBefore { steps[i].parameterScale = exp(state.decay - rowDecay) }
    }
    return steps
  }

  /// Multiplies every row by the decay factors that it has missed, with `weightDecay: .caughtUp`.
  ///
  /// - Complexity: O(v d).
  public func settle(_ parameter: inout Tensor<Scalar>, state: inout State) {
    state.moments.check(parameter.shape)
    guard let rowDecays = state.rowDecays, parameter.count > 0 else { return }
    let (rowCount, columns) = (parameter.shape[0], parameter.shape[1])
    parameter.withMutablePointer { table in
      for row in 0..<rowCount {
        // Rows that were never touched are as settled as the whole.
        let settled = state.moments.slot(ofRow: row).map { rowDecays[$0] } ?? state.settledDecay
        guard settled != state.decay else { continue }
        let values = table + row * columns
        Scalar.Kernels.affine(Scalar(exp(state.decay - settled)), values, -0.0, values, 0, columns)
      }
    }
    state.settledDecay = state.decay
    state.rowDecays = Array(repeating: state.decay, count: rowDecays.count)
  }
}
