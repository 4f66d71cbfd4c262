public import SliceGrad

extension Communicator {
  /// The mean loss of a batch in parts, which the ranks share, and its gradients. Loss and gradients are the same on
  /// all ranks, but that of a table whose rows are shared: there each rank has the gradient of its own rows.
  ///
  ///     var model = try world.sharingRows(of: model)
  ///     var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
  ///     let (loss, gradients) = try world.valueWithGradients(
  ///       at: model, shards: batch.shards(8), lookups: [.bags(\.embedding.weight, \.texts)]
  ///     ) { model, part in softmaxCrossEntropy(model(part.texts), part.labels) }
  ///     optimizer.update(&model, with: gradients)
  ///
  /// All ranks have the same batch in as many parts, and each computes those of ``parts(of:)``. Parts without examples
  /// are left out, and nothing is looked up for them. What the parts yield is added along one binary tree over all of
  /// them, so that the bits don't depend on the number of ranks. Each rank's optimizer makes the same update of what
  /// all have, and the update of its own rows. In the first step and then every 64 steps, ranks compare the look-ups of
  /// their batches, and hashes of the parameters that all have.
  ///
  /// - Parameters:
  ///   - model: the same on all ranks, with tables from ``sharingRows(of:in:)``.
  ///   - shards: the parts, on all ranks the same. Traps if there are no examples in them, or if a table has its rows
  ///     in another number of shards.
  ///   - lookups: all look-ups in tables whose rows are shared. The closure traps at another one.
  ///   - tape: needed only for dropout; with the same seed on all ranks. It gives one random number for a step, from
  ///     which each part draws its own.
  ///   - loss: the mean loss of the model over the examples of one part, a scalar, as in
  ///     `valueWithGradients(at:shards:)`.
  /// - Throws: `CommunicatorError`, or the error of the first part of this rank whose loss throws one. If a loss throws
  ///   on one rank, all ranks throw, the others a `CommunicatorError` that says so; then they may go on with another
  ///   step.
  public func valueWithGradients<Model: Module, Part>(
    at model: Model, shards: Shards<Part>, lookups: [TableLookup<Model, Part>] = [],
    on tape: Tape<Model.Scalar> = Tape(),
    _ loss: @Sendable (_ model: Model, _ part: Part) throws -> Variable<Model.Scalar>
  ) throws -> (value: Model.Scalar, gradients: Gradients<Model>) where Model.Scalar: MessageElement {
    require(
      shards.exampleCount > 0, "Communicator.valueWithGradients: \(shards.parts.count) parts without any examples")
    for table in model.tables {
      guard let sharing = table.sharing else { continue }
      require(
        shards.parts.count == sharing.classCount,
        "Communicator.valueWithGradients: \(shards.parts.count) parts, but the table \(table.shape) has its rows in "
          + "\(sharing.classCount) shards, expected as many; see `sharingRows(of:in:)`")
    }
    step += 1
    let before = enter(.valueWithGradients)
    defer { function = before }
    if step % 64 == 1 && count > 1 {
      try agree(onParametersOf: model, ("look-ups of the batch with hash", lookups.hash(of: shards)))
    }
    let own = parts(of: shards.parts.count)
    // What isn't computed looks up nothing, so that no row has a gradient of zeros from it.
    let tables = try fetch(lookups, of: own.map { shards.counts[$0] > 0 ? shards.parts[$0] : nil }, at: model)
    let parts = Result {
      try PartOfStep.results(own, of: shards, at: { model.reading(tables, part: $0 - own.lowerBound) }, on: tape, loss)
    }
    let isPresent = shards.counts.map { $0 > 0 }
    guard let (value, leaves) = try sum(try? parts.get(), isPresent: isPresent, tables, model.leaves) else {
      try fail(after: parts)
    }
    return (value, Gradients(leaves: leaves, isOfOwnRows: !tables.isEmpty))
  }

  /// What a closure computes from each of this rank's parts, in order, such as the number of texts whose label a model
  /// finds; also from those without examples. See ``valueWithGradients(at:shards:lookups:on:_:)``.
  ///
  ///     let model = try world.sharingRows(of: model)
  ///     let right = try world.results(
  ///       at: model, shards: batch.shards(8), lookups: [.bags(\.embedding.weight, \.texts)]
  ///     ) { model, part in zip(model(part.texts).value.argmax(), part.labels).count { $0 == $1 } }
  ///     let all = try world.allGather([Int64(right.reduce(0, +))]).joined().reduce(0, +)
  public func results<Model: Module, Part, Result>(
    at model: Model, shards: Shards<Part>, lookups: [TableLookup<Model, Part>] = [],
    _ body: (_ model: Model, _ part: Part) throws -> Result
  ) throws -> [Result] where Model.Scalar: MessageElement {
    let before = enter(.results)
    defer { function = before }
    let own = parts(of: shards.parts.count)
    let tables = try fetch(lookups, of: Array(shards.parts[own]), at: model)
    return try results(own, of: shards, at: model, tables, body)
  }

