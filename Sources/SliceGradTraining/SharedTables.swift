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
  /// The table whose field this is: "embedding.weight.moments" is one of "embedding.weight".
  func table(ofField name: String) -> (name: String, sharing: RowSharing)? {
    filter { name.hasPrefix($0.key + ".") }.max { $0.key.count < $1.key.count }.map { ($0.key, $0.value) }
  }
}

/// A part of a training, as files name it, of a table whose rows ranks share. Not each is by rows.
package struct SharedField {
  /// "model.embedding.weight", "optimizer.embedding.weight.moments".
  package let name: String
  /// The name of the table in the model.
  package let table: String
  package let sharing: RowSharing
  package let field: any RestorableField

  package init(name: String, table: String, sharing: RowSharing, field: any RestorableField) {
    (self.name, self.table, self.sharing, self.field) = (name, table, sharing, field)
  }
}

extension TrainingState {
  /// The parts of which ranks have some rows each, in the order of the file.
  package var sharedFields: [SharedField] {
    let tables = model.sharedTables
    guard !tables.isEmpty else { return [] }
    func fields(of model: Model, _ prefix: String) -> [SharedField] {
      model.leaves.compactMap { leaf in
        tables[leaf.name].map {
          SharedField(name: prefix + leaf.name, table: leaf.name, sharing: $0, field: leaf.value)
        }
      }
    }
    func fields(of state: some Restorable, _ prefix: String) -> [SharedField] {
      var (state, fields): (_, [SharedField]) = (state, [])
      state.forEachField { name, field in
        guard let table = tables.table(ofField: name) else { return }
        fields.append(SharedField(name: prefix + name, table: table.name, sharing: table.sharing, field: field))
      }
      return fields
    }
    return fields(of: model, "model.") + fields(of: optimizer, "optimizer.")
      + (average.map { fields(of: $0, "average.") } ?? []) + (best.map { fields(of: $0.model, "best.") } ?? [])
  }
}
