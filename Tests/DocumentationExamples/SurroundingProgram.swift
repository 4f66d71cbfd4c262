// The program around the examples of documentation comments: what they use without declaring it.

import Foundation
import SliceGrad
import SliceGradMPI
import SliceGradText
import SliceGradTraining

struct TextClassifier: Module {
  var embedding: EmbeddingBag<Float>
  var output: Dense<Float>

  func callAsFunction(_ texts: RaggedIndices) -> Variable<Float> { output(embedding(texts)) }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&embedding, "embedding")
    visit(&output, "output")
  }
}

/// Three texts of 12 different words.
let batch = TextBatch(texts: RaggedIndices([[0, 1, 2, 3, 4], [5, 6, 7], [8, 9, 10, 11]]), labels: [0, 1, 2])
let batches = [batch, batch]
let data = TextDataSet(texts: batch.texts, labels: batch.labels)
let training = [
  LabeledText(label: "de", text: "Wie geht's?"), LabeledText(label: "en", text: "How are you?"),
  LabeledText(label: "es", text: "¿Qué tal?"),
]

/// Each example is a method of this, called on a value of its own, in a folder with the files that `init` writes.
struct SurroundingProgram {
  var generator = RandomGenerator(seed: 1)
  var model: TextClassifier
  var optimizer: ModelOptimizer<TextClassifier>
  var gradients: Gradients<TextClassifier>
  let world: Communicator

  init() throws {
    world = try Communicator.world()
    model = TextClassifier(
      embedding: EmbeddingBag(rows: 1004, columns: 64, using: &generator),
      output: Dense(inputs: 64, outputs: 40, using: &generator))
    optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
    (_, gradients) = valueWithGradients(at: model) { softmaxCrossEntropy($0(batch.texts), batch.labels) }
    try "es\t¿Qué tal?\nen\tHow are you?\n".write(toFile: "train.tsv", atomically: true, encoding: .utf8)
    try "3 2\nto 1 2\nbe 3 4\nor 5 6\n".write(toFile: "words.vec", atomically: true, encoding: .utf8)
    try model.save(to: URL(filePath: "names.safetensors"))
    let fixtures = URL(filePath: #filePath).appending(path: "../../SliceGradTextTests/Fixtures").standardized
    try Data(contentsOf: fixtures.appending(path: "softmax.bin")).write(to: URL(filePath: "drinks.bin"))
  }
}
