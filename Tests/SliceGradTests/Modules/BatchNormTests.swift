import SliceGrad
import Testing

/// What batch normalization computes is compared with PyTorch in `SequenceFixtureTests`.
@Suite struct BatchNormTests {
  /// Many rows and more columns than a block of the kernel has, against the definition.
  @Test func manyRowsAndColumns() {
    var generator = RandomGenerator(seed: 1)
    let (rows, columns) = (150, 300)
    let x = generator.tensor([rows, columns], of: Double.self) * 2 + 5
    let (weight, bias) = (generator.tensor([columns], of: Double.self), generator.tensor([columns], of: Double.self))
    let factors = generator.tensor([rows, columns], of: Double.self)
    let fused = valueWithGradients(at: [x, weight, bias]) {
      ($0[0].batchNorm(weight: $0[1], bias: $0[2]).result * factors).sum()
    }
    let composed = valueWithGradients(at: [x, weight, bias]) { x in
      let centered = x[0] - x[0].mean(over: [0])
      let deviation = (centered.square().mean(over: [0]) + 1e-5).sqrt()
      return ((centered / deviation * x[1] + x[2]) * factors).sum()
    }
    #expect(abs(fused.value - composed.value) < 1e-9)
    for (fused, composed) in zip(fused.gradients, composed.gradients) {
      #expect(fused.distance(to: composed) < 1e-11 * Double(fused.count))
    }
  }

  /// A large mean must not eat the digits of the variance.
  @Test func largeMeans() {
    let x = Variable(Tensor<Float>([[10_000], [10_001], [10_002], [10_003]]))
    let result = x.batchNorm(weight: Variable(Tensor(ones: [1])), bias: Variable(Tensor(zeros: [1]))).result.value
    #expect(result.distance(to: Tensor([[-1.341636], [-0.447212], [0.447212], [1.341636]])) < 1e-5)
  }

  /// The running statistics change with the update of a step, and with nothing else; they are saved, not trained.
  @Test func runningStatistics() {
    var layer = BatchNorm<Float>(features: 2, momentum: 0.5)
    #expect(layer.parameterNames == ["weight", "bias", "running_mean", "running_var"] && layer.parameterCount == 4)
    let x = Variable(Tensor<Float>([[1, 0], [3, 0]]))
    #expect(layer(x).value.distance(to: x.value) < 1e-4)
    var optimizer = ModelOptimizer(for: layer, dense: SGD(learningRate: 0))
    let (_, gradients) = valueWithGradients(at: layer) { $0(x).sum() }
    #expect(layer.runningMean.value == Tensor(zeros: [2]))
    optimizer.update(&layer, with: gradients)
    #expect(layer.runningMean.value == Tensor([1, 0]) && layer.runningVariance.value == Tensor([1.5, 0.5]))
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("batchNorm: input [3, 2], weight [3] and bias [2]; expected [n, d], [d] and [d]") {
      let (three, two) = (Variable(Tensor<Float>(ones: [3])), Variable(Tensor<Float>(ones: [2])))
      _ = Variable(Tensor(zeros: [3, 2])).batchNorm(weight: three, bias: two)
    },
    ProgrammingError("batchNorm: input [1, 2]; a variance needs 2 or more rows") {
      _ = valueWithGradients(at: BatchNorm<Float>(features: 2)) { $0(Variable(Tensor(zeros: [1, 2]))).sum() }
    },
    ProgrammingError("BatchNorm: input [4, 3], expected [n, 2]") {
      _ = BatchNorm<Float>(features: 2)(Variable(Tensor(zeros: [4, 3])))
    },
    ProgrammingError("BatchNorm: 0 features, expected 1 or more") { _ = BatchNorm<Float>(features: 0) },
    ProgrammingError("BatchNorm: momentum 1.5 is not in 0...1") { _ = BatchNorm<Float>(features: 1, momentum: 1.5) },
    ProgrammingError("BatchNorm: epsilon 0.0 is not above 0") { _ = BatchNorm<Float>(features: 1, epsilon: 0) },
    ProgrammingError("rmsNorm: epsilon 0.0 is not above 0") {
      _ = Variable(Tensor<Float>(ones: [2, 3])).rmsNorm(weight: Variable(Tensor(ones: [3])), epsilon: 0)
    },
    ProgrammingError("batchNorm: epsilon 0.0 is not above 0") {
      let ones = Variable(Tensor<Float>(ones: [3]))
      _ = Variable(Tensor<Float>(ones: [2, 3])).batchNorm(weight: ones, bias: ones, epsilon: 0)
    },
    ProgrammingError("RMSNorm: epsilon 0.0 is not above 0") { _ = RMSNorm<Float>([1], epsilon: 0) },
    ProgrammingError("rmsNorm: input [4, 3] and weight [2], expected […, n…] and [n…]") {
      _ = RMSNorm<Float>([2])(Variable(Tensor(zeros: [4, 3])))
    },
  ]
}
