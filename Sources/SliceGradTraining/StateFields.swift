import SliceGrad

extension SafetensorsWriter {
  /// Adds the fields of an optimizer or of an average, "optimizer.output.weight.firstMoment", but for those that are
  /// announced.
  mutating func add(_ state: some Restorable, prefix: String, _ announced: AnnouncedTensors) {
    var state = state  // A visit may change what it sees.
    state.forEachField { name, field in
      let name = "\(prefix).\(name)"
      if announce(announced[name]) { return }
      switch field {
      case let number as Int: add(name, [number])
      case let number as Double: add(name, [number])
      case let numbers as [Int32]: add(name, numbers)
      case let numbers as [Double]: add(name, numbers)
      case let tensor as Tensor<Float>: add(name, tensor)
      case let tensor as Tensor<Double>: add(name, tensor)
      case let rows as RowState<Float>: add(name, rows)
      case let rows as RowState<Double>: add(name, rows)
      default: trap("\(name): a checkpoint can't hold a field of \(type(of: field))")
      }
    }
  }

  private mutating func add<Scalar>(_ name: String, _ state: RowState<Scalar>) {
    add(name + ".rows", state.rows)
    add(name + ".touches", state.touches)
    add(name + ".values", dtype: .of(Scalar.self), shape: [state.rows.count, state.width], pieces: state.pieces)
  }
}

extension SafetensorsFile {
  /// A copy of a state, with the fields that this file has under a prefix. Throws if they don't fit. Parts of other
  /// names are not looked at. Of those tables whose rows several processes share, this one's rows are read.
  func restored<State: Restorable>(
    _ state: State, prefix: String, _ tables: SharedTables = [:], besides others: Set<String> = []
  ) throws(CheckpointError) -> State {
    var (state, names, problem): (State, [String], CheckpointError?) = (state, [], nil)
    var ownRows = OwnStateRows()
    state.forEachField { name, field in
      let table = tables.table(ofField: name)
      let name = "\(prefix).\(name)"
      let isRowState = field is RowState<Float> || field is RowState<Double>
      names += isRowState ? ["\(name).rows", "\(name).touches", "\(name).values"] : [name]
      guard problem == nil else { return }
      do throws(CheckpointError) {
        let own = try table.flatMap { table throws(CheckpointError) in try ownRows.read(field, name, of: table, self) }
        field = if let own { own } else { try restored(field, name) }
      } catch { problem = error }
    }
    if let problem { throw problem }
    if let found = state.inconsistency {
      throw CheckpointError(path: path, found: found, expected: "what such an \(prefix) can have saved")
    }
    try check(names: names, prefix: prefix + ".", besides: others.map { "\(prefix).\($0)." }, of: "this \(prefix)")
    return state
  }

  /// What the file has for a field. Throws unless it is of the same type and size.
  private func restored(_ field: any RestorableField, _ name: String) throws(CheckpointError) -> any RestorableField {
    switch field {
    case is Int:
      let number = try integers(name, shape: [1], as: Int.self)[0]
      guard (0...1 << 53).contains(number) else { throw problem(name, "\(number)", "a count from 0 to 2⁵³") }
      return number
    case is Double: return try tensor(name, shape: [1], as: Double.self)[0]
    case let numbers as [Int32]: return try integers(name, shape: [numbers.count], as: Int32.self)
    case let numbers as [Double]: return Array(try tensor(name, shape: [numbers.count], as: Double.self).elements)
    case let old as Tensor<Float>: return try tensor(name, shape: old.shape, as: Float.self)
    case let old as Tensor<Double>: return try tensor(name, shape: old.shape, as: Double.self)
    case let state as RowState<Float>: return try restoredRows(state, name)
    case let state as RowState<Double>: return try restoredRows(state, name)
    default: trap("\(name): a checkpoint can't hold a field of \(type(of: field))")
    }
  }

  private func restoredRows<Scalar>(
    _ state: RowState<Scalar>, _ name: String
  ) throws(CheckpointError) -> RowState<Scalar> {
    var state = state
    let rows: [Int32] = try integers(name + ".rows")
    let touches: [Int32] = try integers(name + ".touches", shape: [rows.count])
    let values: Tensor<Scalar> = try tensor(name + ".values", shape: [rows.count, state.width])
    if let reason = state.restore(rows: rows, touches: touches, values: values) {
      throw problem(name + ".rows", reason, "different rows of the table, and how often each was touched")
    }
    return state
  }

  func problem(_ name: String, _ found: String, _ expected: String) -> CheckpointError {
    CheckpointError(path: path, tensor: name, found: found, expected: expected)
  }
}
