import ExampleParts
import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining

/// A classifier whose table has a few bits a weight, and only some of the rows.
struct QuantizedClassifier {
  /// With the numbers as they are read from the file.
  let classifier: Classifier
  private let rows: QuantizedRows

  /// Stores the weights of a classifier with 8 or 4 bits. Those of its layer above the table stay as they are.
  init(_ classifier: Classifier, bits: Int) {
    rows = QuantizedRows(classifier.model.embedding.weight.value, bits: bits)
    let model = classifier.model
    self.classifier = Classifier(
      model: TextModel(embedding: EmbeddingBag(weight: rows.tensor), output: model.output),
      features: classifier.features, labels: classifier.labels, isOfNames: classifier.isOfNames,
      loss: classifier.loss, threshold: classifier.threshold)
  }

  /// Writes it to a file, which is replaced as a whole.
  func save(to path: String) throws { try writer.write(to: URL(filePath: path)) }

  /// The number of bytes of the file.
  var byteCount: Int { get throws { try writer.byteCount() } }

  private var writer: SafetensorsWriter {
    get throws {
      let features = classifier.features
      let reading = ClassifierFile.Reading(
        configuration: features.configuration, isOfNames: classifier.isOfNames,
        loss: classifier.savedLoss, threshold: classifier.savedThreshold, bits: rows.bits)
      var writer = SafetensorsWriter(metadata: try reading.metadata)
      writer.checksumsBlocks = true
      ClassifierFile.add(
        features.keptBuckets?.rows ?? Array(0..<Int32(features.configuration.buckets)), to: &writer)
      writer.add("embedding.scales", dtype: .bf16, shape: [rows.rowCount], pieces: [rows.scales.map(\.littleEndian)])
      writer.add(
        "embedding.codes", dtype: .u8,
        shape: [rows.rowCount, QuantizedRows.bytesInRow(columns: rows.columns, bits: rows.bits)], pieces: [rows.codes])
      classifier.add(to: &writer)
      return writer
    }
  }
}
