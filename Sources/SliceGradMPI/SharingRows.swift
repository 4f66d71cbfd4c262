public import SliceGrad

extension Communicator {
  /// A model whose tables keep only those rows that belong to this rank.
  ///
  ///     var model = try world.sharingRows(of: model)
  ///     var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
  ///
  /// Row r is in class r mod `shards`, and a rank has the rows of some neighbouring classes: with as many rows in all
  /// classes, one of N ranks has 1/N of them. An optimizer that is made for this model keeps state for these rows
  /// alone. The sum of a bag is added along the binary tree over the classes, so that its bits don't depend on the
  /// number of ranks.
  ///
  /// Look-ups in these tables are announced: see ``valueWithGradients(at:shards:lookups:on:_:)``. Others trap, and so
  /// does `EmbeddingTable.variable`.
  ///
  /// - Parameters:
  ///   - model: a model with whole tables, the same on all ranks.
  ///   - shards: in how many classes the rows are, a power of 2. It belongs to the training, as it decides about the
  ///     last bits; ranks beyond this number have no rows.
  /// - Throws: `CommunicatorError` if models or `shards` differ between ranks: it says where.
  /// - Complexity: O(parameters).
  public func sharingRows<Model: Module>(of model: Model, in shards: Int = 8) throws(CommunicatorError) -> Model {
    try agree(onParametersOf: model, ("instruction set", "\(InstructionSet.current)"), ("shards", "\(shards)"))
    var model = model
    model.keepOwnRows(
      model.tables.map { table in
        require(table.sharing == nil, "sharingRows: the rows of the table \(table.shape) are shared already")
        return RowSharing(rowCount: table.rowCount, classCount: shards, classes: parts(of: shards))
      })
    return model
  }

  /// Throws unless all ranks have the same parameters and buffers, and the same shapes of tables: says which of them
  /// differs. Ranks update what all have on their own; this finds out if they drift apart.
  ///
  /// - Complexity: O(parameters).
  public func agree<Model: Module>(
    onParametersOf model: Model, _ more: (name: String, value: String)...
  ) throws(CommunicatorError) {
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

extension Tensor {
  /// A number that differs between tensors that differ in a bit, but for one pair in 2⁶⁴.
  fileprivate var hash: String {
    let hash = withUnsafeBufferPointer { elements in
      UnsafeRawBufferPointer(elements).bindMemory(to: UInt32.self).reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
        ($0 ^ UInt64($1)) &* 0x100_0000_01B3  // FNV-1a, by words instead of bytes
      }
    }
    return String(hash, radix: 16)
  }
}
