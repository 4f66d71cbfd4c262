package import SliceGrad

/// The tables of a model whose rows ranks share, by their names: to find out which fields of a rule's state are theirs.
package typealias SharedTables = [String: RowSharing]

extension Module {
  package var sharedTables: SharedTables {
    var (copy, sharings) = (self, [RowSharing?]())
    copy.forEachTable { sharings.append($0.sharing) }
    let names = leaves.filter { $0.kind == .table }.map(\.name)
    return SharedTables(zip(names, sharings).compactMap { name, sharing in sharing.map { (name, $0) } }) { first, _ in
      first
    }
  }
}

extension SharedTables {
  /// How the table is shared whose field this is: "embedding.weight.moments" is one of "embedding.weight".
  func sharing(ofField name: String) -> RowSharing? {
    filter { name.hasPrefix($0.key + ".") }.max { $0.key.count < $1.key.count }?.value
  }
}
