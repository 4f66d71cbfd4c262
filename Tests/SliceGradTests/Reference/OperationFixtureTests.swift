import SliceGrad
import Testing

/// Operations and losses: their outputs, and the gradient of each input when the output's gradient is `upstream`.
struct OperationFixtureTests {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    let op: String
    let inputs: [String: NestedNumbers]
    let output: NestedNumbers
    let upstream: NestedNumbers
    let gradients: [String: NestedNumbers]

    // The settings of one operation or another, as PyTorch calls them.
    let axis: Int?
    let shape: [Int]?
    let start: Int?
    let end: Int?
    let eps: Double?
    let labels: [Int32]?
    let targets: NestedNumbers?
    let reduction: String?
    let labelSmoothing: Double?
    let classWeights: NestedNumbers?
    let ignoreIndex: Int32?
    let delta: Double?
    let margin: Double?
    let positiveWeights: NestedNumbers?

    var description: String { op }
  }

  @Test func allCasesAreThere() throws {
    #expect(try FixtureCase<Case>.all(in: "operations").count == 44)
    #expect(try FixtureCase<Case>.all(in: "functions").count == 21)
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "operations") + FixtureCase<Case>.all(in: "functions"))
  func outputAndGradients(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    let names = fixture.inputs.keys.sorted()
    #expect(fixture.gradients.keys.sorted() == names)

    var output = Tensor<Double>(zeros: [])
    let (_, gradients) = try valueWithGradients(at: names.map { fixture.inputs[$0]!.tensor }) { variables in
      let inputs = Inputs(variables: Dictionary(uniqueKeysWithValues: zip(names, variables)))
      let result = try fixture.apply(to: inputs)
      output = result.value
      return (result * Variable(fixture.upstream.tensor)).sum()
    }

    expectAgreement(output, fixture.output.tensor, "the output")
    for (name, gradient) in zip(names, gradients) {
      let expected = try #require(fixture.gradients[name]).tensor
      expectAgreement(gradient, expected, "the gradient of \(name)")
    }
  }
}

/// The inputs of an operation by their names: `inputs.weight`.
@dynamicMemberLookup
private struct Inputs {
  let variables: [String: Variable<Double>]
  subscript(dynamicMember name: String) -> Variable<Double> { variables[name]! }
}

extension OperationFixtureTests.Case {
  /// SliceGrad's operation of the case's name.
  fileprivate func apply(to inputs: Inputs) throws -> Variable<Double> {
    switch op {
    case "matmul", "batchMatmul": return inputs.a.matmul(inputs.b)
    case "matmulTransposeA": return inputs.a.matmul(inputs.b, transposeLeft: true)
    case "matmulTransposeB": return inputs.a.matmul(inputs.b, transposeRight: true)
    case "linear": return inputs.x.linear(weight: inputs.weight, bias: inputs.bias)

    case "add", "addBroadcastRow", "addBroadcastColumn": return inputs.a + inputs.b
    case "subtract": return inputs.a - inputs.b
    case "multiply": return inputs.a * inputs.b
    case "divide": return inputs.a / inputs.b
    case "negate": return -inputs.x

    case "abs": return inputs.x.abs()
    case "sin": return inputs.x.sin()
    case "cos": return inputs.x.cos()
    case "unitRows": return inputs.x.unitRows()
    case "cosineSimilarity": return cosineSimilarity(inputs.a, inputs.b)
    case "relu": return inputs.x.relu()
    case "tanh": return inputs.x.tanh()
    case "sigmoid": return inputs.x.sigmoid()
    case "gelu": return inputs.x.gelu()
    case "geluTanh": return inputs.x.gelu(approximation: .tanh)
    case "exp": return inputs.x.exp()
    case "silu": return inputs.x.silu()
    case "softplus": return inputs.x.softplus()
    case "square": return inputs.x.square()
    case "log": return inputs.x.log()
    case "sqrt": return inputs.x.sqrt()
    case "softmax": return inputs.x.softmax()
    case "logSoftmax": return inputs.x.logSoftmax()

    case "sum": return inputs.x.sum()
    case "sumAxis": return inputs.x.sum(over: [try #require(axis)])
    case "meanAxis": return inputs.x.mean(over: [try #require(axis)])
    case "maxAxis": return inputs.x.max(over: [try #require(axis)])

    case "logSumExp": return inputs.x.logSumExp(over: [try #require(axis)])
    case "cumulativeSum": return inputs.x.cumulativeSum(axis: try #require(axis))

    case "transpose": return inputs.x.transposed()
    case "reshape": return inputs.x.reshaped(to: Shape(try #require(shape)))
    case "concatenate": return .concatenate([inputs.a, inputs.b], axis: try #require(axis))
    case "slice": return inputs.x.slice(try #require(start)..<(try #require(end)), axis: try #require(axis))

    case "layerNorm":
      return inputs.x.layerNorm(weight: inputs.weight, bias: inputs.bias, epsilon: try #require(eps))
    case "softmaxCrossEntropy":
      return softmaxCrossEntropy(
        inputs.logits, try #require(labels), reduction: try reductionOfLosses(), classWeights: classWeights?.tensor,
        labelSmoothing: labelSmoothing ?? 0, ignoredLabel: ignoreIndex ?? -100)
    case "sigmoidCrossEntropy":
      return sigmoidCrossEntropy(
        inputs.logits, try #require(targets).tensor, reduction: try reductionOfLosses(),
        positiveWeights: positiveWeights?.tensor)
    case "meanSquaredError":
      return meanSquaredError(inputs.x, try #require(targets).tensor, reduction: try reductionOfLosses())
    case "meanAbsoluteError":
      return meanAbsoluteError(inputs.x, try #require(targets).tensor, reduction: try reductionOfLosses())
    case "huber":
      return huber(
        inputs.x, try #require(targets).tensor, delta: try #require(delta), reduction: try reductionOfLosses())
    case "tripletMargin":
      return tripletMargin(
        inputs.a, inputs.p, inputs.n, margin: try #require(margin), reduction: try reductionOfLosses())

    default: throw UnknownInFixture(op)
    }
  }

  private func reductionOfLosses() throws -> LossReduction {
    switch reduction {
    case "mean": .mean
    case "sum": .sum
    case "none": .none
    default: throw UnknownInFixture("reduction \(reduction ?? "nil")")
    }
  }
}
