import SliceGrad

// A layer of a transformer, trained. Its check takes a smaller batch, of sequences of different lengths: plain loops
// compute its loss, and how steeply that falls against the gradient.

extension Case {
  static var attentionBlock: Case {
    Case(
      name: "attentionBlock",
      details: ["batch": 32, "tokens": 64, "columns": 128, "heads": 4, "hidden": 512],
      prepare: {
        try check(BlockTraining(lengths: [64, 41]))
        var training = BlockTraining(lengths: Array(repeating: 64, count: 32))
        return PreparedCase(stateBytes: training.optimizer.stateByteCount, step: { training.step() })
      })
  }

  private static func check(_ training: BlockTraining) throws {
    var reference = TransformerReference(training.block)
    let (start, expectedLoss) = (reference.parameters, training.loss(by: reference))
    let (loss, gradients) = training.lossAndGradients()
    try expect(loss, equals: expectedLoss, tolerance: 1e-5 * expectedLoss, "the loss")

    var descended = training.block
    var descent = ModelOptimizer(for: descended, dense: SGD(learningRate: 1))
    descent.update(&descended, with: gradients)
    let end = TransformerReference(descended).parameters
    let norm = gradients.globalNorm
    func lossAfter(moving distance: Double) -> Double {
      reference.parameters = start.merging(end) { zip($0, $1).map { $0 + distance * ($1 - $0) / norm } }
      return training.loss(by: reference)
    }
    let slope = (lossAfter(moving: -1e-4) - lossAfter(moving: 1e-4)) / 2e-4
    try expect(norm, equals: slope, tolerance: 1e-4 * slope, "the norm of the gradient")
  }
}

/// A block, its optimizer, and sequences with what is to become of them.
private struct BlockTraining {
  private let input: Sequences<Float>
  private let targets: Tensor<Float>
  private(set) var block: TransformerBlock<Float>
  private(set) var optimizer: ModelOptimizer<TransformerBlock<Float>>

  init(lengths: [Int]) {
    var generator = RandomGenerator(seed: 1)
    let columns = 128
    block = TransformerBlock(columns: columns, heads: 4, hidden: 512, using: &generator)
    optimizer = ModelOptimizer(for: block, dense: Adam(learningRate: 1e-3))
    let rowSplits = lengths.reduce(into: [0 as Int32]) { $0.append($0.last! + Int32($1)) }
    let shape: Shape = [Int(rowSplits.last!), columns]
    input = Sequences(values: Variable(Tensor(normal: shape, using: &generator)), rowSplits: rowSplits)
    targets = Tensor(normal: shape, using: &generator)
  }

  func lossAndGradients() -> (value: Float, gradients: Gradients<TransformerBlock<Float>>) {
    valueWithGradients(at: block) { block in meanSquaredError(block(input).values, targets) }
  }

  mutating func step() {
    let gradients = lossAndGradients().gradients
    optimizer.update(&block, with: gradients)
  }

  /// The same loss, by plain loops.
  func loss(by reference: TransformerReference) -> Double {
    let rows = (0..<targets.shape[0]).map { input.values.value.row($0).elements.map(Double.init) }
    let outputs = zip(input.rowSplits, input.rowSplits.dropFirst()).flatMap { first, end in
      reference.outputs(Array(rows[Int(first)..<Int(end)]))
    }
    let squares = zip(outputs.joined(), targets.elements).map { ($0 - Double($1)) * ($0 - Double($1)) }
    return squares.reduce(0, +) / Double(squares.count)
  }
}
