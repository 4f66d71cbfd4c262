public import SliceGrad

extension Communicator {
  /// The model with whole tables on rank 0, to be exported or looked at; nil on others.
  ///
  /// Each rank but 0 sends its rows there.
  ///
  /// - Complexity: O(v d), in time and in memory of rank 0.
  public func gathered<Model: Module>(_ model: Model) throws(CommunicatorError) -> Model?
  where Model.Scalar: MessageElement {
    let before = enter(.gathered)
    defer { function = before }
    try announce()
    var (whole, tables) = (model, [EmbeddingTable<Model.Scalar>]())
    for table in model.tables {
      if let sharing = table.sharing {
        tables.append(EmbeddingTable(try gathered(table.value, sharing)))
      } else {
        tables.append(table)
      }
    }
    guard rank == 0 else { return nil }
    var unread = tables[...]
    whole.forEachTable { $0 = unread.removeFirst() }
    return whole
  }

  /// The rows `[v, …]` of which each rank has its own; no rows on ranks but 0.
  func gathered<Scalar: TensorScalar & MessageElement>(
    _ own: Tensor<Scalar>, _ sharing: RowSharing
  ) throws(CommunicatorError) -> Tensor<Scalar> {
    let owners = (rank == 0 ? 0..<count : 0..<0).map {
      self.sharing(ofRows: sharing.rowCount, in: sharing.classCount, onRank: $0)
    }
    let width = own.shape.elementCount(of: 1..<own.rank)
    let rowCount = rank == 0 ? sharing.rowCount : 0
    let whole = Shape([rowCount] + own.shape.dropFirst())
    let byOwner = try gather(own, counts: owners.map { $0.ownRowCount * width }, shape: whole)
    var places = [Int32](repeating: 0, count: rowCount)
    var first = 0
    for owner in owners {
      for place in 0..<owner.ownRowCount { places[owner.row(at: place)] = Int32(first + place) }
      first += owner.ownRowCount
    }
    return byOwner.gatheringRows(places, shape: whole)
  }
}

extension RowSharing {
  /// Those of a table's rows that are here.
  func ownRows<Scalar>(of whole: Tensor<Scalar>) -> Tensor<Scalar> {
    if hasAllRows { return whole }
    let rows = (0..<ownRowCount).map { Int32(row(at: $0)) }
    return whole.gatheringRows(rows, shape: Shape([rows.count] + whole.shape.dropFirst()))
  }
}
