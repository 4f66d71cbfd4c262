import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining
import TestSupport
import Testing

// The code of README.md, which has to compile and to do what it says; the test below compares the two.

struct TextClassifier: Module {
  var embedding: EmbeddingBag<Float>
  var output: Dense<Float>

  func callAsFunction(_ texts: RaggedIndices) -> Variable<Float> {
    output(embedding(texts))
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&embedding, "embedding")
    visit(&output, "output")
  }
}

func untrainedModel(rows: Int, labels: Int) -> TextClassifier {
  var generator = RandomGenerator(seed: 1)
  return TextClassifier(
    embedding: EmbeddingBag(rows: rows, columns: 64, using: &generator),
    output: Dense(inputs: 64, outputs: labels, using: &generator))
}

func train(_ model: inout TextClassifier, on batches: [(texts: RaggedIndices, labels: [Int32])]) -> [Float] {
  var losses: [Float] = []
  var optimizer = ModelOptimizer(for: model, dense: Adam(learningRate: 1e-3), sparse: SparseAdam(learningRate: 1e-2))
  for batch in batches {
    let (loss, gradients) = valueWithGradients(at: model) { model in
      softmaxCrossEntropy(model(batch.texts), batch.labels)
    }
    optimizer.update(&model, with: gradients)
    losses.append(loss)
  }
  return losses
}

func probabilities(_ model: TextClassifier, of texts: RaggedIndices) -> Tensor<Float> {
  model(texts).value.softmax()  // inference: the same code, no tape, nothing recorded
}

func accuracy(_ model: TextClassifier, on batch: TextBatch) -> (Double, Gradients<TextClassifier>) {
  let (_, scores, gradients) = valueWithGradients(at: model) { model in
    let scores = model(batch.texts)
    return (softmaxCrossEntropy(scores, batch.labels), scores.value)
  }
  let right = zip(scores.argmax(), batch.labels).count { $0 == $1 }
  return (Double(right) / Double(batch.count), gradients)
}

func copyParameters(of model: TextClassifier, to other: inout TextClassifier, through url: URL) throws {
  try model.save(to: url, metadata: ["accuracy": "0.94"])
  try other.load(from: url)
}

func outputWeight(in url: URL) throws -> Tensor<Float> {
  try SafetensorsFile(url).tensor("output.weight")
}

func encoded(_ path: String) throws -> (texts: TextDataSet, features: NGramFeatures, labels: LabelVocabulary) {
  let examples = try LabeledTextFile(path).examples()  // label TAB text
  let features = NGramFeatures(of: examples.map(\.text), NGramConfiguration(characterNGrams: 1...4, buckets: 100_000))
  let labels = LabelVocabulary(of: examples)
  return (try TextDataSet(examples, features: features, labels: labels), features, labels)
}

func classifier(trainedOn path: String) throws -> (_ text: String) -> String {
  let (data, features, labels) = try encoded(path)
  var generator = RandomGenerator(seed: 1)
  let batches = (0..<20).flatMap { _ in data.shuffledBatches(ofSize: 64, using: &generator) }
  var model = untrainedModel(rows: features.rowCount, labels: labels.count)
  _ = train(&model, on: batches.map { (texts: $0.texts, labels: $0.labels) })
  return { [model] text in labels.labels[Int(model(features.encode([text])).value.argmax()[0])] }
}

func resumeTraining(
  _ model: TextClassifier, on texts: TextDataSet, epochs: Int, checkpoint: URL
) throws -> TextClassifier {
  let steps = epochs * texts.batches(ofSize: 64).count
  let optimizer = ModelOptimizer(
    for: model, dense: AdamW(), sparse: SparseAdam(learningRate: 1e-2, biasCorrection: .activeSteps),
    overrides: [.learningRate(times: 2, for: \.output.bias)])
  var training = TrainingState(
    model: model, optimizer: optimizer, schedule: .linear(from: 1, to: 0, steps: steps),
    average: ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.99), seed: 1)
  if FileManager.default.fileExists(atPath: checkpoint.path) { try training.load(from: checkpoint) }
  while training.epoch < epochs {
    for batch in training.shuffled(texts.batches(ofSize: 64)) {  // those of this epoch that are left
      var (_, gradients) = valueWithGradients(at: training.model) { model in
        softmaxCrossEntropy(model(batch.texts), batch.labels)
      }
      gradients.clip(toGlobalNorm: 1)
      training.update(with: gradients)
      if training.optimizer.step.isMultiple(of: 100) { try training.save(to: checkpoint) }
    }
    training.beginEpoch()
    try training.save(to: checkpoint)
  }
  return training.average!.applied(to: training.model)
}

