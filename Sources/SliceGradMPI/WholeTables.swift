public import SliceGrad

extension Communicator {
  /// The model with whole tables on rank 0, to be exported or looked at; nil on others.
  ///
  /// Each rank but 0 sends its rows there.
  ///
  /// - Complexity: O(v d), in time and in memory of rank 0.
  public func gathered<Model: Module>(_ model: Model) throws(CommunicatorError) -> Model?
  where Model.Scalar: MessageElement {
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

  /// The rows `[v, w]` of which each rank has its own; no rows on ranks but 0.
  func gathered<Scalar: TensorScalar & MessageElement>(
    _ own: Tensor<Scalar>, _ sharing: RowSharing
  ) throws(CommunicatorError) -> Tensor<Scalar> {
    let width = own.shape.elementCount(of: 1..<own.rank)
    let blocks = try gather(Array(own.elements))
    guard rank == 0 else { return Tensor(zeros: [0, width]) }
    return Tensor(shape: Shape([sharing.rowCount] + own.shape.dropFirst())) { whole in
      for (rank, block) in blocks.enumerated() {
        let theirs = RowSharing(
          rowCount: sharing.rowCount, classCount: sharing.classCount,
          classes: parts(of: sharing.classCount, onRank: rank))
        block.withUnsafeBufferPointer { block in
          for place in 0..<theirs.ownRowCount where width > 0 {
            (whole + theirs.row(at: place) * width)
              .initialize(from: block.baseAddress! + place * width, count: width)
          }
        }
      }
    }
  }
}

extension RowSharing {
  /// Those of a table's rows that are here.
  func ownRows<Scalar>(of whole: Tensor<Scalar>) -> Tensor<Scalar> {
    let rows = (0..<ownRowCount).map { Int32(row(at: $0)) }
    return whole.gatheringRows(rows, shape: Shape([rows.count] + whole.shape.dropFirst()))
  }
}
