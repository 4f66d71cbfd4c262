import SliceGrad
import Testing

/// The rules for dense parameters, number by number against their plain loops.
@Suite struct DenseRuleTests {
  /// Runs a rule for 30 steps on random gradients, beside a plain loop over the numbers. The learning rate of every
  /// third step is halved from outside. `update` gets the number of the step from 1.
  private func check<Rule: Optimizer, Plain>(
    _ rule: Rule, _ plain: Plain, learningRate: WritableKeyPath<Plain, Double>,
    _ update: (inout Plain, inout Double, _ gradient: Double, _ step: Int) -> Void
  ) where Rule.Gradient == Tensor<Double> {
    var generator = RandomGenerator(seed: 1)
    let shape: Shape = [3, 7]
    let start = generator.tensor(shape, of: Double.self)
    var (parameter, state) = (start, rule.initialState(for: shape))
    var expected = Array(start.elements)
    var plainStates = [Plain](repeating: plain, count: expected.count)
    for step in 1...30 {
      let gradient = generator.tensor(shape, of: Double.self)
      let factor = step % 3 == 0 ? 0.5 : 1
      rule.update(&parameter, with: gradient, state: &state, learningRateFactor: factor)
      for i in expected.indices {
        plainStates[i][keyPath: learningRate] = plain[keyPath: learningRate] * factor
        update(&plainStates[i], &expected[i], gradient.elements[i], step)
      }
      #expect(parameter.distance(to: Tensor(shape: shape, elements: expected)) < 1e-12, "\(plain), step \(step)")
    }
    #expect((parameter - start).squaredNorm > 0.01, "\(plain)")
  }

  @Test func sgd() {
    for plain in [
      PlainSGD(), PlainSGD(weightDecay: 0.2), PlainSGD(maximize: true), PlainSGD(momentum: 0.9),
      PlainSGD(momentum: 0.7, dampening: 0.4), PlainSGD(momentum: 0.7, weightDecay: 0.1, nesterov: true),
      PlainSGD(momentum: 0.7, dampening: 0.4, weightDecay: 0.1, maximize: true),
    ] {
      let rule = SGD<Tensor<Double>>(
        learningRate: plain.learningRate, momentum: plain.momentum, dampening: plain.dampening,
        weightDecay: plain.weightDecay, nesterov: plain.nesterov, maximize: plain.maximize)
      check(rule, plain, learningRate: \.learningRate) { plain, number, gradient, _ in plain.update(&number, gradient) }
    }
  }

  @Test func adam() {
    for plain in [
      PlainAdam(), PlainAdam(l2: 0.3), PlainAdam(decay: 0.3), PlainAdam(amsgrad: true), PlainAdam(maximize: true),
      PlainAdam(beta2: 0.5, decay: 0.3, amsgrad: true, maximize: true),
    ] {
      let decay: Adam<Double>.WeightDecay =
        plain.l2 > 0 ? .l2(plain.l2) : plain.decay > 0 ? .decoupled(plain.decay) : .none
      let rule = Adam<Double>(
        learningRate: plain.learningRate, beta1: plain.beta1, beta2: plain.beta2, epsilon: plain.epsilon,
        weightDecay: decay,
        amsgrad: plain.amsgrad, maximize: plain.maximize)
      check(rule, plain, learningRate: \.learningRate) { $0.update(&$1, $2, step: $3) }
    }
  }

  @Test func adagrad() {
    for plain in [
      PlainAdagrad(), PlainAdagrad(learningRateDecay: 0.5), PlainAdagrad(weightDecay: 0.3), PlainAdagrad(sum: 2),
      PlainAdagrad(learningRateDecay: 0.1, weightDecay: 0.1, sum: 0.5, maximize: true),
    ] {
      let rule = Adagrad<Tensor<Double>>(
        learningRate: plain.learningRate, learningRateDecay: plain.learningRateDecay, weightDecay: plain.weightDecay,
        initialAccumulator: plain.sum, epsilon: plain.epsilon, maximize: plain.maximize)
      check(rule, plain, learningRate: \.learningRate) { $0.update(&$1, $2, step: $3) }
    }
  }

  @Test func rmsprop() {
    for plain in [
      PlainRMSprop(), PlainRMSprop(weightDecay: 0.3), PlainRMSprop(momentum: 0.8), PlainRMSprop(centered: true),
      PlainRMSprop(weightDecay: 0.1, momentum: 0.5, centered: true, maximize: true),
    ] {
      let rule = RMSprop<Double>(
        learningRate: plain.learningRate, alpha: plain.alpha, epsilon: plain.epsilon, weightDecay: plain.weightDecay,
        momentum: plain.momentum, centered: plain.centered, maximize: plain.maximize)
      check(rule, plain, learningRate: \.learningRate) { plain, number, gradient, _ in plain.update(&number, gradient) }
    }
  }

  @Test func lion() {
    for plain in [PlainLion(), PlainLion(weightDecay: 0.3), PlainLion(beta1: 0.9, weightDecay: 0.1, maximize: true)] {
      let rule = Lion<Tensor<Double>>(
        learningRate: plain.learningRate, beta1: plain.beta1, beta2: plain.beta2, weightDecay: plain.weightDecay,
        maximize: plain.maximize)
      check(rule, plain, learningRate: \.learningRate) { plain, number, gradient, _ in plain.update(&number, gradient) }
    }
  }

  /// A gradient that is no number shows in the parameter, for `firstNonFinite` to find it, whatever the rule.
  @Test func brokenGradientsShow() {
    func check(_ rule: some Optimizer<Tensor<Double>>) {
      var (parameter, state) = (Tensor<Double>([1, 2]), rule.initialState(for: [2]))
      rule.update(&parameter, with: Tensor([.nan, 1]), state: &state)
      #expect(parameter[0].isNaN && parameter[1] < 2, "\(rule)")
    }
    check(SGD(learningRate: 0.1))
    check(Adam())
    check(AdamW())
    check(Adagrad())
    check(RMSprop())
    check(Lion())
  }

  @Test func adamW() {
    let plain = PlainAdam(decay: 0.3, amsgrad: true, maximize: true)
    let rule = AdamW<Double>(
      learningRate: plain.learningRate, beta1: plain.beta1, beta2: plain.beta2, epsilon: plain.epsilon,
      weightDecay: plain.decay, amsgrad: true, maximize: true)
    check(rule, plain, learningRate: \.learningRate) { $0.update(&$1, $2, step: $3) }
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
    func step<Rule: Optimizer>(_ rule: Rule) where Rule.Gradient == Tensor<Double> {
      var (parameter, state) = (Tensor<Double>(zeros: [0, 2]), rule.initialState(for: [0, 2]))
      rule.update(&parameter, with: parameter, state: &state, learningRateFactor: 1)
      #expect(parameter.count == 0)
    }
    step(SGD(learningRate: 1, momentum: 0.5))
    step(Adam(amsgrad: true))
    step(Adagrad())
    step(Lion())
    step(RMSprop(momentum: 0.5, centered: true))
  }
}
