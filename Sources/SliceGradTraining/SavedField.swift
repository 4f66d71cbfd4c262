import SliceGrad

/// A kind of field that files have: how it is written and read, as a whole, or by rows of a table that processes share.
protocol SavedField: RestorableField {
  /// The names of its tensors.
  func tensorNames(_ name: String) -> [String]

  /// Adds it to a file. Of a table whose rows processes share, it has the numbers of the rows that are here.
  func add(to writer: inout SafetensorsWriter, _ name: FieldName)

  /// What the file has for it. Throws unless that is of the same type and size.
  func restored(from file: SafetensorsFile, _ name: FieldName) throws(CheckpointError) -> Self
}

/// What a field is called in a file, and whose it is.
struct FieldName {
  /// "optimizer."
  let prefix: String
  /// "embedding.weight.moments"
  let name: String
  /// Nil if its table, or another parameter, is as a whole here.
  let sharing: RowSharing?

  /// "optimizer.embedding.weight.moments"
  var text: String { prefix + name }
}

extension SavedField {
  func tensorNames(_ name: String) -> [String] { [name] }
}

// MARK: Of a leaf as a whole

extension Int: SavedField {
  func add(to writer: inout SafetensorsWriter, _ name: FieldName) { writer.add(name.text, [self]) }

  func restored(from file: SafetensorsFile, _ name: FieldName) throws(CheckpointError) -> Int {
    let number = try file.integers(name.text, shape: [1], as: Int.self)[0]
    guard (0...1 << 53).contains(number) else { throw file.problem(name.text, "\(number)", "a count from 0 to 2⁵³") }
    return number
  }
}

extension Double: SavedField {
  func add(to writer: inout SafetensorsWriter, _ name: FieldName) { writer.add(name.text, [self]) }

  func restored(from file: SafetensorsFile, _ name: FieldName) throws(CheckpointError) -> Double {
    try file.tensor(name.text, shape: [1], as: Double.self)[0]
  }
}

extension Array: SavedField where Element: RestorableNumber {
  func add(to writer: inout SafetensorsWriter, _ name: FieldName) {
    if Element.self == Int32.self {  // An empty list can be cast to one of any type.
      writer.add(name.text, self as! [Int32])
    } else {
      writer.add(name.text, self as! [Double])
    }
  }

  func restored(from file: SafetensorsFile, _ name: FieldName) throws(CheckpointError) -> [Element] {
    if Element.self == Int32.self { return try file.integers(name.text, shape: [count], as: Int32.self) as! [Element] }
    return [Double](try file.tensor(name.text, shape: [count], as: Double.self).elements) as! [Element]
  }
}

// MARK: By rows of a table

extension Tensor: SavedField {
  func add(to writer: inout SafetensorsWriter, _ name: FieldName) {
    if let sharing = name.sharing {
      writer.add(SharedRows(name.text, self, sharing))
    } else {
      writer.add(name.text, self)
    }
  }

  func restored(from file: SafetensorsFile, _ name: FieldName) throws(CheckpointError) -> Tensor {
    let shape = name.sharing?.wholeShape(of: self) ?? shape
    return file.read(try file.entry(name.text, shape: shape, as: Scalar.self), of: name.sharing, as: Scalar.self)
  }
}

extension RowState: SavedField {
  func tensorNames(_ name: String) -> [String] { ["\(name).rows", "\(name).touches", "\(name).values"] }

  /// Shared rows stand in their order, so that files don't depend on the number of processes.
  func add(to writer: inout SafetensorsWriter, _ name: FieldName) {
    let names = tensorNames(name.text)
    guard let sharing = name.sharing else {
      writer.add(names[0], rows)
      writer.add(names[1], touches)
      writer.add(names[2], dtype: .of(Scalar.self), shape: [rows.count, width], pieces: pieces)
      return
    }
    let order = rows.risingOrder
    let places = order.map { rows[$0] }
    writer.add(
      SharedRows(names[0], ofRowsAt: places, sharing, .i32) { places[$0].map { Int32(sharing.row(at: Int($0))) } })
    writer.add(SharedRows(names[1], ofRowsAt: places, sharing, .i32) { order[$0].map { touches[$0] } })
    writer.add(
      SharedRows(names[2], ofRowsAt: places, sharing, .of(Scalar.self), width: width) { values(at: order[$0]) })
  }

  func restored(from file: SafetensorsFile, _ name: FieldName) throws(CheckpointError) -> RowState {
    let names = tensorNames(name.text)
    let saved = try file.stateRows(names[0], of: name.sharing)
    let touches = try file.integers(names[1], of: saved)
    let values = try file.entry(names[2], shape: [saved.count, width], as: Scalar.self)
    var state = self
    let problem = state.restore(
      rows: saved.own, touches: touches, values: file.read(values, at: saved.kept, as: Scalar.self))
    if let problem { throw file.problem(names[0], problem, SavedRows.expected) }
    return state
  }
}

extension RowNumbers: SavedField {
  func add(to writer: inout SafetensorsWriter, _ name: FieldName) {
    guard let sharing = name.sharing else { return writer.add(name.text, numbers) }
    let order = rows.risingOrder
    writer.add(
      SharedRows(name.text, ofRowsAt: order.map { rows[$0] }, sharing, .i32) { order[$0].map { numbers[$0] } })
  }

  func restored(from file: SafetensorsFile, _ name: FieldName) throws(CheckpointError) -> RowNumbers {
    var restored = self
    restored.numbers = try file.integers(name.text, of: file.stateRows("\(name.prefix)\(state).rows", of: name.sharing))
    return restored
  }
}

extension [Int32] {
  /// The positions of the numbers, the smallest number first.
  fileprivate var risingOrder: [Int] { indices.sorted { self[$0] < self[$1] } }
}
