public import Foundation
public import SliceGrad
import SliceGradFiles

extension Module {
  /// Writes the parameters to a safetensors file, under their names: "embedding.weight", "output.bias". An older file
  /// is replaced as a whole, or stays as it was.
  ///
  ///     let url = URL(filePath: "saved.safetensors")
  ///     try model.save(to: url)
  ///     print(try SafetensorsFile(url).entries.map(\.name))
  ///     // ["embedding.weight", "output.weight", "output.bias"]
  ///
  /// Throws if the file can't be written. Traps if two parameters have the same name, or if
  /// `visitParameters` forgets one.
  ///
  /// - Complexity: O(n) for n numbers in the model. Nothing is copied.
  public func save(to url: URL, metadata: [String: String] = [:]) throws(CheckpointError) {
    try writer(metadata: metadata).write(to: url)
  }

  /// The file that `save` writes. Traps as it does.
  package func writer(metadata: [String: String]) -> SafetensorsWriter {
    checkVisits(of: self)
    var writer = SafetensorsWriter(metadata: metadata)
    add(to: &writer)
    return writer
  }

  /// Takes the parameters from a safetensors file that has exactly this model's parameters, by name and shape. The file
  /// may also be a checkpoint of a training (see `TrainingState`), whatever its rules were. Numbers of fewer bits are
  /// widened: F16 and BF16, and F32 for a model of `Double`.
  ///
  /// Throws if the file can't be read, if it has a checksum and is damaged, if tensors are missing or superfluous, and
  /// if shapes or types don't match. The model is then as it was. Traps if `visitParameters` forgets a parameter.
  ///
  /// - Parameters:
  ///   - url: a safetensors file.
  ///   - part: the part of the file that this is: "encoder" to load `model.encoder` from a file of `model`.
  public mutating func load(from url: URL, part: String? = nil) throws(CheckpointError) {
    let (file, prefix) = try modelFile(url, part: part)
    try take(from: file, prefix: prefix)
  }

  /// Opens a file of the model or a checkpoint. Throws if it is damaged. Returns how the names of the model's tensors
  /// begin in it.
  func modelFile(_ url: URL, part: String?) throws(CheckpointError) -> (file: SafetensorsFile, prefix: String) {
    checkVisits(of: self)
    let file = try SafetensorsFile(url)
    let isOfNow = file.isCheckpoint && TrainingMetadata.versions.contains(file.metadata["version"] ?? "")
    try file.checkIsUndamaged(needsChecksum: isOfNow)
    return (file, (file.isCheckpoint ? "model." : "") + (part.map { $0 + "." } ?? ""))
  }

  /// Adds the parameters to a file, under names with a prefix: of a table whose rows several processes share, the rows
  /// that are here.
  func add(to writer: inout SafetensorsWriter, prefix: String = "") {
    let shared = sharedTables
    for leaf in leaves {
      leaf.value.add(to: &writer, FieldName(prefix: prefix, name: leaf.name, sharing: shared[leaf.name]))
    }
  }

  /// Takes the parameters from a file in which they are all the tensors whose names begin with the prefix. Throws if
  /// they don't fit. Of a table whose rows several processes share, this one's rows are read.
  mutating func take(from file: SafetensorsFile, prefix: String = "") throws(CheckpointError) {
    let (leaves, shared) = (leaves, sharedTables)
    try file.check(names: leaves.map { prefix + $0.name }, prefix: prefix, of: "\(Self.self)")
    var entries: [(SafetensorsEntry, RowSharing?)] = []
    for leaf in leaves {
      let sharing = shared[leaf.name]
      let shape = sharing?.wholeShape(of: leaf.value) ?? leaf.value.shape
      entries.append((try file.entry(prefix + leaf.name, shape: shape, as: Scalar.self), sharing))
    }
    replaceLeaves { file.read(entries[$0].0, of: entries[$0].1, as: Scalar.self) }
  }
}

extension SafetensorsFile {
  /// Throws unless the tensors whose names begin with the prefix are exactly these. Those whose names begin with one of
  /// some other prefixes are not looked at.
  func check(
    names: [String], prefix: String, besides others: [String] = [], of owner: String
  ) throws(CheckpointError) {
    let expected = Set(names.map(ExactName.init))
    let missing = expected.map(\.text).filter { self[$0] == nil }.sorted()
    let superfluous = entries.map(\.name).filter { name in
      name.utf8.starts(with: prefix.utf8) && !expected.contains(ExactName(name))
        && !others.contains { name.utf8.starts(with: $0.utf8) }
    }.sorted()
    guard missing.isEmpty && superfluous.isEmpty else {
      let found = [
        missing.isEmpty ? nil : "no \(missing.quoted)",
        superfluous.isEmpty ? nil : "\(superfluous.quoted), which \(owner) hasn't",
      ]
      throw CheckpointError(
        path: path, found: found.compactMap { $0 }.joined(separator: " and "),
        expected: "the \(expected.count) tensors of \(owner)")
    }
  }
}