  /// The rows `[n, …]` that a closure computes from all parts, in their order and on all ranks, such as the logits of
  /// texts: those of a part are `[examples of the part, …]`. See ``results(at:shards:lookups:_:)``.
  public func rows<Model: Module, Part>(
    at model: Model, shards: Shards<Part>, lookups: [TableLookup<Model, Part>] = [],
    _ body: (_ model: Model, _ part: Part) throws -> Tensor<Model.Scalar>
  ) throws -> Tensor<Model.Scalar> where Model.Scalar: MessageElement {
    let before = enter(.rows)
    defer { function = before }
    let ownParts = parts(of: shards.parts.count)
    let tables = try fetch(lookups, of: Array(shards.parts[ownParts]), at: model)
    let outcome = Result { try results(ownParts, of: shards, at: model, tables, body) }
    let own = try? outcome.get()
    let widths = try allGather(own.map { $0.first.map { $0.shape.dropFirst().map { Int32($0) } } ?? [] } ?? [-1])
    guard let own, !widths.contains([-1]) else { try fail(after: outcome) }
    let width = widths.first { !$0.isEmpty }?.map { Int($0) } ?? []
    let counts = (0..<count).map { rank in shards.counts[parts(of: shards.counts.count, onRank: rank)].reduce(0, +) }
    let rows = Shape([shards.exampleCount] + width)
    let none = Tensor<Model.Scalar>(zeros: Shape([0] + width))
    return try allGather(
      .concatenate([none] + own, axis: 0), counts: counts.map { $0 * rows.elementCount(of: 1..<rows.rank) }, shape: rows
    )
  }

  private func results<Model: Module, Part, Result>(
    _ own: Range<Int>, of shards: Shards<Part>, at model: Model, _ tables: [SharedTable<Model.Scalar>],
    _ body: (_ model: Model, _ part: Part) throws -> Result
  ) rethrows -> [Result] where Model.Scalar: MessageElement {
    try own.map { try body(model.reading(tables, part: $0 - own.lowerBound), shards.parts[$0]) }
  }

  /// What this rank's parts look up in the tables of a model; nil stands for a part that isn't computed.
  private func fetch<Model: Module, Part>(
    _ lookups: [TableLookup<Model, Part>], of parts: [Part?], at model: Model
  ) throws(CommunicatorError) -> [SharedTable<Model.Scalar>] where Model.Scalar: MessageElement {
    let leaves = model.leaves
    let tableLeaves = leaves.indices.filter { leaves[$0].kind == .table }
    var bags = [[[RaggedIndices]]](repeating: [], count: tableLeaves.count)
    var rows = [[[Int32]]?](repeating: nil, count: tableLeaves.count)
    for lookup in lookups {
      let number = tableLeaves.firstIndex(of: model.leafIndex(at: lookup.table))!
      switch lookup.rows {
      case .bags(let bagsOfPart): bags[number].append(parts.map { $0.map(bagsOfPart) ?? RaggedIndices([[Int32]]()) })
      case .rows(let rowsOfPart):
        let more = parts.map { $0.map(rowsOfPart) ?? [] }
        rows[number] = rows[number].map { zip($0, more).map { $0 + $1 } } ?? more
      }
    }
    if lookups.isEmpty { try announce() }  // Otherwise the first exchange does so.
    var shared: [SharedTable<Model.Scalar>] = []
    for (number, table) in model.tables.enumerated() {
      guard let sharing = table.sharing else {
        trap("the table \(leaves[tableLeaves[number]].name) is whole on each rank, expected one of `sharingRows(of:)`")
      }
      shared.append(
        try SharedTable(table, sharing, bags: bags[number], rows: rows[number], partCount: parts.count, self))
    }
    return shared
  }
}

extension Module {
  var tables: [EmbeddingTable<Scalar>] {
    var (copy, tables): (Self, [EmbeddingTable<Scalar>]) = (self, [])
    copy.forEachTable { tables.append($0) }
    return tables
  }

  /// This model for a part of a step, with what was fetched for it.
  fileprivate func reading(_ tables: [SharedTable<Scalar>], part: Int) -> Self where Scalar: MessageElement {
    var (copy, number) = (self, 0)
    copy.forEachTable { table in
      table.fetched = tables[number].fetched[part]
      number += 1
    }
    return copy
  }
}
