import SliceGradKernels

/// Adam for tables: it updates the rows that have a gradient, and their moments, and no other.
///
/// For each such row: m := β₁ m + (1 − β₁) g;  v := β₂ v + (1 − β₂) g²;
/// θ := θ − learningRate · m̂ / (√v̂ + ε)  with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).
///
/// Rows without a gradient stay as they are, to the bit, and so do their moments, unless other `inactiveRows` or a
/// `weightDecay` that catches up are asked for; Adam would move them on by their momentum. With every row touched it is
/// `Adam`, bit for bit.
///
/// `torch.optim.SparseAdam` is this rule with `epsilonPlacement: .uncorrected`. DGL's `SparseAdam` counts t for each row,
/// as `biasCorrection: .activeSteps`, and so does FBGEMM's Adam with its row-wise bias correction; without it, it is the
/// default here, with `weightDecay: .touchedRows`. Keras has no sparse Adam: its Adam decays all moments, as
/// `inactiveRows: .decayed` does when a row is next seen, but moves all rows by them too.
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

  /// What becomes of the moments of rows without a gradient.
  public enum InactiveRows: String, Hashable, Sendable, CaseIterable {
    /// They stay as they are.
    case frozen
    /// When the row is next seen, its moments first decay by β^(missed updates), as Adam's would have. The row itself
    /// still moves only when it is seen.
    case decayed
  }

  /// How weights decay, decoupled from the gradient (Loshchilov and Hutter 2019).
  public enum WeightDecay: Hashable, Sendable {
    case none
    /// θ := (1 − learningRate · λ) θ for the rows that have a gradient, before their step.
    case touchedRows(Double)
    /// The same for all rows in every update, as AdamW has it, made up for when a row is next seen: θ is multiplied by
    /// the factors of the updates that it missed. `settle` makes up for all rows; call `ModelOptimizer.settle` before
    /// you evaluate or save the model. (A row that a step reads has missed the factors since it was last seen; that is
    /// the price for leaving the others alone.)
    case caughtUp(Double)

    /// λ, if weights decay.
    var lambda: Double? {
      switch self {
      case .none: nil
      case .touchedRows(let lambda), .caughtUp(let lambda): lambda
      }
    }
  }

  let learningRate: Double
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let biasCorrection: BiasCorrection
  let epsilonPlacement: EpsilonPlacement
  let inactiveRows: InactiveRows
  let weightDecay: WeightDecay
  let isAMSGrad: Bool
  let maximizes: Bool

  /// The rule with these hyperparameters. Traps on one out of its range, and on `.decayed` with `.activeSteps`: moments
  /// that decay as Adam's are as old as Adam's, and so are to be corrected by the global step.
  ///
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - beta1: the decay of the first moment, in `0..<1`.
  ///   - beta2: the decay of the second moment, in `0..<1`.
  ///   - epsilon: 0 or more.
  ///   - biasCorrection: what t counts.
  ///   - epsilonPlacement: where ε is added.
  ///   - inactiveRows: what becomes of the moments of rows without a gradient.
  ///   - weightDecay: λ is 0 or more, and learningRate · λ below 1 in every update.
  ///   - amsgrad: whether a row's largest second moment so far divides (Reddi, Kale and Kumar 2018).
  ///   - maximize: whether to climb instead.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    biasCorrection: BiasCorrection = .globalStep, epsilonPlacement: EpsilonPlacement = .corrected,
    inactiveRows: InactiveRows = .frozen, weightDecay: WeightDecay = .none, amsgrad: Bool = false,
    maximize: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.biasCorrection = biasCorrection
    self.epsilonPlacement = epsilonPlacement
    self.inactiveRows = inactiveRows
    self.weightDecay = weightDecay
    isAMSGrad = amsgrad
    maximizes = maximize
    check(learningRate, "learningRate", in: 0..<(.infinity))
    check(beta1, "beta1", in: 0..<1)
    check(beta2, "beta2", in: 0..<1)
    check(epsilon, "epsilon", in: 0..<(.infinity))
    if let lambda = weightDecay.lambda {
      check(lambda, "weightDecay", in: 0..<(.infinity))
      require(
        learningRate * lambda < 1, "SparseAdam: learningRate · weightDecay is \(learningRate * lambda), not below 1")
    }
    require(
      inactiveRows == .frozen || biasCorrection == .globalStep,
      "SparseAdam: inactiveRows .decayed needs biasCorrection .globalStep: its moments are as old as Adam's")
  }

  public var rowChanges: RowChanges { if case .caughtUp = weightDecay { .postponed } else { .withGradient } }

  public func initialState(for shape: Shape) -> State {
    State(
      tableShape: shape, isAMSGrad: isAMSGrad, decaysMoments: inactiveRows == .decayed,
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
    if let lambda = weightDecay.lambda {
      require(rate * lambda < 1, "SparseAdam: learningRate · weightDecay is \(rate * lambda), not below 1")
      if state.rowDecays != nil { state.decay += log1p(-rate * lambda) }
    }
    gradient.withRows(of: &parameter) { table, g, rows in
      let touched = state.moments.touch(rows)
      let steps = coefficients(of: touched, rate, decayBefore, &state)
      let columns = gradient.denseShape[1]
      state.moments.withState(of: touched) { rows in
        steps.withUnsafeBufferPointer { steps in
          rows.share(columns: columns) {
            Scalar.Kernels.adamRows(table, g, $0, steps.baseAddress!, steps.count > 1, columns)
          }
        }
      }
    }
  }

  /// The coefficients of an update: one for all rows, or one for each where they differ.
  private func coefficients(
    of touched: TouchedRows, _ rate: Double, _ decayBefore: Double, _ state: inout State
  ) -> [SliceGradAdam] {
    var common = SliceGradAdam(
      rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, step: state.step, maximizes: maximizes)
    if let lambda = weightDecay.lambda { common.keep = 1 - rate * lambda }
    var steps = [common]
    if biasCorrection == .activeSteps {
      steps = touched.touches.map { count in
        var step = common
        let correction = state.corrections(beta1, beta2, Int(count))
        step.stepSize = rate / correction.first
        step.rootScale = correction.rootScale
        return step
      }
    }
    if epsilonPlacement == .uncorrected {
      for i in steps.indices {
        steps[i].stepSize /= steps[i].rootScale
        steps[i].rootScale = 1
      }
    }
    if state.lastSteps != nil { decayMoments(of: touched, state.step, &steps, &state.lastSteps!) }
    if state.rowDecays != nil { catchUp(touched, from: decayBefore, &steps, &state) }
    return steps
  }

  /// Lets the coefficients decay the moments by β^(missed updates + 1).
  private func decayMoments(
    of touched: TouchedRows, _ step: Int, _ steps: inout [SliceGradAdam], _ lastSteps: inout [Int32]
  ) {
    steps.extend(to: touched.rows.count)
    for (i, missed) in lastSteps.note(touched, in: step).enumerated() where missed > 0 {
      steps[i].beta1 = pow(beta1, Double(missed + 1))
      steps[i].beta2 = pow(beta2, Double(missed + 1))
    }
  }

  /// Lets the coefficients multiply each row by the factors that it has missed, and by this update's.
  private func catchUp(
    _ touched: TouchedRows, from decayBefore: Double, _ steps: inout [SliceGradAdam], _ state: inout State
  ) {
    steps.extend(to: touched.rows.count)
    state.rowDecays!.extend(to: touched.rowCount, with: state.settledDecay)
    for (i, slot) in touched.slots.enumerated() {
      let rowDecay = state.rowDecays![Int(slot)]
      state.rowDecays![Int(slot)] = state.decay
      if rowDecay != decayBefore { steps[i].keep = exp(state.decay - rowDecay) }
    }
  }

  /// Multiplies every row by the decay factors that it has missed, with `weightDecay: .caughtUp`. O(v d).
  public func settle(_ parameter: inout Tensor<Scalar>, state: inout State) {
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

extension [SliceGradAdam] {
  /// Repeats a single element, to have one for each row.
  fileprivate mutating func extend(to count: Int) { if self.count == 1 { extend(to: count, with: self[0]) } }
}
