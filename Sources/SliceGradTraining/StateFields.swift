import SliceGrad

/// Adds the fields of rules' state to a file: "optimizer.output.weight.firstMoment".
struct StateWriting: OptimizerStateVisitor {
  var writer: SafetensorsWriter
  var path: [String]

  mutating func visit(_ number: inout Int, _ name: String) { writer.add(path(of: name), [number]) }
  mutating func visit(_ number: inout Double, _ name: String) { writer.add(path(of: name), [number]) }
  mutating func visit(_ numbers: inout [Int32], count: Int, _ name: String) { writer.add(path(of: name), numbers) }
  mutating func visit(_ numbers: inout [Double], count: Int, _ name: String) { writer.add(path(of: name), numbers) }
  mutating func visit<Scalar>(_ tensor: inout Tensor<Scalar>, _ name: String) { writer.add(path(of: name), tensor) }

  mutating func visit<Scalar>(_ rows: inout RowState<Scalar>, _ name: String) {
    writer.add(path(of: name) + ".rows", rows.rows)
    writer.add(path(of: name) + ".touches", rows.touches)
    writer.add(
      path(of: name) + ".values", dtype: .of(Scalar.self), shape: [rows.rows.count, rows.width],
      pieces: rows.pieces)
  }

  mutating func enter(_ name: String) { path.append(name) }
  mutating func leave() { path.removeLast() }

  private func path(of name: String) -> String { (path + [name]).joined(separator: ".") }
}

/// Replaces the fields of rules' state by those of a file, up to the first problem.
struct StateReading: OptimizerStateVisitor {
  let file: SafetensorsFile
  var path: [String]

  /// The tensors that belong to the fields.
  private(set) var names: [String] = []

  /// The first thing that doesn't fit.
  private(set) var problem: CheckpointError?

  init(file: SafetensorsFile, path: [String]) {
    self.file = file
    self.path = path
  }

  mutating func visit(_ number: inout Int, _ name: String) {
    read(name) { file, name throws(CheckpointError) in
      let found = try file.integers(name, shape: [1], as: Int.self)[0]
      guard found >= 0 else { throw file.problem(name, "\(found)", "0 or more") }
      number = found
    }
  }

  mutating func visit(_ number: inout Double, _ name: String) {
    read(name) { file, name throws(CheckpointError) in
      number = try file.tensor(name, shape: [1], as: Double.self).elements[0]
    }
  }

  mutating func visit(_ numbers: inout [Int32], count: Int, _ name: String) {
    read(name) { file, name throws(CheckpointError) in numbers = try file.integers(name, shape: [count]) }
  }

  mutating func visit(_ numbers: inout [Double], count: Int, _ name: String) {
    read(name) { file, name throws(CheckpointError) in
      numbers = Array(try file.tensor(name, shape: [count], as: Double.self).elements)
    }
  }

  mutating func visit<Scalar>(_ tensor: inout Tensor<Scalar>, _ name: String) {
    read(name) { file, name throws(CheckpointError) in tensor = try file.tensor(name, shape: tensor.shape) }
  }

  mutating func visit<Scalar>(_ rows: inout RowState<Scalar>, _ name: String) {
    var (numbers, touches, values) = ([Int32](), [Int32](), Tensor<Scalar>(zeros: [0, rows.width]))
    read(name + ".rows") { file, name throws(CheckpointError) in numbers = try file.integers(name) }
    read(name + ".touches") { file, name throws(CheckpointError) in
      touches = try file.integers(name, shape: [numbers.count])
    }
    read(name + ".values") { file, name throws(CheckpointError) in
      values = try file.tensor(name, shape: [numbers.count, rows.width])
    }
    guard problem == nil else { return }
    if let reason = rows.restore(rows: numbers, touches: touches, values: values) {
      problem = file.problem(path(of: name + ".rows"), reason, "different rows of the table, each touched")
    }
  }

  mutating func enter(_ name: String) { path.append(name) }
  mutating func leave() { path.removeLast() }

  private func path(of name: String) -> String { (path + [name]).joined(separator: ".") }

  private mutating func read(
    _ name: String, _ body: (_ file: SafetensorsFile, _ name: String) throws(CheckpointError) -> Void
  ) {
    let name = path(of: name)
    names.append(name)
    guard problem == nil else { return }
    do throws(CheckpointError) { try body(file, name) } catch { problem = error }
  }
}

extension SafetensorsFile {
  fileprivate func problem(_ name: String, _ found: String, _ expected: String) -> CheckpointError {
    CheckpointError(path: path, tensor: name, found: found, expected: expected)
  }
}
