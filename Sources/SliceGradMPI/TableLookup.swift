public import SliceGrad
import SliceGradTraining

/// A look-up in a table whose rows ranks share, as it is announced before a step: `.bags(\.embedding.weight, \.texts)`.
/// Ranks fetch the rows of all look-ups together, and none waits for one that makes other look-ups.
///
/// Both kinds give the same results. Bags cost less as long as there are fewer ranks than rows in a bag.
public struct TableLookup<Model: Module, Part> {
  enum Rows {
    /// The bags of a part, without the row that is left out.
    case bags((Part) -> RaggedIndices)
    case rows((Part) -> [Int32])
  }

  let table: KeyPath<Model, EmbeddingTable<Model.Scalar>>
  let rows: Rows

  /// Sums or means of the rows in bags: `EmbeddingTable.embeddingBag` with these bags, without weights. The bags go to
  /// the ranks that have rows of them, and sums come back. A step that uses it uses it in all parts that have examples.
  ///
  /// - Parameters:
  ///   - table: leads to the table.
  ///   - bags: the bags of a part.
  ///   - paddingIndex: that of the layer, if it leaves out a row.
  public static func bags(
    _ table: KeyPath<Model, EmbeddingTable<Model.Scalar>>, _ bags: @escaping (_ part: Part) -> RaggedIndices,
    paddingIndex: Int32? = nil
  ) -> TableLookup {
    TableLookup(
      table: table,
      rows: .bags { part in
        let bags = bags(part)
        return paddingIndex.map { bags.removing($0).bags } ?? bags
      })
  }

  /// Any look-ups of these rows in a part: `gather`, maxima, bags with weights, scores and distances. Each distinct row
  /// goes to the rank of the part, and its gradient back.
  ///
  /// - Parameters:
  ///   - table: leads to the table.
  ///   - rows: the numbers of all rows that a part looks up. They may repeat.
  public static func rows(
    _ table: KeyPath<Model, EmbeddingTable<Model.Scalar>>, _ rows: @escaping (_ part: Part) -> [Int32]
  ) -> TableLookup {
    TableLookup(table: table, rows: .rows(rows))
  }
}

extension Array {
  /// A hash of the look-ups of all parts with examples, by which ranks find out whether they have the same batch.
  func hash<Model, Part>(of shards: Shards<Part>) -> String where Element == TableLookup<Model, Part> {
    var checksum = Checksum()
    shards.counts.withUnsafeBytes { checksum.add($0) }
    for lookup in self {
      for (part, count) in zip(shards.parts, shards.counts) where count > 0 {
        switch lookup.rows {
        case .bags(let bagsOfPart):
          let bags = bagsOfPart(part)
          bags.values.withUnsafeBytes { checksum.add($0) }
          bags.rowSplits.withUnsafeBytes { checksum.add($0) }
          bags.counts?.withUnsafeBytes { checksum.add($0) }
        case .rows(let rowsOfPart): rowsOfPart(part).withUnsafeBytes { checksum.add($0) }
        }
      }
    }
    return String(checksum.value, radix: 16)
  }
}
