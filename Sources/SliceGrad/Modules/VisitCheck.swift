/// Traps unless `visitParameters` visits every parameter and table in the model's fields exactly once, naming the
/// field, and gives each a name of its own.
///
/// The visit numbers the leaves of a copy; a `Mirror` then looks for leaves in it that have no number.
func checkVisits<Model: Module>(of model: Model) {
  var numbered = model
  var clearing = LeafClearing<Model.Scalar>()
  numbered.visitParameters(&clearing)
  var numbering = OnceOnlyNumbering<Model.Scalar>(model: "\(Model.self)")
  numbered.visitParameters(&numbering)
  if let forgotten = reflectedLeaves(of: numbered).first(where: { $0.leaf == nil }) {
    trap("\(Model.self).\(forgotten.path) holds parameters, but visitParameters doesn't visit it")
  }
  var names: Set<String> = []
  for name in model.parameterNames {
    require(names.insert(name).inserted, "\(Model.self).visitParameters gives the name \"\(name)\" to two leaves")
  }
}

/// The leaves that a value holds, each with the path of its field: "encoder.output.weight".
func reflectedLeaves(of value: Any) -> [(path: String, leaf: Leaf?)] {
  if let leaf = value as? any ModelLeaf { return [("", leaf.leaf)] }
  guard mayHoldLeaves(value) else { return [] }
  return Mirror(reflecting: value).children.enumerated().flatMap { position, child in
    let name = child.label ?? "\(position)"
    return reflectedLeaves(of: child.value).map { path, leaf in
      (path.isEmpty ? name : name == "some" ? path : "\(name).\(path)", leaf)
    }
  }
}

/// Leaves out objects, which may refer to one another in circles, and the elements of collections of plain values, of
/// which there may be many.
private func mayHoldLeaves(_ value: Any) -> Bool {
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .class: return false
  case .collection, .set, .dictionary:
    guard let first = mirror.children.first?.value else { return false }
    // Of a dictionary's elements, pairs, the value counts. Numbers and strings have no display style.
    let element = mirror.displayStyle == .dictionary ? Array(Mirror(reflecting: first).children)[1].value : first
    return Mirror(reflecting: element).displayStyle != nil
  default: return true
  }
}

/// What a `Parameter` and an `EmbeddingTable` have in common.
private protocol ModelLeaf {
  var leaf: Leaf? { get }
}
extension Parameter: ModelLeaf {}
extension EmbeddingTable: ModelLeaf {}

/// Takes the numbers away that leaves of a training step's model have.
private struct LeafClearing<Scalar: TensorScalar>: ParameterVisitor {
  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) { parameter.leaf = nil }
  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) { table.leaf = nil }
}

/// Numbers leaves that have none yet.
private struct OnceOnlyNumbering<Scalar: TensorScalar>: ParameterVisitor {
  let model: String
  private var numbering = LeafNumbering<Scalar>()

  init(model: String) { self.model = model }

  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) {
    require(parameter.leaf == nil, "\(model).visitParameters visits the parameter \"\(name)\" twice")
    numbering.visit(&parameter, name)
  }

  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) {
    require(table.leaf == nil, "\(model).visitParameters visits the table \"\(name)\" twice")
    numbering.visit(&table, name)
  }
}
