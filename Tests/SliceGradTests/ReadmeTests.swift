import Foundation
import SliceGrad
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

func cube(_ x: Variable<Double>) -> Variable<Double> {
  let v = x.value
  return .recorded(v * v * v, from: (x, { gradient in gradient * v * v * 3 }))
}

func checkCube() -> GradientCheck {
  checkGradients(at: ["x": Tensor([0.5, -1, 2])]) { variables in cube(variables["x"]!) }
}

struct ReadmeTests {
  @Test("every line of Swift in README.md is a line of this file")
  func readmeIsCompiled() throws {
    let thisFile = URL(filePath: #filePath)
    let readme = thisFile.deletingLastPathComponent().appending(path: "../../README.md")
    let source = try String(contentsOf: thisFile, encoding: .utf8)
    let blocks = try String(contentsOf: readme, encoding: .utf8).components(separatedBy: "```swift\n").dropFirst()
    #expect(blocks.count == 2)
    for block in blocks {
      let code = block.components(separatedBy: "```")[0].replacingOccurrences(of: "import SliceGrad\n\n", with: "")
      #expect(source.contains(code))
    }
  }

  @Test("the model of README.md learns")
  func modelLearns() {
    var model = untrainedModel(rows: 10, labels: 2)
    let texts = RaggedIndices([[1, 2, 3], [7, 8], [2, 1], [8, 9]])
    let losses = train(&model, on: Array(repeating: (texts: texts, labels: [0, 1, 0, 1]), count: 300))
    #expect(losses.last! < losses.first! / 10)
    let probabilities = probabilities(model, of: texts)
    for (row, label) in [0, 1, 0, 1].enumerated() { #expect(probabilities[row, label] > 0.9) }
  }

  @Test("the operation of README.md has the right gradient")
  func cubeIsRight() {
    let check = checkCube()
    #expect(check.passed, "\(check)")
  }
}
