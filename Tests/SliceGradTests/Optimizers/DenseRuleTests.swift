import SliceGrad
import Testing

/// The rules for dense parameters, number by number against their plain loops.
@Suite struct DenseRuleTests {
  /// 30 steps on random gradients, beside a plain loop over the numbers. The learning rate of every third step is
  /// halved from outside.
  @Test(arguments: RuleCases<Double>.dense.indices)
  func numberByNumber(index: Int) throws {
    func check(_ rule: some Optimizer<Tensor<Double>>) throws {
      var generator = RandomGenerator(seed: 1)
      let shape: Shape = [3, 7]
      let start = generator.tensor(shape, of: Double.self)
      var (parameter, state) = (start, rule.initialState(for: shape))
      var expected = Array(start.elements)
      let plainly = try #require(rule as? any PlainlyWritten)
      var plain = try #require(plainly.plain)
      for step in 1...30 {
        let gradient = generator.tensor(shape, of: Double.self)
        let factor = step % 3 == 0 ? 0.5 : 1
        rule.update(&parameter, with: gradient, state: &state, learningRateFactor: factor)
        plain.update(
          &expected, Array(gradient.elements), rate: plainly.learningRate * factor, step: step, rowStep: step)
        #expect(parameter.distance(to: Tensor(shape: shape, elements: expected)) < 1e-12, "\(rule), step \(step)")
      }
      #expect((parameter - start).squaredNorm > 0.01, "\(rule)")
    }
    try check(RuleCases.dense[index])
  }

  /// A gradient that is no number shows in the parameter, for `firstNonFinite` to find it, whatever the rule.
  @Test func brokenGradientsShow() {
    func check(_ rule: some Optimizer<Tensor<Double>>) {
      var (parameter, state) = (Tensor<Double>([1, 2]), rule.initialState(for: [2]))
      let ahead = (rule is any MaximizingRule) ? -1.0 : 1
      rule.update(&parameter, with: Tensor([.nan, ahead]), state: &state)
      #expect(parameter[0].isNaN && parameter[1] < 2, "\(rule)")
    }
    for rule in RuleCases<Double>.dense { check(rule) }
  }

  /// The documented defaults: one step of each from 1 along a gradient of 2.
  @Test func defaults() {
    func step<Rule: Optimizer>(_ rule: Rule) -> Double where Rule.Gradient == Tensor<Double> {
      var (parameter, state) = (Tensor<Double>(1), rule.initialState(for: []))
      rule.update(&parameter, with: Tensor(2), state: &state, learningRateFactor: 1)
      return parameter.scalar
    }
    #expect(abs(step(Adam()) - (1 - 1e-3 * 2 / (2 + 1e-8))) < 1e-15)
    #expect(abs(step(Adagrad()) - (1 - 1e-2 * 2 / (2 + 1e-10))) < 1e-15)
    #expect(abs(step(AdamW()) - (1 - 1e-5 - 1e-3 * 2 / (2 + 1e-8))) < 1e-15)
    #expect(abs(step(Lion()) - (1 - 1e-4)) < 1e-15)
    #expect(abs(step(RMSprop()) - (1 - 1e-2 * 2 / (0.2 + 1e-8))) < 1e-14)
  }

  @Test func emptyParameters() {
    func step(_ rule: some Optimizer<Tensor<Double>>) {
      var (parameter, state) = (Tensor<Double>(zeros: [0, 2]), rule.initialState(for: [0, 2]))
      rule.update(&parameter, with: parameter, state: &state, learningRateFactor: 1)
      #expect(parameter.count == 0)
    }
    for rule in RuleCases<Double>.dense { step(rule) }
  }
}

private protocol MaximizingRule {}
extension Maximizing: MaximizingRule {}
