import SliceGrad
import Testing

/// Numbers that a model keeps and saves but that no gradient changes.
@Suite struct BufferTests {
  /// Subtracts a running mean, which each step moves towards its batch's.
  private struct Centered: Module, Equatable {
    var mean = Buffer(Tensor<Float>([0, 0]))
    var scale = Parameter(Tensor<Float>([1, 2]))

    func callAsFunction(_ x: Tensor<Float>) -> Variable<Float> {
      mean.assign(mean.value * 0.5 + x.mean(over: [0]) * 0.5)
      return (Variable(x) - mean.value) * scale.variable
    }

    mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
      visit(&mean, "mean")
      visit(&scale, "scale")
    }
  }

  private let x = Tensor<Float>([[2, 4], [4, 8]])

  @Test func aStepAssignsAndTheUpdateTakesIt() {
    var model = Centered()
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 1))
    let (loss, gradients) = valueWithGradients(at: model) { $0(x).sum() }
    #expect(loss == 6 + 24)  // with the mean from before the step
    #expect(model.mean.value == Tensor([0, 0]))
    optimizer.update(&model, with: gradients)
    #expect(model.mean.value == Tensor([1.5, 3]))
    #expect(model.scale.value == Tensor([1 - 6, 2 - 12]))
    optimizer.update(&model, with: valueWithGradients(at: model) { $0(x).sum() }.gradients)
    #expect(model.mean.value == Tensor([2.25, 4.5]))
  }

  @Test func oneNumberIsChangedInPlace() {
    var buffer = Buffer(Tensor<Float>([1, 2]))
    let before = buffer
    buffer.value[1] = 5
    #expect(buffer.value == Tensor([1, 5]) && before.value == Tensor([1, 2]))
  }

  @Test func evaluationChangesNothing() {
    let model = Centered()
    _ = model(x)
    #expect(model == Centered())
  }

  @Test func buffersAreNoGradients() {
    let model = Centered()
    var gradients = valueWithGradients(at: model) { $0(x).sum() }.gradients
    #expect(model.parameterNames == ["mean", "scale"])
    #expect(model.parameterCount == 2)
    #expect(gradients.missing(in: model) == [])
    #expect(gradients.globalNorm == (36.0 + 144).squareRoot())
    gradients *= 2
    gradients.clip(toValue: 1)
    gradients += gradients
    #expect("\(gradients)" == "Gradients: buffer [2], [2]")
    var (updated, optimizer) = (model, ModelOptimizer(for: model, dense: SGD(learningRate: 1)))
    optimizer.update(&updated, with: gradients)
    #expect(updated.mean.value == Tensor([1.5, 3]))
    #expect(updated.scale.value == Tensor([1 - 2, 2 - 2]))
  }

  @Test func gradientChecksLeaveThemAlone() {
    let check = checkGradients(at: Centered(), tolerance: 1e-2) { $0(x) }
    #expect(check.passed, "\(check)")
    #expect(Set(check.directions.map(\.name)) == ["scale"])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("Buffer: shape [2], assigned one of [3]") { Centered().mean.assign(Tensor([1, 2, 3])) },
    ProgrammingError("ModelOptimizer: mean of shape [2], updated to [3]") {
      var (model, optimizer) = (Centered(), ModelOptimizer(for: Centered(), dense: SGD(learningRate: 1)))
      let (_, gradients) = valueWithGradients(at: model) { layer in
        var layer = layer
        layer.mean.value = Tensor([1, 2, 3])
        layer.mean.assign(Tensor([1, 2, 3]))
        return layer.scale.variable.sum()
      }
      optimizer.update(&model, with: gradients)
    },
    ProgrammingError("ModelOptimizer: mean of shape [1], updated to [2]") {
      let (_, gradients) = valueWithGradients(at: Centered()) { $0(Tensor([[1, 2]])).sum() }
      var smaller = Centered()
      smaller.mean.value = Tensor([1])
      var optimizer = ModelOptimizer(for: smaller, dense: SGD(learningRate: 1))
      optimizer.update(&smaller, with: gradients)
    },
  ]
}
