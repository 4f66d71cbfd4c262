import Foundation
import SliceGrad
import Testing

@Suite struct ParameterTests {
  /// Equality is that of the numbers; a leaf of a training step equals the model's own.
  @Test func equality() {
    let model = BagModel<Double>()
    #expect(Parameter(Tensor<Float>([1])) == Parameter(Tensor([1])))
    #expect(Parameter(Tensor<Float>([1])) != Parameter(Tensor([2])))
    _ = valueWithGradients(at: model) { tracked in
      #expect(tracked.output.weight == model.output.weight)
      #expect(tracked.embedding.weight == model.embedding.weight)
      return tracked.loss([[1]], [0])
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
    let (value, _) = valueWithGradients(at: model) { tracked in
      #expect(model.loss([[1]], [0]).tape == nil)
      return tracked.loss([[1]], [0])
    }
    #expect(value == before)
    #expect(model.loss([[1]], [0]).scalar == before)
  }

  private static let outside =
    "a model of a training step is used outside of its step: after the step has ended, or on another thread"

  private static func constant(_ type: String) -> String {
    "\(type).value in a model of a training step is a constant, without a gradient: take `.variable`, "
      + "or `.variable.detached()` for a constant"
  }

  /// A model that a step lets out.
  private static func escaped() -> BagModel<Float> {
    valueWithGradients(at: BagModel<Float>()) { model in (model.loss([[1]], [0]), model) }.extra
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("EmbeddingTable: shape [1, 1, 9] is not [v, d]") {
      struct Interruption: Error {}
      func change(_ value: inout Tensor<Float>) throws {
        value = Tensor(zeros: [1, 1, 9])
        throw Interruption()
      }
      var table = EmbeddingTable(Tensor<Float>(zeros: [1, 1]))
      try? change(&table.value)
    },
    ProgrammingError(outside) { _ = escaped().output.weight.variable },
    ProgrammingError(outside) { _ = escaped().embedding(RaggedIndices([[1]])) },
    ProgrammingError(outside) {
      // In the next step, whose tape may lie where the first one's did.
      let kept = escaped()
      _ = valueWithGradients(at: BagModel<Float>()) { _ in kept.loss([[1]], [0]) }
    },
    ProgrammingError(outside) {
      _ = valueWithGradients(at: BagModel<Float>()) { model in
        let thread = Thread { _ = model.output.weight.variable }
        thread.start()
        while !thread.isFinished { usleep(1000) }
        return model.loss([[1]], [0])
      }
    },
    ProgrammingError(constant("Parameter")) {
      _ = valueWithGradients(at: BagModel<Float>()) { model in Variable(model.output.weight.value).sum() }
    },
    ProgrammingError(constant("EmbeddingTable")) {
      _ = valueWithGradients(at: BagModel<Float>()) { model in
        Variable(Tensor(ones: [1, 3])).matmul(Variable(model.embedding.weight.value), transposeRight: true).sum()
      }
    },
  ]
}
