import SliceGradKernels

extension SparseAdam {
  /// The moments of a table's touched rows and the number of the table's updates.
  public struct State: Restorable {
    /// The updates so far.
    public internal(set) var step = 0
    /// For each touched row its m `[d]`, unless β₁ is 0, then its v and, with AMSGrad, its largest v: each `[d]`, or
    /// one number with `.perRow`.
    public internal(set) var moments: RowState<Scalar>

    /// For each of `moments.rows` the update up to which it has caught up; nil if rows don't catch up.
    var lastSteps: [Int32]?
    /// The updates that rows may have missed; nil if they have nothing to do for them before they next have a gradient.
    var history: History?

    /// What is computed once for each number of steps.
    var corrections = BiasCorrections()
    var powers = BetaPowers()

    /// A row's m `[d]`; nil if it was never touched, or if β₁ is 0. With `.caughtUp` it is what it was when the row
    /// last caught up.
    public func firstMoment(ofRow row: Int) -> ArraySlice<Scalar>? {
      firstCount == 0 ? nil : part(ofRow: row, 0..<firstCount)
    }

    /// A row's v `[d]`, or one number with `.perRow`; nil if it was never touched.
    public func secondMoment(ofRow row: Int) -> ArraySlice<Scalar>? {
      part(ofRow: row, firstCount..<firstCount + secondCount)
    }

    /// The largest v of a row so far; nil if it was never touched, or without AMSGrad.
    public func maximumSecondMoment(ofRow row: Int) -> ArraySlice<Scalar>? {
      part(ofRow: row, firstCount + secondCount..<firstCount + 2 * secondCount)
    }

    public mutating func visitFields(_ visit: inout FieldVisitor) {
      visit(&step, "step")
      let name = firstCount > 0 ? "moments" : "secondMoments"  // as wide as m and v would be, with AMSGrad
      visit(&moments, name)
      if lastSteps != nil { visit(&lastSteps!, ofRowsIn: moments, name, "lastSteps") }
      history?.visitFields(&visit, step: step)
    }

    public var inconsistency: String? {
      guard let lastSteps else { return nil }
      let first = history?.settledStep ?? 0
      if step > Int32.max { return "\(step) updates, too many to be noted for each row" }
      if let last = lastSteps.first(where: { $0 < first || $0 > step }) {
        return "a row that caught up in update \(last), which is not in \(first)...\(step)"
      }
      return history?.inconsistency(after: step)
    }

    /// How many numbers m is made of.
    private let firstCount: Int
    /// How many numbers v is made of.
    private let secondCount: Int

    init(for rule: SparseAdam, tableShape shape: Shape) {
      firstCount = rule.beta1 > 0 ? shape[1] : 0
      secondCount = rule.secondMoment == .perRow ? 1 : shape[1]
      moments = RowState(tableShape: shape, width: firstCount + (rule.amsgrad ? 2 : 1) * secondCount)
      if rule.rowChanges == .postponed { history = History() }
      if rule.inactiveRows != .frozen || history != nil { lastSteps = [] }
    }

    private func part(ofRow row: Int, _ range: Range<Int>) -> ArraySlice<Scalar>? {
      guard let all = moments[row: row], range.upperBound <= all.count else { return nil }
      return all.dropFirst(range.lowerBound).prefix(range.count)
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

/// β₁ⁿ and β₂ⁿ for n = 0, 1, …
struct BetaPowers: Sendable {
  private var known: [(first: Double, second: Double)] = []
  private var betas = (0.0, 0.0)

  /// Amortized O(1) for n below 65,536, as long as the betas stay the same. A β₁ⁿ that no step notices is 0, so that m
  /// doesn't become a subnormal number, with which processors are slow.
  mutating func callAsFunction(_ beta1: Double, _ beta2: Double, _ n: Int) -> (first: Double, second: Double) {
    func powers(_ n: Int) -> (first: Double, second: Double) {
      let first = pow(beta1, Double(n))
      return (first < 0x1p-64 ? 0 : first, pow(beta2, Double(n)))
    }
    guard n < 1 << 16 else { return powers(n) }
    if betas != (beta1, beta2) { (known, betas) = ([], (beta1, beta2)) }
    while known.count <= n { known.append(powers(known.count)) }
    return known[n]
  }
}
