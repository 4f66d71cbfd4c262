import SliceGrad
import Testing

// The code of YourRule.md; the first test compares the two.

struct AdaMax<Scalar: TensorScalar>: Optimizer {
  struct State: Restorable {
    var step = 0
    var momentum, largest: Tensor<Scalar>

    mutating func visitFields(_ visit: inout FieldVisitor) {
      visit(&step, "step")
      visit(&momentum, "momentum")
      visit(&largest, "largest")
    }
  }

  var learningRate = 2e-3
  var beta1 = 0.9
  var beta2 = 0.999

  func checkHyperparameters() {
    check(["learningRate": learningRate], in: 0..<(.infinity))
    check(["beta1": beta1, "beta2": beta2], in: 0..<1)
  }

  func initialState(for shape: Shape) -> State {
    State(momentum: Tensor(zeros: shape), largest: Tensor(zeros: shape))
  }

  func update(
    _ parameter: inout Tensor<Scalar>, with gradient: Tensor<Scalar>, state: inout State, learningRateFactor: Double
  ) {
    state.step += 1
    let (beta1, beta2) = (Scalar(beta1), Scalar(beta2))
    let rate = Scalar(learningRate * learningRateFactor) / (1 - beta1.raised(to: state.step))
    parameter.update(with: gradient, &state.momentum, &state.largest) { p, g, m, u in
      m = beta1 * m + (1 - beta1) * g
      u = max(beta2 * u, abs(g))
      p -= rate * m / (u + 1e-8)
    }
  }
}

extension TensorScalar {
  /// This number to the power of `exponent`, 0 or more.
  func raised(to exponent: Int) -> Self { (0..<exponent).reduce(1) { power, _ in power * self } }
}

func optimizer(for model: NextWord) -> ModelOptimizer<NextWord> {
  ModelOptimizer(
    for: model, dense: AdaMax(), sparse: RowMomentum(learningRate: 0.5),
    overrides: [.rule(dense: AdaMax(learningRate: 1e-2), for: \.blocks)])
}

struct YourRuleTests {
  @Test("the article on rules is compiled")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/YourRule.md") }

  /// Both moments of a constant gradient are known: m is g, corrected, and u is |g|.
  @Test("its AdaMax moves by the learning rate against a constant gradient")
  func adaMaxIsRight() {
    let rule = AdaMax<Double>(learningRate: 0.01)
    var (parameter, state) = (Tensor<Double>([1, 1]), rule.initialState(for: [2]))
    for _ in 0..<10 { rule.update(&parameter, with: Tensor([3, -0.5]), state: &state) }
    #expect(abs(parameter[0] - 0.9) < 1e-8 && abs(parameter[1] - 1.1) < 1e-8)
    #expect("\(rule)" == "AdaMax(learningRate: 0.01, beta1: 0.9, beta2: 0.999)")
  }

  @Test("its optimizer trains")
  func optimizerTrains() {
    var generator = RandomGenerator(seed: 1)
    var model = NextWord(words: 6, columns: 8, using: &generator)
    model.dropout = Dropout(0)
    var optimizer = optimizer(for: model)
    let losses = (0..<100).map { _ in
      let (loss, gradients) = valueWithGradients(at: model) { model in
        softmaxCrossEntropy(model([[0, 1], [2, 3]]), [4, 5])
      }
      optimizer.update(&model, with: gradients)
      return loss
    }
    #expect(losses.last! < losses.first! / 10)
  }
}
