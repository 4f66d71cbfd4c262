import ExampleParts
import Foundation
import SliceGrad
import SliceGradMPI
import SliceGradText
import SliceGradTraining

/// A trained model with what turns texts into its input, and its output into labels.
struct Classifier: TextLabeler {
  var model: TextModel
  let features: NGramFeatures
  let labels: LabelVocabulary
  /// Whether the labels are languages, by the names that Foundation brings along.
  let isOfNames: Bool
  /// What it learnt of the labels.
  var loss = Loss.softmax
  /// The probability from which on it gives independent labels: the one that did best on validation texts, if there
  /// were some.
  var threshold = 0.5

  func choice(top: Int?, threshold: Double?) -> LabelChoice {
    LabelChoice(loss, top: top, threshold: threshold, usual: self.threshold)
  }

  /// The most probable labels of each text, best first.
  func mostProbable(_ count: Int, of texts: [String]) -> [[(label: String, probability: Float)]] {
    mostProbable(count, of: texts) { model($0).value }
  }

  /// The same by the logits that are given to the texts' features.
  func mostProbable(
    _ count: Int, of texts: [String], logits: (RaggedIndices) throws -> Tensor<Float>
  ) rethrows -> [[(label: String, probability: Float)]] {
    guard !texts.isEmpty else { return [] }
    let best = LabelChoice(loss, top: count)(try logits(features.encode(texts)), loss)
    return best.map { $0.map { (labels[$0.label], $0.probability) } }
  }

  /// The vector of each word, the mean of those of its features, `[words, dimensions]`.
  var wordVectors: Tensor<Float> { model.vectors(of: features.encode(features.vocabulary.words)) }

  /// The words by their vectors. Of others, those are known that are made of n-grams.
  var wordSpace: WordSpace {
    WordSpace(features.vocabulary, wordVectors) { word in
      let rows = features.rows(of: word)
      return rows.isEmpty ? nil : model.vectors(of: RaggedIndices([rows]))
    }
  }

  /// A label as people call it.
  func name(of label: String) -> String { isOfNames ? NamesDataSet.englishName(ofLanguage: label) ?? label : label }
}

// What a file has is told at `ClassifierFile`.
extension Classifier {
  /// Writes it to a file, which is replaced as a whole. If processes share the rows of the table, all call it.
  func save(to path: String, _ ranks: Ranks) throws {
    let reading = ClassifierFile.Reading(
      configuration: features.configuration, isOfNames: isOfNames, loss: savedLoss, threshold: savedThreshold)
    var writer = SafetensorsWriter(metadata: try reading.metadata)
    writer.checksumsBlocks = true
    if let kept = features.keptBuckets { ClassifierFile.add(kept.rows, to: &writer) }
    writer.add("embedding.weight", model.embedding.weight)
    add(to: &writer)
    try ranks.write(writer, to: URL(filePath: path))
  }

  /// The loss as a file has it, which says nothing of softmax, as older ones did.
  var savedLoss: Loss? { loss == .softmax ? nil : loss }

  /// The threshold as a file has it, which says nothing of 0.5, as older ones did.
  var savedThreshold: Double? { threshold == 0.5 ? nil : threshold }

  /// Adds all but the table to a file.
  func add(to writer: inout SafetensorsWriter) {
    writer.add("output.weight", model.output.weight.value)
    writer.add("output.bias", model.output.bias!.value)
    WordIndex.add(features.vocabulary.words, to: &writer)
    let text = Array(labels.labels.joined(separator: "\n").utf8)
    writer.add("labels", dtype: .u8, shape: [text.count], pieces: [text])
  }

  /// Reads what `save` wrote, or `QuantizedClassifier`. Throws `CheckpointError` for another file.
  init(contentsOf path: String) throws(CheckpointError) {
    let file = try ClassifierFile(SafetensorsFile(path: path), checks: true)
    guard let vocabulary = WordVocabulary(words: try file.lines("words")) else {
      throw file.error("words", "a word twice", "different words")
    }
    labels = try file.labels()
    let output = try file.output(labels: labels.count)
    let kept = try file.keptBuckets(words: vocabulary.count)
    features = NGramFeatures(file.reading.configuration, vocabulary: vocabulary, keptBuckets: kept)
    model = TextModel(embedding: EmbeddingBag(weight: try file.table(rows: features.rowCount)), output: output)
    isOfNames = file.reading.isOfNames
    loss = file.reading.loss ?? .softmax
    threshold = file.reading.threshold ?? 0.5
  }
}

extension TextModel {
  /// The logits `[texts, classes]`. Ranks that share the rows of the table compute them together.
  func logits(of texts: RaggedIndices, _ ranks: Ranks) throws -> Tensor<Float> {
    guard embedding.weight.sharing != nil else { return self(texts).value }
    return try ranks.rows(
      at: self, examples: texts.bagCount, part: texts.bags, lookups: [.bags(\.embedding.weight, { $0 })]
    ) { $0($1).value }
  }
}
