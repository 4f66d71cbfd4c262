import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining

/// A file with a classifier, and what it says of itself. The table of features is not read yet.
///
/// The metadata say how it reads texts. The tensors are the model's, the words and the labels. The table has the rows
/// of the words first, then those of the buckets whose numbers are "buckets.kept"; in older files those of all. In a
/// file of few bits, "embedding.codes" and "embedding.scales" are in the place of "embedding.weight", as
/// `QuantizedRows` has them.
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
  static let keptBucketsName = "buckets.kept"

  let file: SafetensorsFile
  let reading: Reading

  /// Throws `CheckpointError` for another file, and for a damaged one if the checks of the whole are wanted.
  init(_ file: SafetensorsFile, checks: Bool) throws(CheckpointError) {
    self.file = file
    guard let json = file.metadata[Self.key] else {
      throw CheckpointError(
        path: file.path, found: file.isCheckpoint ? "the checkpoint of a training" : "a file of something else",
        expected: "a classifier that --save wrote")
    }
    guard let reading = try? JSONDecoder().decode(Reading.self, from: Data(json.utf8)),
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

  /// Adds the numbers of the buckets that have rows to a file.
  static func add(_ keptBuckets: [Int32], to writer: inout SafetensorsWriter) {
    writer.add(keptBucketsName, dtype: .u32, shape: [keptBuckets.count], pieces: [keptBuckets.map(\.littleEndian)])
  }

  /// The buckets that have rows; nil if all do, as in older files. Throws unless the table has a row for each of them
  /// and of so many words.
  func keptBuckets(words: Int) throws(CheckpointError) -> KeptRows? {
    let (name, buckets) = (Self.keptBucketsName, reading.configuration.buckets)
    guard reading.bits != nil || file[name] != nil else {
      try checkTable(rows: words + buckets)
      return nil
    }
    let count = file[name]?.shape.first ?? 0
    try check(name, .u32, [count])
    try checkTable(rows: words + count)
    let numbers = try file.bytes(of: name).withUnsafeBytes { bytes in
      (0..<count).map { UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
    }
    guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }), numbers.last.map({ $0 < buckets }) ?? true else {
      throw error(name, "numbers that don't rise or are too large", "rising ones below \(buckets)")
    }
    return KeptRows(numbers.map { Int32($0) })
  }

  /// Throws unless the table has so many rows, and no more than Int32 can count.
  private func checkTable(rows: Int) throws(CheckpointError) {
    if let bits = reading.bits {
      try check("embedding.codes", .u8, [rows, QuantizedRows.bytesInRow(columns: columns, bits: bits)])
      try check("embedding.scales", .bf16, [rows])
    } else {
      try check("embedding.weight", nil, [rows, columns])
    }
    guard rows <= Int32.max else { throw error("the table", "\(rows) rows", "at most \(Int32.max)") }
  }

  /// The table, of which it is known that it has so many rows.
  func table(rows: Int) throws(CheckpointError) -> Tensor<Float> {
    guard let bits = reading.bits else { return try tensor("embedding.weight", [rows, columns]) }
    let (codes, scales) = (try file.bytes(of: "embedding.codes"), try file.bytes(of: "embedding.scales"))
    let table = Tensor<Float>(shape: [rows, columns]) { out in
      let size = QuantizedRows.bytesInRow(columns: columns, bits: bits)
      codes.withUnsafeBytes { codes in
        scales.withUnsafeBytes { scales in
          for row in 0..<rows {
            QuantizedRows.read(
              UnsafeRawBufferPointer(rebasing: codes[row * size..<(row + 1) * size]),
              scale: UInt16(littleEndian: scales.loadUnaligned(fromByteOffset: 2 * row, as: UInt16.self)),
              bits: bits, columns: columns, into: out + row * columns)
          }
        }
      }
    }
    guard table.isFinite else { throw error("embedding.scales", "numbers that are not finite", "finite ones") }
    return table
  }

  /// Throws unless there is a tensor of this shape, and of this type unless any does.
  private func check(_ name: String, _ dtype: SafetensorsType?, _ shape: [Int]) throws(CheckpointError) {
    func text(_ type: SafetensorsType, _ shape: [Int]) -> String {
      dtype == nil ? "shape \(shape)" : "\(type.rawValue) of shape \(shape)"
    }
    let entry = file[name]
    guard let entry, entry.dtype == dtype ?? entry.dtype, entry.shape == shape else {
      throw error(name, entry.map { text($0.dtype, $0.shape) } ?? "none", text(dtype ?? .f32, shape))
    }
  }

  func error(_ name: String, _ found: String, _ expected: String) -> CheckpointError {
    CheckpointError(path: file.path, tensor: name, found: found, expected: expected)
  }

  /// A tensor that is as large as the words and labels say: what the metadata say may ask for any memory.
  private func tensor(_ name: String, _ shape: [Int]) throws(CheckpointError) -> Tensor<Float> {
    try check(name, nil, shape)
    let tensor: Tensor<Float> = try file.tensor(name)
    guard tensor.isFinite else { throw error(name, "numbers that are not finite", "finite ones") }
    return tensor
  }
}
