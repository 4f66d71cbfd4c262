import ExampleParts
import SliceGrad
import SliceGradText

/// What a training or a classifier is made with: an option and its value.
struct Setting {
  let name: String
  let value: any Encodable & CustomStringConvertible

  init(_ name: String, _ value: any Encodable & CustomStringConvertible) { (self.name, self.value) = (name, value) }
}

/// Settings as an object of JSON.
struct EncodedSettings: Encodable {
  let settings: [Setting]

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for setting in settings { try container.encode(setting.value, forKey: Key(stringValue: setting.name)) }
  }
}

extension Options {
  /// The options of the training by their names, with the values that stand where none was given.
  var settings: [Setting] {
    let files = [
      ("train", trainFile), ("valid", validFile), ("test", testFile), ("loss", loss?.rawValue),
      ("class-weights", classWeights), ("weights", weightsFile),
    ]
    return files.compactMap { name, file in file.map { Setting(name, $0) } } + [
      Setting("word-ngrams", wordNGrams),
      Setting("char-ngrams", characterNGrams.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "0"),
      Setting("buckets", buckets), Setting("dimensions", dimensions), Setting("epochs", epochs),
      Setting("batch-size", batchSize), Setting("optimizer", tableOptimizer.rawValue),
      Setting("learning-rate", tableLearningRate), Setting("dense-learning-rate", denseLearningRate),
      Setting("seed", seed),
    ]
  }
}

extension Classifier {
  /// What its file says of how it reads texts.
  var settings: [Setting] {
    let configuration = features.configuration
    return [
      Setting("word-ngrams", configuration.wordNGrams),
      Setting("char-ngrams", configuration.characterNGrams.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "0"),
      Setting("buckets", configuration.buckets), Setting("rows of the table", features.rowCount),
      Setting("dimensions", model.embedding.weight.value.shape[1]),
    ]
  }
}
