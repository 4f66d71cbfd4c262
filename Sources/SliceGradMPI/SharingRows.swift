public import SliceGrad
import SliceGradTraining

extension Communicator {
  /// A model whose tables keep only those rows that belong to this rank.
  ///
  ///     var model = try world.sharingRows(of: model)
  ///     var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
  ///
  /// Row r is in class r mod `shards`, and a rank has the rows of some neighbouring classes: 1/N of the classes, if N
  /// divides `shards`. An optimizer that is made for this model keeps state for these rows alone. The sum of a bag is
  /// added along the binary tree over the classes, so that its bits don't depend on the number of ranks.
  ///
  /// Look-ups in these tables are announced: see ``valueWithGradients(at:shards:lookups:on:_:)``. Others trap, and so
  /// does `EmbeddingTable.variable`. For a rule that puts changes off, each rank calls `ModelOptimizer.catchUp` with
  /// the rows of the whole batch before the step, and `settle` before an evaluation, as one process does.
  ///
  /// - Parameters:
  ///   - model: a model with whole tables, the same on all ranks, or with tables that are shared alike already.
  ///   - shards: in how many classes the rows are, a power of 2, and in how many parts each step is. It belongs to the
  ///     training, as it decides about the last bits. With more ranks than that, some have no rows.
  /// - Throws: `CommunicatorError` if models or `shards` differ between ranks: it says where.
  /// - Complexity: O(parameters).
  public func sharingRows<Model: Module>(of model: Model, in shards: Int = 8) throws(CommunicatorError) -> Model {
    let before = enter(.sharingRows)
    defer { function = before }
    try agree(onParametersOf: model, ("instruction set", "\(InstructionSet.current)"), ("shards", "\(shards)"))
    var model = model
    model.keepOwnRows(
      model.tables.map { table in
        let sharing = sharing(ofRows: table.rowCount, in: shards, onRank: rank)
        require(
          table.sharing == nil || table.sharing == sharing,
          "sharingRows: the rows of the table \(table.shape) are shared otherwise already")
        return table.sharing == nil ? sharing : nil
      })
    return model
  }

  /// A table `[rows, columns]` of which this rank makes its own rows alone, with numbers distributed uniformly in
  /// `range`: those of `Tensor(uniform:in:using:)`. So a table may be larger than the memory of a machine.
  ///
  ///     let table = world.embeddingTable(rows: 1_000_000, columns: 64, uniformIn: -0.01..<0.01, using: &generator)
  ///     let layer = EmbeddingBag(weight: table)
  ///
  /// ``sharingRows(of:in:)`` takes models with such tables as well. It isn't collective.
  ///
  /// - Parameters:
  ///   - rows: of all ranks together, up to 2³¹ − 1.
  ///   - columns: d.
  ///   - shards: see ``sharingRows(of:in:)``.
  ///   - range: traps if it is empty or infinitely wide.
  ///   - generator: with the same state on all ranks.
  public func embeddingTable<Scalar: TensorScalar>(
    rows: Int, columns: Int, in shards: Int = 8, uniformIn range: Range<Scalar>,
    using generator: inout RandomGenerator
  ) -> EmbeddingTable<Scalar> {
    embeddingTable(rows: rows, in: shards) { sharing in
      Tensor(uniformRows: sharing.ownRowCount, columns: columns, in: range, using: &generator, sharing.row(at:))
    }
  }

  /// The same with numbers distributed normally around 0: those of `Tensor(normal:mean:standardDeviation:using:)`.
  ///
  /// - Parameters:
  ///   - rows: of all ranks together, up to 2³¹ − 1.
  ///   - columns: d.
  ///   - shards: see ``sharingRows(of:in:)``.
  ///   - standardDeviation: of the numbers.
  ///   - generator: with the same state on all ranks.
  public func embeddingTable<Scalar: TensorScalar>(
    rows: Int, columns: Int, in shards: Int = 8, standardDeviation: Scalar, using generator: inout RandomGenerator
  ) -> EmbeddingTable<Scalar> {
    embeddingTable(rows: rows, in: shards) { sharing in
      Tensor(
        normalRows: sharing.ownRowCount, columns: columns, standardDeviation: standardDeviation, using: &generator,
        sharing.row(at:))
    }
  }

  /// The same with zeros.
  ///
  /// - Parameters:
  ///   - rows: of all ranks together, up to 2³¹ − 1.
  ///   - columns: d.
  ///   - shards: see ``sharingRows(of:in:)``.
  public func embeddingTable<Scalar: TensorScalar>(
    rows: Int, columns: Int, in shards: Int = 8
  ) -> EmbeddingTable<Scalar> {
    embeddingTable(rows: rows, in: shards) { Tensor(zeros: [$0.ownRowCount, columns]) }
  }

  private func embeddingTable<Scalar: TensorScalar>(
    rows: Int, in shards: Int, _ own: (RowSharing) -> Tensor<Scalar>
  ) -> EmbeddingTable<Scalar> {
    require((0...Int(Int32.max)).contains(rows), "embeddingTable: \(rows) rows, expected 0 to \(Int32.max)")
    let sharing = sharing(ofRows: rows, in: shards, onRank: rank)
    var table = EmbeddingTable(own(sharing))
    table.sharing = sharing
    return table
  }

  /// Which rows of a table a rank has.
  func sharing(ofRows rowCount: Int, in classCount: Int, onRank rank: Int) -> RowSharing {
    RowSharing(rowCount: rowCount, classCount: classCount, classes: parts(of: classCount, onRank: rank))
  }

  /// Throws unless all ranks have the same parameters and buffers, and the same shapes of tables: says which of them
  /// differs. Ranks update what all have on their own; this finds out if they drift apart.
  ///
  /// - Complexity: O(parameters).
  public func agree<Model: Module>(
    onParametersOf model: Model, _ more: (name: String, value: String)...
  ) throws(CommunicatorError) {
    guard count > 1 else { return }
    var tables = model.tables[...]
    try agree(
      on: more + [("type of numbers", "\(Model.Scalar.self)")]
        + model.leaves.map { leaf in
          let table = leaf.kind == .table ? tables.removeFirst() : nil
          let isShared = table?.sharing != nil
          return (
            leaf.name,
            "\(table?.shape ?? leaf.value.shape) " + (isShared ? "in parts" : "with hash \(leaf.value.hash)")
          )
        })
  }
}

extension Module {
  /// Keeps of each table the rows that are here.
  fileprivate mutating func keepOwnRows(_ sharings: [RowSharing?]) {
    var unread = sharings[...]
    forEachTable { table in
      guard let sharing = unread.removeFirst() else { return }
      table.value = sharing.ownRows(of: table.value)
      table.sharing = sharing
    }
  }
}

extension Tensor {
  /// A number that differs between tensors that differ in a bit, but for one pair in 2⁶⁴.
  fileprivate var hash: String {
    var checksum = Checksum()
    withUnsafeBufferPointer { checksum.add(UnsafeRawBufferPointer($0)) }
    return String(checksum.value, radix: 16)
  }
}
