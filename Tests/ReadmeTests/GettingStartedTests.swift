import SliceGrad
import Testing

// The code of GettingStarted.md; the first test compares the two.

/// Says of points in a plane whether they lie in a circle.
struct CircleModel: Module {
  var hidden: Dense<Float>
  var output: Dense<Float>

  init(using generator: inout RandomGenerator) {
    hidden = Dense(inputs: 2, outputs: 16, using: &generator)
    output = Dense(inputs: 16, outputs: 1, using: &generator)
  }

  /// From points `[n, 2]` to logits `[n, 1]`, above 0 for those in the circle.
  func callAsFunction(_ points: Tensor<Float>) -> Variable<Float> {
    output(hidden(Variable(points)).relu())
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&hidden, "hidden")
    visit(&output, "output")
  }
}

/// Points `[n, 2]` of a square, and for each a 1 if it lies in the circle, or else a 0.
func points(_ count: Int, using generator: inout RandomGenerator) -> (points: Tensor<Float>, targets: Tensor<Float>) {
  let points = Tensor<Float>(uniform: [count, 2], in: -1..<1, using: &generator)
  let squaredDistances = points.square().sum(over: [1], keepingDimensions: true)
  return (points, squaredDistances .< Tensor(0.5))
}

/// The share of new points of which a model is right, after so many steps.
func accuracyInTheCircle(steps: Int) -> Float {
  var generator = RandomGenerator(seed: 1)
  var model = CircleModel(using: &generator)
  var optimizer = ModelOptimizer(for: model, dense: Adam(learningRate: 0.02))
  for _ in 0..<steps {
    let (points, targets) = points(64, using: &generator)
    let (_, gradients) = valueWithGradients(at: model) { model in
      sigmoidCrossEntropy(model(points), targets)
    }
    optimizer.update(&model, with: gradients)
  }
  let (points, targets) = points(1000, using: &generator)
  let answers = model(points).value .> Tensor(0)
  return (answers .== targets).mean().scalar
}

struct GettingStartedTests {
  @Test("the code of the article is the code here")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/GettingStarted.md") }

  @Test("it learns, and prints what the article says")
  func learns() throws {
    #expect(accuracyInTheCircle(steps: 0) < 0.7)
    try expectPrinted("\(accuracyInTheCircle(steps: 500))", "Sources/SliceGrad/SliceGrad.docc/GettingStarted.md")
  }
}