func fineTuned(_ file: URL, on data: TextDataSet, rows: Int, labels: Int) throws -> TextClassifier {
  var model = untrainedModel(rows: rows, labels: labels)
  print(try model.loadWhatFits(from: file, growingTables: true))
  var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam(), overrides: [.frozen(\.embedding)])
  for epoch in 0..<4 {
    if epoch == 1 {  // From here on, the table is trained too.
      var whole = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
      print(whole.takeWhatFits(from: optimizer))
      optimizer = whole
    }
    for batch in data.batches(ofSize: 64) {
      let (_, gradients) = valueWithGradients(at: model) { model in
        softmaxCrossEntropy(model(batch.texts), batch.labels)
      }
      optimizer.update(&model, with: gradients)
    }
  }
  return model
}

func cube(_ x: Variable<Double>) -> Variable<Double> {
  let v = x.value
  return .recorded(v * v * v, from: x.back { gradient in gradient * v * v * 3 })
}

func checkCube() -> GradientCheck {
  checkGradients(at: ["x": Tensor([0.5, -1, 2])]) { variables in cube(variables["x"]!) }
}

func startFromWordVectors(_ model: inout TextClassifier, _ vocabulary: WordVocabulary, path: String) throws {
  let coverage = try WordVectorFile(path).fill(&model.embedding.weight, for: vocabulary)
  print("\(coverage) found")  // 8123 of 9000 words found; the rows of the others stay as they are
}

func save(_ model: TextClassifier, _ vocabulary: WordVocabulary, path: String) throws {
  try WordVectorFile(path).write(model.embedding.weight, for: vocabulary)
}

struct ReadmeTests {
  @Test("every block of Swift in README.md is code of these tests")
  func readmeIsCompiled() throws { try expectCompiled("README.md") }

  @Test("so is that of the documentation's first page")
  func firstPageIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/SliceGrad.md") }

  @Test("the model of README.md learns")
  func modelLearns() {
    var model = untrainedModel(rows: 10, labels: 2)
    let texts = RaggedIndices([[1, 2, 3], [7, 8], [2, 1], [8, 9]])
    let losses = train(&model, on: Array(repeating: (texts: texts, labels: [0, 1, 0, 1]), count: 300))
    #expect(losses.last! < losses.first! / 10)
    let probabilities = probabilities(model, of: texts)
    for (row, label) in [0, 1, 0, 1].enumerated() { #expect(probabilities[row, label] > 0.9) }
  }

  @Test("the accuracy of README.md is that of the model")
  func accuracyIsRight() throws {
    let model = untrainedModel(rows: 10, labels: 2)
    let texts = RaggedIndices([[1], [7], [2], [8]])
    let first = probabilities(model, of: texts)
    let labels: [Int32] = (0..<4).map { first[$0, 0] >= first[$0, 1] ? 0 : 1 }
    let (all, gradients) = accuracy(model, on: TextBatch(texts: texts, labels: labels))
    #expect(all == 1 && "\(gradients)" == "Gradients: 4 rows of [10, 64], [2, 64], [2]")
    let (none, _) = accuracy(model, on: TextBatch(texts: texts, labels: labels.map { 1 - $0 }))
    #expect(none == 0)
  }

  @Test("the model of README.md is saved and loaded")
  func modelIsLoaded() throws {
    let model = untrainedModel(rows: 10, labels: 40)
    var other = model
    for row in 0..<10 { other.embedding.weight.value[row, 0] += 1 }
    other.output.weight.value[0, 0] += 1
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      try copyParameters(of: model, to: &other, through: url)
      #expect(other.embedding.weight == model.embedding.weight && other.output.weight == model.output.weight)
      #expect(try outputWeight(in: url) == model.output.weight.value)
      #expect(try SafetensorsFile(url).metadata == ["accuracy": "0.94"])
    }
  }

