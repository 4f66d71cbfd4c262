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
/// Rows without a gradient stay as they are, to the bit, and so do their moments. If every row has a gradient in every
/// step, it is `Adam`, bit for bit. Otherwise Adam would decay the moments of the other rows and move these on by their
/// momentum. What becomes of that is the choice of `inactiveRows`:
///
/// - `.frozen`, the default, leaves it out, as `torch.optim.SparseAdam` and TensorFlow Addons' `LazyAdam` do.
/// - `.decayed` lets the moments decay when the row next has a gradient, so that they are as old as Adam's.
/// - `.caughtUp` is Adam, for the price of the rows that a step reads: take it to train as with a dense table.
///
/// `torch.optim.SparseAdam` is this rule with `epsilonPlacement: .uncorrected`. DGL's `SparseAdam` counts t for each
/// row, as with `biasCorrection: .activeSteps`, and so does FBGEMM's Adam with its row-wise bias correction. Without
/// that, FBGEMM's is the default here, with `weightDecay: .touchedRows`; its partly row-wise Adam has
/// `secondMoment: .perRow`. Keras and TensorFlow have no sparse Adam: theirs goes through the whole table, and
/// `inactiveRows: .caughtUp` gives what it does.
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
  /// β₁, the decay of the first moment, in `0..<1`. With 0, m is g, and no memory is taken for it.
  public let beta1: Double
  /// β₂, the decay of the second moment, in `0..<1`.
  public let beta2: Double
  /// ε, 0 or more.
  public let epsilon: Double
  /// What t counts.
  public let biasCorrection: BiasCorrection
  /// Where ε is added.
  public let epsilonPlacement: EpsilonPlacement
  /// What becomes of rows without a gradient.
  public let inactiveRows: InactiveRows
  /// How the weights decay; λ is 0 or more, and learningRate · λ is below 1 in every update.
  public let weightDecay: RowWeightDecay
  /// Whether a row's largest v so far takes the place of v (Reddi, Kale and Kumar, “On the Convergence of Adam and
  /// Beyond”, 2018).
  public let amsgrad: Bool
  /// What v is an average of.
  public let secondMoment: SecondMoment

  /// The rule with these hyperparameters. Traps if one is out of its range, and on `.decayed` or `.caughtUp` with
  /// `.activeSteps`: moments that decay as Adam's do are as old as Adam's, and have to be corrected by the global step.
  /// With `.caughtUp`, β₁ has to be below √β₂, or 0, or `amsgrad` true. If β₁ isn't, √v decays as fast as m, and a row
  /// without a gradient goes on moving for ever.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    biasCorrection: BiasCorrection = .globalStep, epsilonPlacement: EpsilonPlacement = .corrected,
    inactiveRows: InactiveRows = .frozen, weightDecay: RowWeightDecay = .none, amsgrad: Bool = false,
    secondMoment: SecondMoment = .perElement
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
    self.secondMoment = secondMoment
    checkHyperparameters()
  }

  public func checkHyperparameters() {
    check(["learningRate": learningRate, "epsilon": epsilon, "weightDecay": weightDecay.lambda ?? 0])
    check(["beta1": beta1, "beta2": beta2], in: 0..<1)
    checkDecay(rate: learningRate)
    require(
      inactiveRows == .frozen || biasCorrection == .globalStep,
      "SparseAdam: inactiveRows .\(inactiveRows) needs biasCorrection .globalStep: its moments are as old as Adam's")
    require(
      inactiveRows != .caughtUp || amsgrad || beta1 == 0 || beta1 * (1 / beta2.squareRoot()) < 1,
      "SparseAdam: inactiveRows .caughtUp needs beta1 below √beta2, or else the steps of rows without a gradient never "
        + "end; beta1 is \(beta1), √beta2 \(beta2.squareRoot())")
  }

  func checkDecay(rate: Double) {
    let decay = rate * (weightDecay.lambda ?? 0)
    require(decay < 1, "SparseAdam: learningRate · weightDecay is \(decay), not below 1")
  }

  public var rowChanges: RowChanges {
    inactiveRows == .caughtUp || caughtUpDecay != nil ? .postponed : .withGradient
  }

  public func initialState(for shape: Shape) -> State { State(for: self, tableShape: shape) }

  @specialized(where Scalar == Float)
  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: IndexedSlices<Scalar>, state: inout State,
    learningRateFactor: Double
  ) {
    state.step += 1
    let rate = learningRate * learningRateFactor
    checkDecay(rate: rate)
    state.moments.check(parameter.shape)
    state.history?.append(rate)
    gradient.withRows(of: &parameter) { table, g, rows in
      let touched = state.moments.touch(rows)
      let steps = coefficients(of: touched, rate, &state)
      let columns = gradient.denseShape[1]
      state.moments.withState(of: touched) {
        $0.share(columns: columns) {
          Scalar.Kernels.adam(
            table, g, $0, steps, isPerRow: steps.count > 1, hasFirst: beta1 > 0,
            sharesSecond: secondMoment == .perRow, columns)
        }
      }
    }
    if state.history?.isLong == true { settle(&parameter, state: &state) }
  }

  /// The coefficients of an update: one set for all rows, or one set per row if they differ.
  private func coefficients(of touched: TouchedRows, _ rate: Double, _ state: inout State) -> [SliceGradAdam] {
    let common = coefficients(rate: rate, step: state.step)
    let missed = state.lastSteps == nil ? [] : state.noteMissedUpdates(of: touched, by: self)
    guard biasCorrection == .activeSteps || missed.contains(where: { $0 > 0 }) else { return [common] }
    var steps = Array(repeating: common, count: touched.rows.count)
    if biasCorrection == .activeSteps {
      for (i, count) in touched.touches.enumerated() {
        steps[i].correct(state.corrections(beta1, beta2, Int(count)), rate, epsilonPlacement)
      }
    }
    if state.history != nil { state.history!.prepare(for: self) }
    for (i, missed) in missed.enumerated() where missed > 0 {
      // Moments decay by β^(missed updates + 1), and the row by the factors that it has missed and that of this update.
      if inactiveRows != .frozen {
        (steps[i].beta1, steps[i].beta2) = state.powers(beta1, beta2, missed + 1)
      }
      if caughtUpDecay != nil { steps[i].parameterScale = state.history!.decay(since: state.step - 1 - missed) }
    }
    return steps
  }

  /// The coefficients of an update for all rows.
  func coefficients(rate: Double, step: Int) -> SliceGradAdam {
    var step = SliceGradAdam(rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, step: step)
    if let lambda = weightDecay.lambda { step.parameterScale = 1 - rate * lambda }
    step.place(epsilonPlacement)
    return step
  }
}

extension SliceGradAdam {
  /// Other bias corrections, where ε is placed.
  fileprivate mutating func correct(
    _ c: (first: Double, inverseRoot: Double), _ rate: Double, _ placement: EpsilonPlacement
  ) {
    (stepSize, inverseRootCorrection) = (rate / c.first, c.inverseRoot)
    place(placement)
  }

  /// Moves ε to its place: at first it is added to the corrected root.
  fileprivate mutating func place(_ placement: EpsilonPlacement) {
    guard placement == .uncorrected else { return }
    stepSize /= inverseRootCorrection
    inverseRootCorrection = 1
  }
}
