import MeasurementParts
import SliceGrad

// Whole training steps. Their checks compare the losses of the first steps with those of plain loops, which are right
// only if gradients and updates are.

extension Case {
  private static let checkedSteps = 4

  static var mlpStep: Case {
    Case(
      name: "mlpStep", details: ["layers": .numbers([64, 64, 10]), "batch": 32, "optimizer": "SGD"],
      prepare: { try prepareMLPStep(MLP(inputs: 64, hidden: 64, classes: 10, batch: 32)) })
  }

  /// The first of mlpStep's steps, and nothing else.
  static func firstMLPStep() {
    var mlp = MLP(inputs: 64, hidden: 64, classes: 10, batch: 32)
    print("loss \(mlp.step())")
  }

  static var classifierSteps: [Case] {
    [
      ClassifierSize(rows: 50_000, classes: 4, tokens: 40, distribution: .uniform),
      ClassifierSize(rows: 50_000, classes: 4, tokens: 40, distribution: .logUniform),
      ClassifierSize(rows: 1_000_000, classes: 100, tokens: 200, distribution: .logUniform),
    ].map { size in
      Case(
        name: "classifierStep",
        details: [
          "rows": .number(size.rows), "columns": .number(size.columns), "hidden": .number(size.hidden),
          "classes": .number(size.classes), "batch": .number(size.batch), "tokens": .number(size.tokens),
          "distribution": .text(size.distribution.rawValue),
        ],
        prepare: { try prepareClassifierStep(size) })
    }
  }

  private static func prepareMLPStep(_ mlp: MLP) throws -> PreparedCase {
    var mlp = mlp
    var reference = NetworkReference(mlp.model)
    let rows = (0..<mlp.labels.count).map { mlp.input.row($0).elements.map(Double.init) }
    for number in 1...checkedSteps {
      let result = reference.lossAndGradients(rows, mlp.labels)
      try expect(mlp.step(), equals: result.loss, tolerance: 1e-5 * result.loss, "the loss of step \(number)")
      for (layer, gradient) in result.parameters.enumerated() {
        for (index, slope) in gradient.enumerated() { reference.parameters[layer][index] -= 0.1 * slope }
      }
    }
    return PreparedCase(stateBytes: mlp.stateByteCount, step: { _ = mlp.step() })
  }

  private static func prepareClassifierStep(_ size: ClassifierSize) throws -> PreparedCase {
    var generator = RandomGenerator(seed: 1)
    let indices = size.distribution.rowNumbers(size.batch * size.tokens, tableRows: size.rows)
    let texts = RaggedIndices(
      values: indices, rowSplits: (0...size.batch).map { Int32($0 * size.tokens) })
    let labels = (0..<size.batch).map { Int32($0 % size.classes) }
    var model = Classifier(
      embedding: EmbeddingBag(rows: size.rows, columns: size.columns, using: &generator),
      network: Network(inputs: size.columns, hidden: size.hidden, outputs: size.classes, using: &generator))
    var optimizer = ModelOptimizer(
      for: model, dense: Adam(learningRate: 1e-3), sparse: SparseAdam(learningRate: 1e-3))
    @discardableResult
    func step() -> Float {
      let (loss, gradients) = valueWithGradients(at: model) { model in
        SliceGrad.softmaxCrossEntropy(model(texts), labels)
      }
      optimizer.update(&model, with: gradients)
      return loss
    }

    var table = TableReference(of: model.embedding.weight.value, touching: indices, learningRate: 1e-3)
    var network = NetworkReference(model.network)
    var layers = network.parameters.map { AdamReference($0.map { Float($0) }, learningRate: 1e-3) }
    for number in 1...checkedSteps {
      let means = (0..<size.batch).map { text in
        table.mean(of: indices[text * size.tokens..<(text + 1) * size.tokens])
      }
      let result = network.lossAndGradients(means, labels)
      try expect(step(), equals: result.loss, tolerance: 2e-6 * result.loss, "the loss of step \(number)")
      for layer in layers.indices { layers[layer].update(gradient: result.parameters[layer]) }
      network.parameters = layers.map(\.parameters)
      table.update(indices) { position in
        result.inputs[position / size.tokens].map { $0 / Double(size.tokens) }
      }
    }
    try table.checkUntouchedRows(of: model.embedding.weight.value)
    return PreparedCase(stateBytes: optimizer.stateByteCount, step: { step() })
  }
}

/// A network, its optimizer and a batch.
private struct MLP {
  let input: Tensor<Float>
  let labels: [Int32]
  private(set) var model: Network
  private var optimizer: ModelOptimizer<Network>

  init(inputs: Int, hidden: Int, classes: Int, batch: Int) {
    var generator = RandomGenerator(seed: 1)
    input = Tensor(normal: [batch, inputs], using: &generator)
    labels = (0..<batch).map { Int32($0 % classes) }
    model = Network(inputs: inputs, hidden: hidden, outputs: classes, using: &generator)
    optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 0.1))
  }

  var stateByteCount: Int { optimizer.stateByteCount }

  mutating func step() -> Float {
    let (loss, gradients) = valueWithGradients(at: model) { model in
      softmaxCrossEntropy(model(Variable(input)), labels)
    }
    optimizer.update(&model, with: gradients)
    return loss
  }
}

/// The numbers that make a classifier and its batch.
private struct ClassifierSize {
  let rows: Int
  let columns = 64
  let hidden = 64
  let classes: Int
  let batch = 64
  let tokens: Int
  let distribution: Distribution
}

extension TableReference {
  fileprivate func mean(of indices: ArraySlice<Int32>) -> [Double] {
    var sum = rows[indices.first!]!.parameters.map { _ in 0.0 }
    for row in indices {
      for (column, number) in rows[row]!.parameters.enumerated() { sum[column] += number }
    }
    return sum.map { $0 / Double(indices.count) }
  }
}
