import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining
import Testing

// The code of README.md, which has to compile and to do what it says; the test below compares the two.

struct TextClassifier: Module {
  var embedding: EmbeddingBag<Float>
  var output: Dense<Float>

  func callAsFunction(_ texts: RaggedIndices, on tape: Tape<Float>? = nil) -> Variable<Float> {
    output(embedding(texts, on: tape))
  }

  mutating func visitParameters(_ visitor: inout some ParameterVisitor<Float>) {
    visitor.visit(&embedding, "embedding")
    visitor.visit(&output, "output")
  }
}

func train(_ model: inout TextClassifier, on batches: [(texts: RaggedIndices, labels: [Int32])]) -> [Float] {
  var losses: [Float] = []
  var optimizer = ModelOptimizer(for: model, dense: Adam(learningRate: 1e-3), sparse: SparseAdam(learningRate: 1e-2))
  for batch in batches {
    let (loss, gradients) = valueWithGradients(at: model) { model, tape in
      softmaxCrossEntropy(model(batch.texts, on: tape), batch.labels)
    }
    optimizer.update(&model, with: gradients)
    losses.append(loss)
  }
  return losses
}

func probabilities(_ model: TextClassifier, of texts: RaggedIndices) -> Tensor<Float> {
  model(texts).value.softmax()  // inference: the same code, no tape, nothing recorded
}

func copyParameters(of model: TextClassifier, to other: inout TextClassifier, through url: URL) throws {
  try model.save(to: url, metadata: ["accuracy": "0.94"])
  try other.load(from: url)
}

func outputWeight(in url: URL) throws -> Tensor<Float> {
  try SafetensorsFile(url).tensor("output.weight", shape: [40, 64])
}

func cube(_ x: Variable<Double>) -> Variable<Double> {
  let v = x.value
  return .recorded(v * v * v, from: (x, { gradient in gradient * v * v * 3 }))
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
  @Test("every line of Swift in README.md is a line of this file")
  func readmeIsCompiled() throws {
    let thisFile = URL(filePath: #filePath)
    let readme = thisFile.deletingLastPathComponent().appending(path: "../../README.md")
    let source = try String(contentsOf: thisFile, encoding: .utf8)
    let blocks = try String(contentsOf: readme, encoding: .utf8).components(separatedBy: "```swift\n").dropFirst()
    #expect(blocks.count == 4)
    for block in blocks {
      let lines = block.components(separatedBy: "```")[0].components(separatedBy: "\n")
      let code = lines.drop { $0.hasPrefix("import ") || $0.isEmpty }
      #expect(source.contains(code.joined(separator: "\n")))
      #expect(lines[..<code.startIndex].allSatisfy { source.contains($0 + "\n") })
    }
  }

  @Test("the model of README.md learns")
  func modelLearns() {
    var generator = RandomGenerator(seed: 1)
    var model = TextClassifier(
      embedding: EmbeddingBag(rows: 10, columns: 4, using: &generator),
      output: Dense(inputs: 4, outputs: 2, using: &generator))
    let texts = RaggedIndices([[1, 2, 3], [7, 8], [2, 1], [8, 9]])
    let losses = train(&model, on: Array(repeating: (texts: texts, labels: [0, 1, 0, 1]), count: 300))
    #expect(losses.last! < losses.first! / 10)
    let probabilities = probabilities(model, of: texts)
    for (row, label) in [0, 1, 0, 1].enumerated() { #expect(probabilities[row, label] > 0.9) }
  }

  @Test("the model of README.md is saved and loaded")
  func modelIsLoaded() throws {
    var generator = RandomGenerator(seed: 1)
    let model = TextClassifier(
      embedding: EmbeddingBag(rows: 10, columns: 64, using: &generator),
      output: Dense(inputs: 64, outputs: 40, using: &generator))
    var other = TextClassifier(
      embedding: EmbeddingBag(rows: 10, columns: 64, using: &generator),
      output: Dense(inputs: 64, outputs: 40, using: &generator))
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    try copyParameters(of: model, to: &other, through: url)
    #expect(other.embedding.weight == model.embedding.weight && other.output.weight == model.output.weight)
    #expect(try outputWeight(in: url) == model.output.weight.value)
    #expect(try SafetensorsFile(url).metadata == ["accuracy": "0.94"])
  }

  @Test("the operation of README.md has the right gradient")
  func cubeIsRight() {
    let check = checkCube()
    #expect(check.passed, "\(check)")
  }

  @Test("the word vectors of README.md come back")
  func wordVectorsComeBack() throws {
    var generator = RandomGenerator(seed: 1)
    let model = TextClassifier(
      embedding: EmbeddingBag(rows: 10, columns: 4, using: &generator),
      output: Dense(inputs: 4, outputs: 2, using: &generator))
    let vocabulary = WordVocabulary(of: ["to be or not to be"])
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    try save(model, vocabulary, path: file.path)

    var other = model
    for row in 0..<10 { other.embedding.weight.value[row, 0] += 1 }
    try startFromWordVectors(&other, vocabulary, path: file.path)
    for row in 0..<10 {
      let isWord = row < vocabulary.count
      #expect((other.embedding.weight.value[row, 0] == model.embedding.weight.value[row, 0]) == isWord)
    }
  }
}
