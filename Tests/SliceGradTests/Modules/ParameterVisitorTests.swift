import SliceGrad
import Testing

/// The visit of a model's leaves: lists and optionals of modules, and what is done with names and numbers.
@Suite struct ParameterVisitorTests {
  private struct Model: Module, Equatable {
    var table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4]]))
    var hidden = [
      Dense<Float>(weight: Tensor([[1, 0], [0, 1]]), bias: Tensor([0, 0])), Dense(weight: Tensor([[1, 1]]), bias: nil),
    ]
    var shift: Parameter<Float>? = Parameter(Tensor([5]))
    var absent: Dense<Float>?

    func callAsFunction(_ rows: [Int32]) -> Variable<Float> {
      hidden.reduce(table.gather(rows)) { $1($0) } + shift!.variable
    }

    mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
      visit(&table, "table")
      visit(&hidden, "hidden")
      visit(&shift, "shift")
      visit(&absent, "absent")
    }
  }

  @Test func names() {
    #expect(Model().parameterNames == ["table", "hidden.0.weight", "hidden.0.bias", "hidden.1.weight", "shift"])
    #expect(
      [Dense<Float>](repeating: Dense(weight: Tensor([[1]]), bias: nil), count: 2).parameterNames == [
        "0.weight", "1.weight",
      ])
  }

  @Test func forEachParameterMayChangeThem() {
    var model = Model()
    model.forEachParameter { name, value in if name != "table" { value *= 2 } }
    #expect(model.hidden[1].weight.value == Tensor([[2, 2]]))
    #expect(model.shift!.value == Tensor([10]))
    #expect(model.table == Model().table)
    #expect(model != Model())
  }

  /// Lists and optional leaves are differentiated and updated like fields.
  @Test func training() {
    var model = Model()
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 1), sparse: SGD(learningRate: 1))
    let (loss, gradients) = valueWithGradients(at: model) { $0([1]).sum() }
    #expect(loss == 12)
    #expect(gradients[\.shift, in: model] == Tensor([1]))
    #expect(gradients[\.shift!, in: model] == Tensor([1]))
    #expect(gradients[\.hidden[1].weight, in: model] == Tensor([[3, 4]]))
    #expect(gradients[\.table, in: model]?.indices == [1])
    #expect("\(gradients)" == "Gradients: 1 rows of [2, 2], [2, 2], [2], [1, 2], [1]")
    optimizer.update(&model, with: gradients)
    #expect(model.shift!.value == Tensor([4]))
    #expect(model.hidden[1].weight.value == Tensor([[-2, -3]]))
    #expect(model.table.value == Tensor([[1, 2], [2, 3]]))
  }

  /// What a model prints is its architecture, not its numbers.
  @Test func descriptions() {
    #expect(
      "\(BagModel<Float>())" == "BagModel<Float>(embedding: EmbeddingBag(6 × 3, mean), output: Dense(3 → 4))")
    #expect("\(Parameter(Tensor<Float>([1, 2])))" == "Parameter [2]")
    #expect("\(EmbeddingTable(Tensor<Float>([[1, 2]])))" == "EmbeddingTable [1, 2]")
    #expect("\(Buffer(Tensor<Float>([1, 2])))" == "Buffer [2]")
    let embedding = Embedding<Float>(weight: Tensor([[1, 2], [3, 4], [5, 6]]))
    let dense = Dense<Float>(weight: Tensor([[1, 1]]), bias: nil)
    #expect(
      "\(Sequential(embedding, LayerNorm([2]), Activation { $0.relu() }, Dropout(0.5), dense))"
        == "Sequential(Embedding(3 × 2), LayerNorm([2]), Activation, Dropout(0.5), Dense(2 → 1, without bias))")
  }
}
