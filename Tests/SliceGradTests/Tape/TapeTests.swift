import SliceGrad
import Testing

@Suite struct TapeTests {
  @Test func oneTapeForManySteps() {
    let tape = Tape<Double>()
    for step in 1...5 {
      let x = Tensor<Double>([Double(step), 2])
      let (value, gradients) = valueWithGradients(at: [x], on: tape) { ($0[0] * $0[0]).sum() }
      #expect(value == x.squaredNorm)
      #expect(gradients == [x * 2])
    }
  }

  /// What a step detaches is a constant in the next one, which has another tape: a state over time.
  @Test func detachedValuesOutliveTheirStep() {
    let model = BagModel<Double>()
    let (_, state, _) = valueWithGradients(at: model) { model in
      let logits = model(RaggedIndices([[1]]))
      return (logits.sum(), logits.detached())
    }
    let (loss, gradients) = valueWithGradients(at: model) { model in (model(RaggedIndices([[2]])) * state).sum() }
    let (expected, same) = valueWithGradients(at: model) { model in
      (model(RaggedIndices([[2]])) * state.value).sum()
    }
    #expect(loss == expected)
    #expect(gradients == same)
  }

  @Test func stepsOnTwoTapesCanBeNested() {
    let x = Tensor<Double>([3])
    let (value, gradients) = valueWithGradients(at: [x]) { outer in
      let inner = valueWithGradients(at: [x]) { ($0[0] * $0[0] * $0[0]).sum() }
      return (outer[0] * Variable(inner.gradients[0])).sum()
    }
    #expect(value == 81)
    #expect(gradients == [Tensor([27])])
  }

  /// No recursion: neither the walk back nor freeing what the step recorded may overflow the stack.
  @Test func deepChains() {
    let (value, gradients) = valueWithGradients(at: [Tensor<Double>([1, 2])]) { x in
      (0..<10_000).reduce(x[0]) { chain, _ in chain + x[0] * 0.5 }.sum()
    }
    #expect(value == 3 * 5001)
    #expect(gradients == [Tensor([5001, 5001])])
  }

  @Test func oneValueUsedManyTimes() {
    let (_, gradients) = valueWithGradients(at: [Tensor<Double>([3])]) { x in
      let y = x[0].square()
      return (y * y + y / y + (y - y) * 7 + y).sum()
    }
    #expect(gradients == [Tensor([114])])  // 4 x³ + 2 x
  }

  @Test func theLossMayBeALeaf() {
    #expect(valueWithGradients(at: [Tensor<Double>(7)]) { $0[0] }.gradients == [Tensor(1)])
    #expect(valueWithGradients(at: [Tensor<Double>([[7]])]) { $0[0] }.gradients == [Tensor([[1]])])
  }

  private struct Interruption: Error {}
  private final class Token {}

