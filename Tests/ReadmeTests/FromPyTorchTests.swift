import Foundation
import SliceGrad
import SliceGradTraining
import TestSupport
import Testing

/// The article FromPyTorch.md: each call in the last column of its tables stands in `calls` below, as it is.
@Suite struct FromPyTorchTests {
  @Test("each call of the article is compiled and run")
  func callsAreCompiled() throws {
    let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let article = try String(
      contentsOf: package.appending(path: "Sources/SliceGrad/SliceGrad.docc/FromPyTorch.md"), encoding: .utf8)
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let body = source.components(separatedBy: "private func calls(").last!
    let rows = article.components(separatedBy: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| PyTorch") }
    #expect(rows.count > 50)
    for row in rows {
      let ours = row.components(separatedBy: " | ")[1]
      let spans = ours.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      #expect(!spans.isEmpty, "no call: \(row)")
      for span in spans { #expect(body.contains(span), "\(span)") }
    }
    try withTemporaryDirectory { try calls($0.appending(path: "model.safetensors")) }
  }

  private func calls(_ url: URL) throws {
    var generator = RandomGenerator(seed: 1)

    // Tensors
    let a = Tensor<Float>([[1, 2], [3, 4]])
    let b = Tensor<Float>(zeros: [2, 2])
    _ = Tensor<Float>(ones: [2, 2])
    _ = Tensor<Float>(repeating: 7, shape: [2, 2])
    _ = Tensor<Float>(normal: [2, 2], using: &generator)
    _ = Tensor<Float>(uniform: [2, 2], in: 0..<1, using: &generator)
    _ = a.shape
    _ = a.elements
    _ = a.sum().scalar
    _ = a.reshaped(to: [4])
    _ = a.transposed()
    _ = a.transposed([1, 0])
    _ = a.slice(0..<1, axis: 1)
    _ = Tensor.concatenate([a, b], axis: 0)
    _ = Tensor.stack([a, b])
    _ = a.split(into: 2, axis: 0)
    _ = a.unstacked(axis: 0)
    _ = a.matmul(b)
    _ = a.matmul(b, transposeRight: true)
    _ = a.sum(over: [1], keepingDimensions: true)
    _ = a.argmax()
    _ = a.topK(2)
    _ = a.softmax().drawClasses(using: &generator)
    let mask = a .> b
    _ = mask
    _ = a.replacing(with: b, where: a .> b)
    _ = a.clamped(to: 0...1)

    // Gradients
    var model = Sequential(
      Dense<Float>(inputs: 2, outputs: 8, using: &generator), Activation { $0.relu() },
      Dense(inputs: 8, outputs: 2, using: &generator))
    let labels: [Int32] = [0, 1]
    var optimizer = ModelOptimizer(for: model, dense: Adam())
    let tape = Tape<Float>(seed: 1)
    var (loss, gradients) = valueWithGradients(at: model, on: tape) { model in
      softmaxCrossEntropy(model(Variable(a)), labels)
    }
    _ = gradients[\.first.weight, in: model]
    gradients.clip(toGlobalNorm: 1)
    gradients.clip(toValue: 1)
    optimizer.update(&model, with: gradients)
    _ = Variable(a).detached()
    _ = loss
    _ = checkGradients(at: model) { model in softmaxCrossEntropy(model(Variable(a)), labels) }
    var accumulator = GradientAccumulator<Sequential<Dense<Float>>>()
    accumulator.add(gradients)
    gradients = accumulator.takeMean()

    // Layers
    let rows: [Int32] = [3, 1]
    let texts = RaggedIndices([[2], [0, 1, 1]])
    let table = Embedding<Float>(rows: 100, columns: 8, using: &generator)
    _ = table(rows)
    let bag = EmbeddingBag<Float>(rows: 100, columns: 8, using: &generator)
    _ = bag(texts)
    _ = LayerNorm<Float>([8])
    _ = RMSNorm<Float>([8], epsilon: 0x1p-23)
    _ = BatchNorm<Float>(features: 8)
    _ = Dropout<Float>(0.1)
    _ = Conv1D<Float>(inputs: 8, outputs: 16, length: 3, using: &generator)
    _ = GRU<Float>(inputs: 8, hidden: 16, using: &generator)
    _ = LSTM<Float>(inputs: 8, hidden: 16, using: &generator)
    _ = MultiHeadAttention<Float>(columns: 8, heads: 2, using: &generator)
    _ = TransformerBlock<Float>(columns: 8, heads: 2, hidden: 32, using: &generator)
    let x = Tensor<Float>(zeros: [2, 3, 8])
    let sequences = Sequences(padded: Variable(x), lengths: [3, 1])
    _ = sequences.padded
    _ = model.parameterCount
    _ = model.parameterNames

    // Losses
    let logits = Variable(a)
    _ = softmaxCrossEntropy(logits, labels)
    _ = softmaxCrossEntropy(logits, labels, reduction: .none)
    _ = softmaxCrossEntropy(logits, labels, labelSmoothing: 0.1)
    _ = exp(loss)
    _ = sigmoidCrossEntropy(logits, b)
    _ = sigmoidCrossEntropy(logits, b, positiveWeights: Tensor([1, 3]))
    _ = meanSquaredError(logits, b)
    _ = meanAbsoluteError(logits, b)
    _ = huber(logits, b)
    _ = marginRanking(logits.slice(0..<1, axis: 1), logits, margin: 1)
    _ = tripletMargin(logits, logits, logits, margin: 1)
    _ = cosineSimilarity(logits, logits)

    // Rules and schedules
    _ = SGD<Tensor<Float>>(learningRate: 0.1, momentum: 0.9)
    _ = Adam<Float>(learningRate: 1e-3)
    _ = AdamW<Float>(weightDecay: 1e-2)
    _ = SparseAdam<Float>(epsilonPlacement: .uncorrected)
    _ = Adagrad<Tensor<Float>>()
    _ = RMSprop<Float>()
    let override = ParameterOverride<Sequential<Dense<Float>>>.frozen(\.first)
    let other = ParameterOverride<Sequential<Dense<Float>>>.learningRate(times: 0.1, for: \.first)
    _ = [override, other]
    _ = Schedule.step(every: 30, factor: 0.1)
    _ = Schedule.exponential(factor: 0.9)
    _ = Schedule.cosine(steps: 100)
    _ = Schedule.linear(from: 1, to: 0, steps: 100)
    _ = Schedule.oneCycle(steps: 100)
    let schedule = Schedule.warmUp(steps: 10).then(.cosine(steps: 90), after: 10)
    optimizer.update(&model, with: gradients, learningRateFactor: schedule(3))
    var average = ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.999)
    average.update(with: model, after: gradients)

    // Data
    let examples = Array(0..<100)
    _ = examples.batches(ofSize: 32)
    _ = examples.shuffledBatches(ofSize: 32, using: &generator)

    // Files
    try model.save(to: url)
    try model.load(from: url)
    _ = try model.loadWhatFits(from: url)
    _ = try SafetensorsFile(url).tensor("0.weight") as Tensor<Float>
    var training = TrainingState(model: model, optimizer: optimizer, schedule: .cosine(steps: 100))
    try training.save(to: url)
    try training.load(from: url)
    if training.epochsSinceBest == 10 { training.learningRateFactor *= 0.1 }
  }
}
