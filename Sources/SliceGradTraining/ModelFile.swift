public import Foundation
public import SliceGrad

extension Module {
  /// Writes the parameters to a safetensors file, by their names: "embedding.weight", "output.bias". An older file is
  /// replaced as a whole, or stays as it was.
  ///
  /// Throws if the file can't be written. Traps if two parameters have the same name.
  public func save(to url: URL, metadata: [String: String] = [:]) throws(CheckpointError) {
    var writer = SafetensorsWriter(metadata: metadata)
    for leaf in namedLeaves { writer.add(leaf.name, leaf.value) }
    try writer.write(to: url)
  }

  /// Takes the parameters from a safetensors file that has exactly this model's, by name and shape. Numbers of fewer
  /// bits are widened: F16 and BF16, and F32 for a model of `Double`.
  ///
  /// Throws if the file can't be read, if tensors are missing or superfluous, and if shapes or types are others; the
  /// model is then as it was.
  public mutating func load(from url: URL) throws(CheckpointError) {
    let file = try SafetensorsFile(url)
    let leaves = namedLeaves
    let names = Set(leaves.map(\.name))
    let missing = names.filter { file[$0] == nil }.sorted()
    let superfluous = file.entries.map(\.name).filter { !names.contains($0) }.sorted()
    guard missing.isEmpty && superfluous.isEmpty else {
      let found = [
        missing.isEmpty ? nil : "no \(CheckpointError.quoted(missing))",
        superfluous.isEmpty ? nil : "\(CheckpointError.quoted(superfluous)), which \(Self.self) hasn't",
      ]
      throw CheckpointError(
        path: file.path, found: found.compactMap { $0 }.joined(separator: " and "),
        expected: "the \(names.count) tensors of \(Self.self)")
    }
    var entries: [SafetensorsEntry] = []
    for leaf in leaves { entries.append(try file.entry(leaf.name, shape: leaf.value.shape, as: Scalar.self)) }
    // Nothing can fail from here on.
    var reading = LeafReading<Scalar>(file: file, entries: entries[...])
    visitParameters(&reading)
  }

  private var namedLeaves: [(name: String, value: Tensor<Scalar>)] {
    var (model, collecting) = (self, LeafCollecting<Scalar>())
    model.visitParameters(&collecting)
    return collecting.leaves
  }
}

/// Collects the parameters and tables, named by their parts: "encoder.0.weight".
private struct LeafCollecting<Scalar: TensorScalar>: ParameterVisitor {
  var leaves: [(name: String, value: Tensor<Scalar>)] = []
  private var parts: [String] = []

  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) { collect(parameter.value, name) }
  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) { collect(table.value, name) }
  mutating func enter(_ name: String) { parts.append(name) }
  mutating func leave() { parts.removeLast() }

  private mutating func collect(_ value: Tensor<Scalar>, _ name: String) {
    leaves.append(((parts + [name]).joined(separator: "."), value))
  }
}

/// Gives parameters and tables the numbers of entries of a file, one after the other.
private struct LeafReading<Scalar: TensorScalar>: ParameterVisitor {
  let file: SafetensorsFile
  var entries: ArraySlice<SafetensorsEntry>

  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) { parameter.value = next() }
  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) { table.value = next() }

  private mutating func next() -> Tensor<Scalar> { file.read(entries.removeFirst(), as: Scalar.self) }
}
