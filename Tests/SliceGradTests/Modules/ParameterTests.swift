import SliceGrad
import Testing

@Suite struct ParameterTests {
  /// Equality is that of the numbers; a leaf of a training step equals the model's own.
  @Test func equality() {
    let model = BagModel<Double>()
    #expect(Parameter(Tensor<Float>([1])) == Parameter(Tensor([1])))
    #expect(Parameter(Tensor<Float>([1])) != Parameter(Tensor([2])))
    _ = valueWithGradients(at: model) { tracked, tape in
      #expect(tracked.output.weight == model.output.weight)
      #expect(tracked.embedding.weight == model.embedding.weight)
      return tracked.loss([[1]], [0], on: tape)
    }
  }

  @Test func tables() {
    let table = EmbeddingTable(Tensor<Float>(zeros: [5, 3]))
    #expect(table.rowCount == 5)
    #expect(table.columnCount == 3)
  }

  /// The closure's model is a copy: the one outside is no part of the step, before, during and after it.
  @Test func theModelOutsideIsNotTracked() {
    let model = BagModel<Double>()
    let before = model.loss([[1]], [0]).scalar
    let (value, _) = valueWithGradients(at: model) { tracked, tape in
      #expect(model.loss([[1]], [0]).tape == nil)
      return tracked.loss([[1]], [0], on: tape)
    }
    #expect(value == before)
    #expect(model.loss([[1]], [0]).scalar == before)
  }

  private static let missingTape =
    "a parameter of a training step is used without its tape: "
    + "pass `on: tape` to look-ups, inputs as Variable(x, on: tape)"

  /// A forgotten `on: tape`, in each place where it can be forgotten. See `TrapTests`.
  static let errors = [
    ProgrammingError(missingTape) {
      _ = valueWithGradients(at: BagModel<Float>()) { model, _ in model.loss([[1]], [0]) }
    },
    ProgrammingError(missingTape) {
      _ = valueWithGradients(at: BagModel<Float>()) { model, _ in model.output(Variable(Tensor(zeros: [1, 3]))).sum() }
    },
    ProgrammingError(missingTape) {
      _ = valueWithGradients(at: BagModel<Float>()) { model, _ in model.embedding.weight.gather([1]).sum() }
    },
    ProgrammingError(missingTape) {
      _ = valueWithGradients(at: BagModel<Float>()) { model, _ in model.output.weight.variable(on: nil).sum() }
    },
  ]
}
