import ExampleParts
import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining

/// A classifier in a file, of which only those parts are read that a text asks for: it labels a text at once, however
/// large the file is. What is read is checked for damage; `test` checks the whole file.
///
/// Its results are those of the `Classifier` of the same file, to the bit.
struct MappedClassifier: TextLabeler {
  private let parts: PartlyReadFile
  private let description: ClassifierFile
  private let words: WordIndex
  /// The n-grams alone, whose rows come after those of the words.
  private let nGrams: NGramFeatures
  private let labels: LabelVocabulary
  private let output: Dense<Float>
  let loss: Loss

  /// Nil for a file of an older version, which has to be read as a whole. Throws `CheckpointError` for another file.
  init?(contentsOf path: String) throws(CheckpointError) {
    let description = try ClassifierFile(SafetensorsFile(path: path), checks: false)
    guard let parts = try PartlyReadFile(description.file) else { return nil }
    for name in ["labels", "output.weight", "output.bias", ClassifierFile.keptBucketsName] {
      guard let entry = parts.file[name] else { continue }  // What there has to be is asked for below.
      _ = try parts.bytes(of: name, in: 0..<entry.byteRange.count)
    }
    labels = try description.labels()
    loss = description.reading.loss ?? .softmax
    output = try description.output(labels: labels.count)
    words = try WordIndex(parts)
    let kept = try description.keptBuckets(words: words.count)
    nGrams = NGramFeatures(description.reading.configuration, vocabulary: WordVocabulary(words: [])!, keptBuckets: kept)
    if description.reading.bits == nil, let dtype = parts.file["embedding.weight"]?.dtype, dtype != .f32 {
      throw description.error("embedding.weight", dtype.rawValue, "F32")
    }
    (self.parts, self.description) = (parts, description)
  }

  func choice(top: Int?, threshold: Double?) -> LabelChoice {
    LabelChoice(loss, top: top, threshold: threshold, usual: description.reading.threshold ?? 0.5)
  }

  /// The most probable labels of each text, best first. Ends the program, with one line on standard error, if the file
  /// turns out to be damaged.
  func mostProbable(_ count: Int, of texts: [String]) -> [[(label: String, probability: Float)]] {
    do {
      return try labels(count, of: texts)
    } catch {
      exit("TextClassifier", saying: error)
    }
  }

  /// The most probable labels of each text, best first. Throws if a part of the file that is read is damaged.
  func labels(_ count: Int, of texts: [String]) throws(CheckpointError) -> [[(label: String, probability: Float)]] {
    var (rows, positions, splits) = ([Int](), [Int: Int32](), [Int32(0)])
    var values: [Int32] = []
    func append(_ row: Int) {
      let position = positions[row] ?? Int32(rows.count)
      if Int(position) == rows.count {
        positions[row] = position
        rows.append(row)
      }
      values.append(position)
    }
    let bags = nGrams.encode(texts)
    for (text, range) in zip(texts, zip(bags.rowSplits, bags.rowSplits.dropFirst())) {
      for word in Tokenizer.tokens(of: text, foldsCase: nGrams.configuration.foldsCase) {
        if let row = try words.row(of: word) { append(Int(row)) }
      }
      for row in bags.values[Int(range.0)..<Int(range.1)] { append(words.count + Int(row)) }
      splits.append(Int32(values.count))
    }
    let model = TextModel(embedding: EmbeddingBag(weight: try vectors(of: rows)), output: output)
    let logits = model(RaggedIndices(values: values, rowSplits: splits)).value
    return LabelChoice(loss, top: count)(logits, loss).map { $0.map { (labels[$0.label], $0.probability) } }
  }

  /// These rows of the table, `[rows, columns]`.
  private func vectors(of rows: [Int]) throws(CheckpointError) -> Tensor<Float> {
    let columns = description.columns
    var numbers = [Float](repeating: 0, count: rows.count * columns)
    for (position, row) in rows.enumerated() {
      let place = position * columns..<(position + 1) * columns
      if let bits = description.reading.bits {
        let size = QuantizedRows.bytesInRow(columns: columns, bits: bits)
        let codes = try parts.bytes(of: "embedding.codes", in: row * size..<(row + 1) * size)
        let scale: UInt16 = try parts.integer(row, of: "embedding.scales")
        numbers[place].withUnsafeMutableBufferPointer { out in
          guard let out = out.baseAddress else { return }
          codes.withUnsafeBytes { QuantizedRows.read($0, scale: scale, bits: bits, columns: columns, into: out) }
        }
      } else {
        let bytes = try parts.bytes(of: "embedding.weight", in: 4 * row * columns..<4 * (row + 1) * columns)
        numbers[place].withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
      }
    }
    let table = Tensor(shape: [rows.count, columns], elements: numbers)
    guard table.isFinite else {
      throw description.error("the table", "numbers that are not finite", "finite ones")
    }
    return table
  }
}