  @Test func throwingClosuresLeaveTheTapeUsable() {
    let tape = Tape<Double>()
    let x = Tensor<Double>([2, 3])
    for _ in 0..<2 {
      #expect(throws: Interruption.self) {
        _ = try valueWithGradients(at: [x], on: tape) { leaves in
          _ = leaves[0].exp() * leaves[0]
          throw Interruption()
        }
      }
      #expect(throws: Interruption.self) {
        _ = try valueWithGradients(at: BagModel<Double>(), on: tape) { model in
          _ = model.loss([[1]], [0])
          throw Interruption()
        }
      }
      #expect(valueWithGradients(at: [x], on: tape) { $0[0].square().sum() }.gradients == [x * 2])
    }
  }

  /// What pullbacks hold is freed with the step, also if it throws.
  @Test func nothingOutlivesTheStep() {
    let tape = Tape<Double>()
    weak var finished: Token?
    weak var interrupted: Token?
    func identity(_ x: Variable<Double>, holding token: Token) -> Variable<Double> {
      .recorded(x.value, from: x.back { g in withExtendedLifetime(token) { g } })
    }
    _ = valueWithGradients(at: [Tensor<Double>(1)], on: tape) { x in
      let token = Token()
      finished = token
      return identity(x[0], holding: token)
    }
    _ = try? valueWithGradients(at: [Tensor<Double>(1)], on: tape) { x in
      let token = Token()
      interrupted = token
      _ = identity(x[0], holding: token)
      throw Interruption()
    }
    #expect(finished == nil)
    #expect(interrupted == nil)
  }

  /// Two ways to the same gradient: each backward step is deterministic to the bit.
  @Test func stepsAreReproducible() {
    let model = BagModel<Float>(rows: 50, columns: 8)
    var generator = RandomGenerator(seed: 1)
    let bags = generator.bags(count: 40, tableRows: 50)
    let labels = generator.indices(count: 40, tableRows: 4)
    func step() -> Gradients<BagModel<Float>> {
      valueWithGradients(at: model) { softmaxCrossEntropy($0(bags), labels) }.gradients
    }
    #expect(step() == step())
  }

  private static let unrecorded =
    "the result of this step isn't recorded on its tape: it depends on nothing that was passed to the closure"

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("this tape is already recording a step; use another one for the inner step") {
      let (tape, x) = (Tape<Float>(), Tensor<Float>(1))
      _ = valueWithGradients(at: [x], on: tape) { _ in
        Variable(valueWithGradients(at: [x], on: tape) { $0[0] }.gradients[0])
      }
    },
    ProgrammingError("an operation's inputs are on two different tapes") {
      let x = Tensor<Float>(1)
      _ = valueWithGradients(at: [x]) { outer in
        Variable(Tensor(valueWithGradients(at: [x]) { inner in inner[0] * outer[0] }.value))
      }
    },
    ProgrammingError("a pullback computes with a variable of the step; take its `.value`") {
      _ = valueWithGradients(at: [Tensor<Float>(2)]) { x in
        .recorded(x[0].value, from: x[0].back { g in (Variable(g) * x[0]).value })
      }
    },
    ProgrammingError("a variable is used after its training step has ended") {
      let (tape, x) = (Tape<Float>(seed: 1), Tensor<Float>(1))
      var kept: Variable<Float>?
      _ = valueWithGradients(at: [x], on: tape) { x in
        kept = x[0]
        return x[0]
      }
      _ = valueWithGradients(at: [x], on: tape) { _ in kept! }
    },
    ProgrammingError("a variable is used after its training step has ended") {
      var kept: Variable<Float>?
      _ = valueWithGradients(at: [Tensor<Float>(1)]) { x in
        kept = x[0]
        return x[0]
      }
      _ = kept! + 1
    },
    ProgrammingError("a variable is used after its training step has ended") {
      // In the next step on the same tape, where another value could have its number.
      let (tape, x) = (Tape<Float>(seed: 1), Tensor<Float>(1))
      var kept: Variable<Float>?
      _ = valueWithGradients(at: [x], on: tape) { x in
        kept = x[0].square()
        return x[0]
      }
      _ = valueWithGradients(at: [x], on: tape) { x in kept! * x[0].square() }
    },
    ProgrammingError("an operation's inputs are on two different tapes") {
      _ = valueWithGradients(at: BagModel<Float>()) { outer in
        let inner = valueWithGradients(at: BagModel<Float>()) { inner in
          inner.output(outer.embedding(RaggedIndices([[1]]))).sum()
        }
        return Variable(Tensor(inner.value))
      }
    },
    ProgrammingError(unrecorded) {
      _ = valueWithGradients(at: BagModel<Float>()) { outer in
        let inner = valueWithGradients(at: BagModel<Float>()) { _ in outer.output.weight.variable.sum() }
        return Variable(Tensor(inner.value))
      }
    },
    ProgrammingError("checkGradients: directions 0 is not above 0") {
      _ = checkGradients(at: [Tensor<Double>([1])], directions: 0) { $0[0] }
    },
    ProgrammingError("checkGradients: tolerance 0.0 is not above 0") {
      _ = checkGradients(at: [Tensor<Double>([1])], tolerance: 0) { $0[0] }
    },
    ProgrammingError("checkGradients: step inf is not a number above 0") {
      _ = checkGradients(at: [Tensor<Double>([1])], step: .infinity) { $0[0] }
    },
    ProgrammingError(#"checkGradients: a name is there twice among ["x", "x"]"#) {
      _ = checkGradients(at: ["x": Tensor<Double>([1]), "x": Tensor([2])]) { $0["x"]! }
    },
    ProgrammingError("[1] += [3]: in-place arithmetic needs equal shapes") {
      func gradients(_ outputs: Int) -> Gradients<Dense<Float>> {
        valueWithGradients(at: Dense(weight: Tensor(ones: [outputs, 1]), bias: Tensor(ones: [outputs]))) {
          layer in
          layer.bias!.variable.sum()
        }.gradients
      }
      var sum = gradients(1)
      sum += gradients(3)
    },
    ProgrammingError(unrecorded) { _ = valueWithGradients(at: [Tensor<Float>(1)]) { _ in Variable(Tensor(1)) } },
    ProgrammingError(unrecorded) { _ = valueWithGradients(at: [Tensor<Float>(1)]) { $0[0].detached() } },
    ProgrammingError(unrecorded) {
      let outer = BagModel<Float>()
      _ = valueWithGradients(at: outer) { _ in outer.loss([[1]], [0]) }
    },
    ProgrammingError("valueWithGradients: a loss of shape [1, 4], expected a scalar") {
      _ = valueWithGradients(at: BagModel<Float>()) { model in model(RaggedIndices([[1]])) }
    },
    ProgrammingError("valueWithGradients: a loss of shape [2], expected a scalar") {
      _ = valueWithGradients(at: [Tensor<Float>([1, 2])]) { $0[0] }
    },
    ProgrammingError("a gradient of shape [3] for a value of shape [2]") {
      _ = valueWithGradients(at: [Tensor<Float>([1, 2])]) { x in
        Variable.recorded(Tensor(1), from: x[0].back { _ in Tensor([1, 2, 3]) })
      }
    },
    ProgrammingError("a joint pullback returned 1 gradients for 2 inputs") {
      _ = valueWithGradients(at: [Tensor<Float>(1), Tensor(2)]) { x in .recorded(Tensor(1), from: x) { [$0] } }
    },
    ProgrammingError("a joint pullback returned no gradient for an input that is tracked") {
      _ = valueWithGradients(at: [Tensor<Float>(1)]) { x in .recorded(Tensor(1), from: x) { _ in [nil] } }
    },
  ]
}
