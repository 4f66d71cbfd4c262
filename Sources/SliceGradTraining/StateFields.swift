import SliceGrad

extension SafetensorsWriter {
  /// Adds the fields of an optimizer or of an average, "optimizer.output.weight.firstMoment". Of those tables whose
  /// rows several processes share, it adds what is here.
  mutating func add(_ state: some Restorable, prefix: String, _ tables: SharedTables) {
    var state = state  // A visit may change what it sees.
    state.forEachField { name, field in
      let name = FieldName(prefix: prefix, name: name, sharing: tables.sharing(ofField: name))
      field.saved(name).add(to: &self, name)
    }
  }
}

extension SafetensorsFile {
  /// A copy of a state, with the fields that this file has under a prefix. Throws if they don't fit. Parts of other
  /// names are not looked at. Of those tables whose rows several processes share, this one's rows are read.
  func restored<State: Restorable>(
    _ state: State, prefix: String, _ tables: SharedTables = [:], besides others: Set<String> = []
  ) throws(CheckpointError) -> State {
    var (state, names, problem): (State, [String], CheckpointError?) = (state, [], nil)
    state.forEachField { name, field in
      let name = FieldName(prefix: prefix, name: name, sharing: tables.sharing(ofField: name))
      let saved = field.saved(name)
      names += saved.tensorNames(name.text)
      guard problem == nil else { return }
      do throws(CheckpointError) { field = try saved.restored(from: self, name) } catch { problem = error }
    }
    if let problem { throw problem }
    let owner = prefix.dropLast()
    if let found = state.inconsistency {
      throw CheckpointError(path: path, found: found, expected: "what such an \(owner) can have saved")
    }
    try check(names: names, prefix: prefix, besides: others.map { "\(prefix)\($0)." }, of: "this \(owner)")
    return state
  }

  func problem(_ name: String, _ found: String, _ expected: String) -> CheckpointError {
    CheckpointError(path: path, tensor: name, found: found, expected: expected)
  }
}

extension RestorableField {
  /// The field as one that files have. Traps if it is none.
  fileprivate func saved(_ name: FieldName) -> any SavedField {
    guard let field = self as? any SavedField else {
      trap("\(name.text): a checkpoint can't hold a field of \(type(of: self))")
    }
    return field
  }
}
