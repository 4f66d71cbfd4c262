/// Traps unless `visitParameters` visits every parameter, table and buffer in the model's fields exactly once, and
/// gives each a name of its own. The message names the field.
///
/// A `Mirror` looks for leaves that have no place in a copy whose visited leaves have one.
func checkVisits<Model: Module>(of model: Model) {
  if let forgotten = reflectedLeaves(of: withNumberedLeaves(model)).first(where: { $0.place == nil }) {
    trap("\(Model.self).\(forgotten.path) holds parameters, but visitParameters doesn't visit it")
  }
}

/// A copy of the model in which each leaf that is visited has its index as its place, and the others have none. Traps
/// on a leaf that is visited twice, and on two with one name.
func withNumberedLeaves<Model: Module>(_ model: Model) -> Model {
  var (copy, names): (Model, Set<String>) = (model, [])
  copy.forEachLeaf { _, place, _, _ in place = nil }
  copy.forEachLeaf(named: true) { _, place, _, name in
    require(place == nil, "\(Model.self).visitParameters visits \"\(name)\" twice")
    require(names.insert(name).inserted, "\(Model.self).visitParameters gives the name \"\(name)\" to two leaves")
    place = LeafPlace(step: 0, index: names.count - 1)
  }
  return copy
}

/// The leaves that a value holds, each with the path of its field: "encoder.output.weight".
func reflectedLeaves(of value: Any) -> [(path: String, place: LeafPlace?)] {
  if let leaf = value as? any PlacedLeaf { return [("", leaf.place)] }
  guard mayHoldLeaves(value) else { return [] }
  return Mirror(reflecting: value).children.enumerated().flatMap { position, child in
    let name = child.label ?? "\(position)"
    return reflectedLeaves(of: child.value).map { path, place in
      (path.isEmpty ? name : name == "some" ? path : "\(name).\(path)", place)
    }
  }
}

/// Whether to look for leaves in a value. Left out are objects, which may refer to one another in cycles, and
/// collections of plain values, whose elements may be many.
private func mayHoldLeaves(_ value: Any) -> Bool {
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .class: return false
  case .collection, .set, .dictionary:
    guard let first = mirror.children.first?.value else { return false }
    // A dictionary's elements are pairs, of which the value counts. Numbers and strings have no display style.
    let element = mirror.displayStyle == .dictionary ? Array(Mirror(reflecting: first).children)[1].value : first
    return Mirror(reflecting: element).displayStyle != nil
  default: return true
  }
}

/// What a `Parameter`, an `EmbeddingTable` and a `Buffer` have in common.
private protocol PlacedLeaf {
  var place: LeafPlace? { get }
}
extension Parameter: PlacedLeaf {}
extension EmbeddingTable: PlacedLeaf {}
extension Buffer: PlacedLeaf {}
