extension Restorable {
  /// This state, of a leaf that begins, with what an older state holds; nil if the two don't have the same fields.
  ///
  /// If the leaf is a table that has grown, each old row keeps its numbers: those in a `RowState`, and those in a
  /// `Tensor` or a list with as many rows as the table. New rows have the numbers of this state. Other fields become
  /// the older state's, if they have its size.
  func continuing(_ older: Self, for growth: TableGrowth) -> Self? {
    var (older, state): (Self, Self) = (older, self)
    var fields: [(name: String, field: any RestorableField)] = []
    older.forEachField { fields.append(($0, $1)) }
    fields.reverse()
    var fits = true
    state.forEachField { name, field in
      guard fits, let older = fields.popLast(), older.name == name,
        let continued = field.continuing(any: older.field, for: growth)
      else {
        fits = false
        return
      }
      field = continued
    }
    return fits && fields.isEmpty ? state : nil
  }
}

/// The shape that a table had and the one that it has now, which may be the same; of other leaves, both are the same.
struct TableGrowth {
  let old: Shape
  let new: Shape

  /// Whether a field had a row for each of the old table's rows, and has one for each of the new table's.
  func fits(_ oldField: Shape, _ newField: Shape) -> Bool {
    guard old != new, oldField.rank > 0, oldField[0] == old[0] else { return false }
    var grown = oldField
    grown[0] = new[0]
    return grown == newField
  }
}

/// A field of more than one number.
private protocol ContinuedField: RestorableField {
  /// This field with the numbers of an older one; nil if they don't fit.
  func continuing(_ older: Self, for growth: TableGrowth) -> Self?
}

extension RestorableField {
  fileprivate func continuing(any older: any RestorableField, for growth: TableGrowth) -> Self? {
    guard let older = older as? Self else { return nil }
    guard let field = self as? any ContinuedField else { return older }  // a number
    return field.continuing(any: older, for: growth) as? Self
  }
}

extension ContinuedField {
  fileprivate func continuing(any older: any RestorableField, for growth: TableGrowth) -> Self? {
    (older as? Self).flatMap { continuing($0, for: growth) }
  }
}

extension RowState: ContinuedField {}

extension RowNumbers: ContinuedField {
  fileprivate func continuing(_ older: RowNumbers, for growth: TableGrowth) -> RowNumbers? {
    older.rows == rows ? older : nil  // The state was continued before.
  }
}

extension Tensor: ContinuedField {
  fileprivate func continuing(_ older: Tensor, for growth: TableGrowth) -> Tensor? {
    if older.shape == shape { return older }
    guard growth.fits(older.shape, shape) else { return nil }
    var grown = self
    grown.replaceFirstRows(by: older)
    return grown
  }
}

extension Array: ContinuedField where Element: RestorableNumber {
  fileprivate func continuing(_ older: [Element], for growth: TableGrowth) -> [Element]? {
    if older.count == count { return older }
    return growth.fits([older.count], [count]) ? older + dropFirst(older.count) : nil
  }
}
