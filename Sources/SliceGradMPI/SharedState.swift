import SliceGrad

/// The tables of a model whose rows ranks share, by their names: to find out which fields of a rule's state are theirs.
typealias SharedTables = [String: RowSharing]

extension Module {
  var sharedTables: SharedTables {
    var tables = self.tables[...]
    var shared: SharedTables = [:]
    for leaf in leaves where leaf.kind == .table { shared[leaf.name] = tables.removeFirst().sharing }
    return shared
  }
}

/// A change of those fields of a state that have a number or a row of numbers for each row of a table that is here, or
/// for each row with state that is here.
protocol SharedStateChange {
  func rows<Scalar: TensorScalar & MessageElement>(_ rows: Tensor<Scalar>, _ sharing: RowSharing) throws
    -> Tensor<Scalar>
  mutating func state<Scalar: TensorScalar & MessageElement>(_ state: RowState<Scalar>, _ sharing: RowSharing) throws
    -> RowState<Scalar>
  /// One number for each of the rows of the last `state`.
  func numbers(_ numbers: [Int32]) throws -> [Int32]
}

extension Restorable {
  /// A copy of this state, of a model with some shared tables, with their fields changed.
  func changed<Change: SharedStateChange>(_ tables: SharedTables, by change: Change) throws -> Self {
    // All fields first: the length of a list is corrected as soon as what it follows is changed.
    var (copy, fields): (Self, [(name: String, field: any RestorableField)]) = (self, [])
    copy.forEachField { fields.append(($0, $1)) }
    var (change, last) = (change, (name: "", rowCount: -1))  // the last state of rows
    for (i, (name, field)) in fields.enumerated() {
      guard let (table, sharing) = tables.longestPrefix(of: name) else { continue }
      switch field {
      case let state as RowState<Float>:
        fields[i].field = try change.state(state, sharing)
        last = (table, state.rows.count)
      case let state as RowState<Double>:
        fields[i].field = try change.state(state, sharing)
        last = (table, state.rows.count)
      case let rows as Tensor<Float>: fields[i].field = try change.rows(rows, sharing)
      case let rows as Tensor<Double>: fields[i].field = try change.rows(rows, sharing)
      case let numbers as [Int32] where last == (table, numbers.count): fields[i].field = try change.numbers(numbers)
      default: break  // of the table as a whole
      }
    }
    var unread = fields[...]
    copy.forEachField { $1 = unread.removeFirst().field }
    return copy
  }
}

extension SharedTables {
  /// The table whose field this is: "embedding.weight.moments" is one of "embedding.weight".
  fileprivate func longestPrefix(of name: String) -> (String, RowSharing)? {
    filter { name.hasPrefix($0.key + ".") }.max { $0.key.count < $1.key.count }.map { ($0.key, $0.value) }
  }
}

/// Brings the state of all ranks' rows to rank 0, in the order of the rows.
struct GatheringState: SharedStateChange {
  let world: Communicator
  /// For each row with state, in order, its place among those of all ranks, one rank after the other.
  private var order: [Int] = []

  init(_ world: Communicator) { self.world = world }

  func rows<Scalar: TensorScalar & MessageElement>(
    _ rows: Tensor<Scalar>, _ sharing: RowSharing
  ) throws -> Tensor<Scalar> {
    try world.gathered(rows, sharing)
  }

  mutating func state<Scalar: TensorScalar & MessageElement>(
    _ state: RowState<Scalar>, _ sharing: RowSharing
  ) throws -> RowState<Scalar> {
    let blocks = try world.gather(state.rows.map { Int32(sharing.row(at: Int($0))) })
    let all = blocks.flatMap(\.self)
    let touches = try world.gather(state.touches).flatMap(\.self)
    let values = try world.gather(
      state.values, counts: blocks.map { $0.count * state.width }, shape: [all.count, state.width])
    guard world.rank == 0 else { return state }
    order = all.indices.sorted { all[$0] < all[$1] }
    var whole = state.atStart(for: Shape([sharing.rowCount] + state.tableShape.dropFirst()))
    whole.take(
      rows: order.map { all[$0] }, touches: order.map { touches[$0] },
      values: values.gatheringRows(order.map { Int32($0) }, shape: [all.count, state.width]))
    return whole
  }

  func numbers(_ numbers: [Int32]) throws -> [Int32] {
    let all = try world.gather(numbers).flatMap(\.self)
    return world.rank > 0 ? numbers : order.map { all[$0] }
  }
}

/// Makes room for the state of all rows, without any yet.
struct WholeStateAtStart: SharedStateChange {
  func rows<Scalar: TensorScalar & MessageElement>(_ rows: Tensor<Scalar>, _ sharing: RowSharing) -> Tensor<Scalar> {
    Tensor(zeros: Shape([sharing.rowCount] + rows.shape.dropFirst()))
  }

  func state<Scalar: TensorScalar & MessageElement>(
    _ state: RowState<Scalar>, _ sharing: RowSharing
  ) -> RowState<Scalar> {
    state.atStart(for: Shape([sharing.rowCount] + state.tableShape.dropFirst()))
  }

  func numbers(_ numbers: [Int32]) -> [Int32] { [] }
}

/// Keeps of the state of all rows that of the rows that are here.
struct OwnState: SharedStateChange {
  /// The places of the kept ones among the rows with state.
  private var kept: [Int] = []

  func rows<Scalar: TensorScalar & MessageElement>(_ rows: Tensor<Scalar>, _ sharing: RowSharing) -> Tensor<Scalar> {
    sharing.ownRows(of: rows)
  }

  mutating func state<Scalar: TensorScalar & MessageElement>(
    _ state: RowState<Scalar>, _ sharing: RowSharing
  ) -> RowState<Scalar> {
    kept = state.rows.indices.filter { sharing.classes.contains(sharing.rowClass(of: state.rows[$0])) }
    var own = state.atStart(for: Shape([sharing.ownRowCount] + state.tableShape.dropFirst()))
    own.take(
      rows: sharing.places(of: kept.map { state.rows[$0] }), touches: kept.map { state.touches[$0] },
      values: state.values.gatheringRows(kept.map { Int32($0) }, shape: [kept.count, state.width]))
    return own
  }

  func numbers(_ numbers: [Int32]) -> [Int32] { kept.map { numbers[$0] } }
}

extension RowState {
  /// Takes the state of other rows, which is that of a `RowState`.
  fileprivate mutating func take(rows: [Int32], touches: [Int32], values: Tensor<Scalar>) {
    if let problem = restore(rows: rows, touches: touches, values: values) { trap("RowState: \(problem)") }
  }
}