  /// Texts of which 70 batches of 64 are an epoch.
  private static let manyTexts: TextDataSet = {
    let bags = (0..<70 * 64).map { [Int32($0 % 50), Int32($0 % 7)] }
    return TextDataSet(texts: RaggedIndices(bags), labels: bags.map { $0[0] % 2 })
  }()

  /// A process is killed as soon as there is a checkpoint, wherever it then is; another one goes on from there.
  @Test("the training of README.md can be resumed")
  func trainingIsResumed() async throws {
    try await withTemporaryDirectory { directory in
      let (whole, interrupted) = (directory.appending(path: "whole"), directory.appending(path: "interrupted"))
      let model = untrainedModel(rows: 50, labels: 2)
      let expected = try resumeTraining(model, on: Self.manyTexts, epochs: 3, checkpoint: whole)

      let path: String = interrupted.path
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
        Thread.detachNewThread {
          while !FileManager.default.fileExists(atPath: path) {}
          kill(getpid(), SIGKILL)
        }
        _ = try resumeTraining(
          untrainedModel(rows: 50, labels: 2), on: ReadmeTests.manyTexts, epochs: 3, checkpoint: URL(filePath: path))
        while true { sleep(1) }
      }
      let resumed = try resumeTraining(model, on: Self.manyTexts, epochs: 3, checkpoint: interrupted)
      #expect(resumed.embedding.weight == expected.embedding.weight && resumed.output.weight == expected.output.weight)
      #expect(resumed.embedding.weight != model.embedding.weight)
      #expect(try Data(contentsOf: interrupted) == Data(contentsOf: whole))

      // The checkpoint is a file of the model too.
      var loaded = model
      try loaded.load(from: whole)
      #expect(loaded.embedding.weight != model.embedding.weight)
    }
  }

  @Test("the model of README.md is fine-tuned")
  func modelIsFineTuned() throws {
    var model = untrainedModel(rows: 40, labels: 7)
    model.embedding.weight.value = Tensor(repeating: 10, shape: [40, 64])
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      try model.save(to: url)
      let tuned = try fineTuned(url, on: Self.manyTexts, rows: 50, labels: 2)
      #expect(tuned.embedding.weight.shape == [50, 64] && tuned.output.weight.shape == [2, 64])
      for row in 0..<50 {
        let number = tuned.embedding.weight.value[row, 0]
        #expect(row < 40 ? number != 10 && abs(number - 10) < 1 : abs(number) < 1, "row \(row)")
      }
    }
  }

  @Test("the texts of README.md are encoded")
  func textsAreEncoded() throws {
    try withTemporaryFile("animal\tthe cat\nnumber\tthe one\n") { file in
      let (texts, features, labels) = try encoded(file)
      #expect(texts.count == 2 && labels.count == 2 && features.rowCount == 3 + 100_000)
      let model = untrainedModel(rows: features.rowCount, labels: labels.count)
      #expect(probabilities(model, of: texts.texts).shape == [2, 2])
      let label = try classifier(trainedOn: file)
      #expect(label("the cat") == "animal" && label("the one") == "number")
    }
  }

  @Test("the operation of README.md has the right gradient")
  func cubeIsRight() {
    let check = checkCube()
    #expect(check.passed, "\(check)")
  }

  @Test("the word vectors of README.md come back")
  func wordVectorsComeBack() throws {
    let model = untrainedModel(rows: 10, labels: 2)
    let vocabulary = WordVocabulary(of: ["to be or not to be"])
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "words.vec").path
      try save(model, vocabulary, path: path)

      var other = model
      for row in 0..<10 { other.embedding.weight.value[row, 0] += 1 }
      try startFromWordVectors(&other, vocabulary, path: path)
      for row in 0..<10 {
        let isWord = row < vocabulary.count
        #expect((other.embedding.weight.value[row, 0] == model.embedding.weight.value[row, 0]) == isWord)
      }
    }
  }
}
