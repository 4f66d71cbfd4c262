import SliceGrad

extension SafetensorsWriter {
  /// Adds the fields of an optimizer's or average's state: "optimizer.output.weight.firstMoment".
  mutating func add(_ state: some Restorable, prefix: String) {
    var state = state  // a copy, as a visit may change what it sees
    state.forEachField { name, field in field.stored.add(to: &self, "\(prefix).\(name)") }
  }
}

extension SafetensorsFile {
  /// A copy of a state with the fields that this file has under a prefix. Throws if they don't fit.
  func restored<State: Restorable>(_ state: State, prefix: String) throws(CheckpointError) -> State {
    var (state, names, problem): (State, [String], CheckpointError?) = (state, [], nil)
    state.forEachField { name, field in
      let name = "\(prefix).\(name)"
      var stored = field.stored
      names += stored.names(name)
      guard problem == nil else { return }
      do throws(CheckpointError) { try stored.take(from: self, name) } catch { problem = error }
      field = stored
    }
    if let problem { throw problem }
    try check(names: names, prefix: prefix + ".", of: "this \(prefix)")
    return state
  }

  fileprivate func problem(_ name: String, _ found: String, _ expected: String) -> CheckpointError {
    CheckpointError(path: path, tensor: name, found: found, expected: expected)
  }
}

/// A field that a file can hold.
private protocol StoredField: RestorableField {
  /// The names of its tensors in the file.
  func names(_ name: String) -> [String]
  func add(to writer: inout SafetensorsWriter, _ name: String)
  /// Takes the field from a file, of the size that it has.
  mutating func take(from file: SafetensorsFile, _ name: String) throws(CheckpointError)
}

extension StoredField {
  func names(_ name: String) -> [String] { [name] }
}

extension RestorableField {
  fileprivate var stored: any StoredField {
    guard let field = self as? any StoredField else { fatalError("\(Self.self) is no field of a checkpoint") }
    return field
  }
}

/// A number of which a file can hold a list.
private protocol StoredNumber: RestorableNumber {
  static func add(_ numbers: [Self], to writer: inout SafetensorsWriter, _ name: String)
  static func numbers(from file: SafetensorsFile, _ name: String, count: Int) throws(CheckpointError) -> [Self]
}

extension Int32: StoredNumber {
  static func add(_ numbers: [Int32], to writer: inout SafetensorsWriter, _ name: String) { writer.add(name, numbers) }

  static func numbers(from file: SafetensorsFile, _ name: String, count: Int) throws(CheckpointError) -> [Int32] {
    try file.integers(name, shape: [count])
  }
}

extension Double: StoredNumber {
  static func add(_ numbers: [Double], to writer: inout SafetensorsWriter, _ name: String) { writer.add(name, numbers) }

  static func numbers(from file: SafetensorsFile, _ name: String, count: Int) throws(CheckpointError) -> [Double] {
    Array(try file.tensor(name, shape: [count]).elements)
  }
}

extension Array: StoredField where Element: StoredNumber {
  func add(to writer: inout SafetensorsWriter, _ name: String) { Element.add(self, to: &writer, name) }

  mutating func take(from file: SafetensorsFile, _ name: String) throws(CheckpointError) {
    self = try Element.numbers(from: file, name, count: count)
  }
}

extension Double: StoredField {
  func add(to writer: inout SafetensorsWriter, _ name: String) { writer.add(name, [self]) }

  mutating func take(from file: SafetensorsFile, _ name: String) throws(CheckpointError) {
    self = try Double.numbers(from: file, name, count: 1)[0]
  }
}

extension Int: StoredField {
  func add(to writer: inout SafetensorsWriter, _ name: String) { writer.add(name, [self]) }

  mutating func take(from file: SafetensorsFile, _ name: String) throws(CheckpointError) {
    let found = try file.integers(name, shape: [1], as: Int.self)[0]
    guard found >= 0 else { throw file.problem(name, "\(found)", "0 or more") }
    self = found
  }
}

extension Tensor: StoredField {
  func add(to writer: inout SafetensorsWriter, _ name: String) { writer.add(name, self) }

  mutating func take(from file: SafetensorsFile, _ name: String) throws(CheckpointError) {
    self = try file.tensor(name, shape: shape)
  }
}

extension RowState: StoredField {
  func names(_ name: String) -> [String] { [name + ".rows", name + ".touches", name + ".values"] }

  func add(to writer: inout SafetensorsWriter, _ name: String) {
    writer.add(name + ".rows", rows)
    writer.add(name + ".touches", touches)
    writer.add(name + ".values", dtype: .of(Scalar.self), shape: [rows.count, width], pieces: pieces)
  }

  mutating func take(from file: SafetensorsFile, _ name: String) throws(CheckpointError) {
    let rows: [Int32] = try file.integers(name + ".rows")
    let touches: [Int32] = try file.integers(name + ".touches", shape: [rows.count])
    let values: Tensor<Scalar> = try file.tensor(name + ".values", shape: [rows.count, width])
    if let reason = restore(rows: rows, touches: touches, values: values) {
      throw file.problem(name + ".rows", reason, "different rows of the table, each touched")
    }
  }
}
