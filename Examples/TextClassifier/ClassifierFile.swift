import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining

/// A file with a classifier, and what it says of itself. The table of features is not read yet.
///
/// The metadata say how it reads texts. The tensors are the model's, the words and the labels. In a file of few bits,
/// "embedding.codes" and "embedding.scales" are in the place of "embedding.weight", as `QuantizedRows` has them: first
/// the rows of the words, then those of the buckets that were kept, whose numbers are "buckets.kept".
struct ClassifierFile {
  /// What a file says besides the tensors.
  struct Reading: Codable {
    let configuration: NGramConfiguration
    let isOfNames: Bool
    /// In older files there is none: softmax.
    var loss: Loss?
    /// In older files there is none: 0.5.
    var threshold: Double?
    /// The bits of a weight in a table of few bits.
    var bits: Int?

    /// The metadata of a file.
    var metadata: [String: String] {
      get throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys  // the same bytes for the same classifier
        return [ClassifierFile.key: String(decoding: try encoder.encode(self), as: UTF8.self)]
      }
    }
  }

  private static let key = "TextClassifier"

  let file: SafetensorsFile
  let reading: Reading

  /// Throws `CheckpointError` for another file, and for a damaged one if the checks of the whole are wanted.
  init(_ file: SafetensorsFile, checks: Bool) throws(CheckpointError) {
    self.file = file
    guard let json = file.metadata[Self.key],
      let reading = try? JSONDecoder().decode(Reading.self, from: Data(json.utf8)),
      [nil, 4, 8].contains(reading.bits), (0...1).contains(reading.threshold ?? 0.5)
    else {
      throw CheckpointError(
        path: file.path, found: "no features in the metadata",
        expected: "a file that --save wrote; an older one has its words there, and has to be trained anew")
    }
    self.reading = reading
    if checks { try file.checkIsUndamaged() }
  }

  var columns: Int { file["output.weight"]?.shape.last ?? 1 }

  /// The labels, in the order of their classes.
  func labels() throws(CheckpointError) -> LabelVocabulary {
    guard let labels = LabelVocabulary(labels: try lines("labels")), labels.count > 0 else {
      throw error("labels", "none, or one twice", "different labels")
    }
    return labels
  }

  /// The lines of a text.
  func lines(_ name: String) throws(CheckpointError) -> [String] {
    try file.bytes(of: name).split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The layer above the table.
  func output(labels: Int) throws(CheckpointError) -> Dense<Float> {
    Dense(weight: try tensor("output.weight", [labels, columns]), bias: try tensor("output.bias", [labels]))
  }

  /// The table, with the rows of so many words, and which buckets have the rows after them; nil if all do.
  func table(words: Int) throws(CheckpointError) -> (rows: Tensor<Float>, kept: KeptRows?) {
    let buckets = reading.configuration.buckets
    guard let bits = reading.bits else {
      return (try tensor("embedding.weight", [words + buckets, columns]), nil)
    }
    let kept = try keptCount(words: words)
    let numbers = try file.bytes(of: "buckets.kept").withUnsafeBytes { bytes in
      (0..<kept).map { UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
    }
    guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }), numbers.last ?? 0 <= max(buckets - 1, 0),
      words + buckets <= Int32.max
    else {
      throw error("buckets.kept", "numbers that don't rise or are too large", "rising ones below \(buckets)")
    }
    let rows = (0..<Int32(words)) + numbers.map { Int32(words) + Int32($0) }
    let (codes, scales) = (try file.bytes(of: "embedding.codes"), try file.bytes(of: "embedding.scales"))
    let table = Tensor<Float>(shape: [rows.count, columns]) { out in
      let size = QuantizedRows.bytesInRow(columns: columns, bits: bits)
      codes.withUnsafeBytes { codes in
        scales.withUnsafeBytes { scales in
          for row in rows.indices {
            QuantizedRows.read(
              UnsafeRawBufferPointer(rebasing: codes[row * size..<(row + 1) * size]),
              scale: UInt16(littleEndian: scales.loadUnaligned(fromByteOffset: 2 * row, as: UInt16.self)),
              bits: bits, columns: columns, into: out + row * columns)
          }
        }
      }
    }
    guard table.isFinite else { throw error("embedding.scales", "numbers that are not finite", "finite ones") }
    return (table, KeptRows(rows))
  }

  /// The number of buckets whose rows were kept. Throws unless the tensors of few bits fit that and so many words.
  func keptCount(words: Int) throws(CheckpointError) -> Int {
    let kept = file["buckets.kept"]?.shape.first ?? 0
    let size = QuantizedRows.bytesInRow(columns: columns, bits: reading.bits ?? 8)
    for (name, dtype, shape) in [
      ("buckets.kept", SafetensorsType.u32, [kept]), ("embedding.codes", .u8, [words + kept, size]),
      ("embedding.scales", .bf16, [words + kept]),
    ] {
      guard let entry = file[name], entry.dtype == dtype, entry.shape == shape else {
        throw error(
          name, file[name].map { "\($0.dtype.rawValue) of shape \($0.shape)" } ?? "none",
          "\(dtype.rawValue) of shape \(shape)")
      }
    }
    return kept
  }

  func error(_ name: String, _ found: String, _ expected: String) -> CheckpointError {
    CheckpointError(path: file.path, tensor: name, found: found, expected: expected)
  }

  /// A tensor that is as large as the words and labels say: what the metadata say may ask for any memory.
  private func tensor(_ name: String, _ shape: [Int]) throws(CheckpointError) -> Tensor<Float> {
    guard let entry = file[name], entry.shape == shape else {
      throw error(name, file[name].map { "shape \($0.shape)" } ?? "none", "shape \(shape)")
    }
    let tensor: Tensor<Float> = try file.tensor(name)
    guard tensor.isFinite else { throw error(name, "numbers that are not finite", "finite ones") }
    return tensor
  }
}
