import SliceGradKernels

extension SparseAdam {
  /// The moments of a table's touched rows and the number of the table's updates.
  public struct State: Restorable {
    /// The updates so far.
    public internal(set) var step = 0
    /// For each touched row its m `[d]`, then its v `[d]` and, with AMSGrad, its largest v `[d]`.
    public internal(set) var moments: RowState<Scalar>

    /// With `.decayed`, for each of `moments.rows` the step in which it was last touched.
    var lastSteps: [Int32]?
    /// With `.caughtUp`, logarithms of the product of the updates' decay factors: of all updates so far, of those
    /// before the last `settle`, and for each of `moments.rows` of those by which the row has been multiplied.
    var decay = 0.0
    var settledDecay = 0.0
    var rowDecays: [Double]?

    /// The bias corrections of `.activeSteps`, computed once for each number of steps.
    var corrections = BiasCorrections()

    /// A row's m `[d]`; nil if it was never touched.
    public func firstMoment(ofRow row: Int) -> ArraySlice<Scalar>? { part(0, ofRow: row) }

    /// A row's v `[d]`; nil if it was never touched.
    public func secondMoment(ofRow row: Int) -> ArraySlice<Scalar>? { part(1, ofRow: row) }

    /// The largest v `[d]` of a row so far; nil if it was never touched, or without AMSGrad.
    public func maximumSecondMoment(ofRow row: Int) -> ArraySlice<Scalar>? { part(2, ofRow: row) }

    public mutating func visitFields(_ visit: inout FieldVisitor) {
      visit(&step, "step")
      visit(&moments, "moments")
      if lastSteps != nil { visit(&lastSteps!, count: moments.rows.count, "lastSteps") }
      guard rowDecays != nil else { return }
      visit(&decay, "decay")
      visit(&settledDecay, "settledDecay")
      visit(&rowDecays!, count: moments.rows.count, "rowDecays")
    }

    private let columns: Int

    init(tableShape shape: Shape, amsgrad: Bool, decaysMoments: Bool, catchesUp: Bool) {
      columns = shape[1]
      moments = RowState(tableShape: shape, width: (amsgrad ? 3 : 2) * columns)
      if decaysMoments { lastSteps = [] }
      if catchesUp { rowDecays = [] }
    }

    private func part(_ number: Int, ofRow row: Int) -> ArraySlice<Scalar>? {
      guard let all = moments[row: row], (number + 1) * columns <= all.count else { return nil }
      return all.dropFirst(number * columns).prefix(columns)
    }
  }
}

/// 1 − β₁ᵗ and 1 / √(1 − β₂ᵗ) for t = 1, 2, …
struct BiasCorrections: Sendable {
  private var known: [(first: Double, inverseRoot: Double)] = []
  private var betas = (0.0, 0.0)

  /// Amortized O(1) for t up to 65,536, as long as the betas stay the same.
  mutating func callAsFunction(_ beta1: Double, _ beta2: Double, _ t: Int) -> (first: Double, inverseRoot: Double) {
    func correction(_ t: Int) -> (first: Double, inverseRoot: Double) {
      (biasCorrection(beta1, t), 1 / biasCorrection(beta2, t).squareRoot())
    }
    guard t <= 1 << 16 else { return correction(t) }
    if betas != (beta1, beta2) { (known, betas) = ([], (beta1, beta2)) }
    while known.count < t { known.append(correction(known.count + 1)) }
    return known[t - 1]
  }
}
