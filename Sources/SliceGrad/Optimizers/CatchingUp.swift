// What rules have put off for rows of tables.

extension ModelOptimizer {
  /// Does what the rule of a table has put off for the rows that a step will read: see `InactiveRows.caughtUp`. Call it
  /// before the step.
  ///
  ///     var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam(inactiveRows: .caughtUp))
  ///     for batch in batches {
  ///       optimizer.catchUp(&model, \.embedding, rows: batch.texts)
  ///       let (_, gradients) = valueWithGradients(at: model) { softmaxCrossEntropy($0(batch.texts), batch.labels) }
  ///       optimizer.update(&model, with: gradients)
  ///     }
  ///     optimizer.settle(&model)
  ///     print(optimizer.step)  // 2
  ///
  /// If no rule puts anything off, nothing is done, in no time. Otherwise it traps unless exactly one table is at the
  /// key path, and, if the rule of this table puts anything off, on a row out of range.
  ///
  /// If several processes share the table's rows, each calls it with the rows of the whole batch, and brings up to date
  /// those that it has. Nothing is sent for that.
  ///
  /// - Parameters:
  ///   - model: the model of this optimizer, whose table is changed.
  ///   - table: leads to a table, or to a part of the model with one table.
  ///   - rows: the rows that the step will read, which may be repeated.
  /// - Complexity: O(n d) for n rows.
  public mutating func catchUp<Row: RowNumber>(
    _ model: inout Model, _ table: KeyPath<Model, some Module>, rows: [Row]
  ) {
    guard rowChanges.contains(.postponed) else { return }
    let (index, sharing) = model.onlyTable(at: table)
    guard rowChanges[index] == .postponed else { return }
    let own = sharing.ownPlaces(of: Row.asInt32(rows))
    leaves.catchUp((index, own)) { model.visitParameters(&$0) }
  }

  /// The same for the rows of a batch of bags.
  public mutating func catchUp(_ model: inout Model, _ table: KeyPath<Model, some Module>, rows: RaggedIndices) {
    catchUp(&model, table, rows: rows.values)
  }

  /// Does what rules have put off for all rows: see `InactiveRows` and `RowWeightDecay`. Call it before you evaluate or
  /// save the model. It may be called between any two steps, and changes what the next ones compute if they don't
  /// `catchUp`: they then read rows that have decayed, whereas without the call a row decays only when it is updated,
  /// after the step has computed its gradient. If no rule puts changes off, the model stays as it is.
  ///
  /// - Complexity: O(v d) for each table whose rule puts changes off, else O(1).
  public mutating func settle(_ model: inout Model) { leaves.catchUp { model.visitParameters(&$0) } }
}

extension Module {
  /// The index of the only table at a key path, and how its rows are shared. (What it looks at is released again, so
  /// that nothing is copied when the table changes.)
  ///
  /// - Complexity: O(leaves).
  fileprivate func onlyTable(at path: KeyPath<Self, some Module>) -> (index: Int, sharing: RowSharing?) {
    var (numbered, count, found) = (self, 0, [Int]())
    numbered.forEachLeaf { _, place, _, _ in
      place = LeafPlace(step: 0, index: count)
      count += 1
    }
    var part = numbered[keyPath: path]
    part.forEachLeaf { _, place, kind, _ in
      if kind == .table, let place { found.append(place.index) }
    }
    var sharing: RowSharing?
    part.forEachTable { sharing = $0.sharing }
    if found.count == 1 { return (found[0], sharing) }
    let tables = found.isEmpty ? "no table" : "\(found.count) tables"
    let names = leaves.filter { $0.kind == .table }.map(\.name).joined(separator: ", ")
    trap("ModelOptimizer.catchUp: \(path) leads to \(tables), expected one of \(names)")
  }
}

extension RowSharing? {
  /// The places of those of a table's rows that are here. Traps on one that the whole table doesn't have.
  fileprivate func ownPlaces(of rows: [Int32]) -> [Int32] {
    guard let sharing = self else { return rows }
    if let problem = rows.problem(tableRows: sharing.rowCount) { trap("catchUp: \(problem)") }
    return sharing.ownPlaces(of: rows)
  }
}
