import SliceGradKernels

extension SparseAdam {
  /// The updates of a table since all of its rows had last caught up, and what each row has missed of them.
  ///
  /// Without a gradient, Adam moves a row in step s by a (β₁ʲ m) / (√(β₂ʲ v) + ε c) if j steps ago it had the moments m
  /// and v, with c = √(1 − β₂ˢ) and a = learning rate · c / (1 − β₁ˢ). That is m · W / (√v + ε q), where the weight
  /// W = (β₁ / √β₂)ʲ a and the point q = c / √β₂ʲ are the same for all rows that were last updated in the same step.
  /// The sum of these fractions depends on a row only through √v, and q hardly changes as long as W counts: some
  /// moments of the points, weighted by W, give it for every v and ε. See `slicegrad_sum_missed_steps`.
  ///
  /// Where they don't, because q changes fast in the first thousand steps and ε is large beside √v, a row goes through
  /// the steps one by one, as Adam does.
  struct History: Sendable {
    /// The number of updates when all rows had caught up.
    private(set) var settledStep = 0
    /// The learning rates of the updates since then.
    private(set) var rates: [Double] = []

    // What follows from these and from the rule, made when it is needed.
    private var rule: SparseAdam?
    /// The coefficients of each update for a row without a gradient.
    private(set) var steps: [SliceGradAdam] = []
    /// Logarithms of the products of the first decay factors: one more than updates.
    private var decays = [0.0]
    private var sums = MissedSums(ratio: 0, growth: 1)
    /// For each update, a place that it may have in a list of some of them.
    private var places: [Int] = []

    /// All rows have caught up after this update.
    mutating func settle(after step: Int) { self = History(settledStep: step, rates: []) }

    /// Notes the learning rate of an update.
    mutating func append(_ rate: Double) { rates.append(rate) }

    /// Whether all rows of a table should catch up, so that this doesn't become long: so one update in 65,536 goes
    /// through the whole table. It doesn't depend on the rows, as ranks that share them settle in the same update.
    var isLong: Bool { rates.count >= Self.longest }

    private static var longest: Int { 1 << 16 }

    mutating func visitFields(_ visit: inout FieldVisitor, step: Int) {
      visit(&settledStep, "settledStep")
      visit(&rates, count: min(max(step - settledStep, 0), Self.longest), "learningRates")
      self = History(settledStep: settledStep, rates: rates)
    }

    /// What can't be in these fields.
    func inconsistency(after step: Int) -> String? {
      if settledStep + rates.count != step {
        return "\(rates.count) learning rates of the updates after \(settledStep), of \(step) in all"
      }
      return rates.first { !(0..<(.infinity)).contains($0) }.map { "a learning rate of \($0)" }
    }

    init(settledStep: Int = 0, rates: [Double] = []) { (self.settledStep, self.rates) = (settledStep, rates) }

    /// Makes ready what follows from the updates.
    mutating func prepare(for rule: SparseAdam) {
      if self.rule?.makesSameSteps(as: rule) != true {
        self = History(settledStep: settledStep, rates: rates)
        if rule.inactiveRows == .caughtUp && rule.beta1 > 0 {
          let growth = rule.amsgrad ? 1 : 1 / rule.beta2.squareRoot()
          sums = MissedSums(ratio: rule.beta1 * growth, growth: growth)
        }
        self.rule = rule
      }
      let lambda = rule.caughtUpDecay ?? 0
      for i in steps.count..<rates.count {
        var step = rule.coefficients(rate: rates[i], step: settledStep + i + 1)
        step.parameterScale = 1 - rates[i] * lambda
        steps.append(step)
        decays.append(decays[i] + log1p(-rates[i] * lambda))
      }
    }

    /// The product of the decay factors of the updates after one of them.
    func decay(since step: Int) -> Double { decay(step - settledStep, rates.count) }

    private func decay(_ first: Int, _ end: Int) -> Double { exp(decays[end] - decays[first]) }

    /// How rows catch up, given the update up to which each one has: something for each different update, and for each
    /// row which of these it is.
    mutating func missed(
      since lastSteps: [Int32], _ powers: inout BetaPowers
    ) -> (missed: [SliceGradMissed], kinds: [Int32]) {
      sums.update(for: steps, since: Int(lastSteps.min()!) - settledStep)
      places.extend(to: steps.count, with: 0)
      var (missed, starts): ([SliceGradMissed], [Int]) = ([], [])
      let kinds = lastSteps.map { last in
        let start = Int(last) - settledStep
        let place = places[start]
        if place < starts.count, starts[place] == start { return Int32(place) }
        places[start] = starts.count
        starts.append(start)
        missed.append(self.missed(from: start, &powers))
        return Int32(starts.count - 1)
      }
      return (missed, kinds)
    }

    private mutating func missed(from start: Int, _ powers: inout BetaPowers) -> SliceGradMissed {
      let (rule, count) = (rule!, steps.count)
      var missed = SliceGradMissed()
      missed.parameterScale = decay(start, count)
      (missed.firstMomentScale, missed.secondMomentScale) =
        rule.inactiveRows == .frozen ? (1, 1) : powers(rule.beta1, rule.beta2, count - start)
      guard rule.inactiveRows == .caughtUp else { return missed }
      let end: Int
      (missed.sums, end) = sums(from: start, of: steps)
      missed.sumsScale = decay(end, count)
      missed.moves = missed.sums.moments.0 > 0
      missed.leastSecondMoment = leastSecondMoment(missed.sums, from: start)
      let endReplayed = min(start + sums.horizon, count)
      (missed.firstReplayed, missed.endReplayed) = (start, endReplayed)
      missed.parameterScaleAfter = decay(endReplayed, count)
      missed.firstMomentScaleAfter = endReplayed < count ? 0 : 1
      missed.secondMomentScaleAfter = powers(rule.beta1, rule.beta2, count - endReplayed).second
      return missed
    }

    /// The v from which on the sums are precise. With u = ε centre / (√v + ε centre), what they leave out is at most
    /// u⁸ · moments[8] / moments[0] · centre / the first point of the way that a row has missed.
    private func leastSecondMoment(_ sums: SliceGradMissedSums, from start: Int) -> Double {
      let tolerance = max(Double(Scalar.ulpOfOne) / 2, 0x1p-46)
      let firstPoint = self.sums.growth / steps[start].inverseRootCorrection
      let error = abs(sums.moments.8) / sums.moments.0 * sums.centre / firstPoint
      if error <= tolerance { return 0 }
      let root = rule!.epsilon * sums.centre * (pow(error / tolerance, 0.125) - 1)
      return root < .infinity ? root * root : .infinity  // NaN isn't precise either
    }
  }

  /// λ of a decay that rows catch up with.
  var caughtUpDecay: Double? { if case .caughtUp(let lambda) = weightDecay { lambda } else { nil } }

  /// Whether another rule does the same to rows without a gradient.
  fileprivate func makesSameSteps(as other: SparseAdam) -> Bool {
    (beta1, beta2, epsilon) == (other.beta1, other.beta2, other.epsilon) && amsgrad == other.amsgrad
      && epsilonPlacement == other.epsilonPlacement && caughtUpDecay == other.caughtUpDecay
  }
}
