/// Traps unless `visitParameters` visits every parameter and table in the model's fields exactly once, naming the
/// field.
///
/// The visit numbers the leaves of a copy; a `Mirror` then looks for leaves in it that have no number.
func checkVisits<Model: Module>(of model: Model) {
  var numbered = model
  var clearing = LeafClearing<Model.Scalar>()
  numbered.visitParameters(&clearing)
  var numbering = OnceOnlyNumbering<Model.Scalar>(model: "\(Model.self)")
  numbered.visitParameters(&numbering)
  if let field = unvisitedField(of: numbered) {
    trap("\(Model.self).\(field) holds parameters, but visitParameters doesn't visit it")
  }
}

/// The path of the first leaf without a number.
private func unvisitedField(of value: Any) -> String? {
  for (position, child) in Mirror(reflecting: value).children.enumerated() {
    let name = child.label ?? "\(position)"
    if let leaf = child.value as? any ModelLeaf {
      if leaf.leaf == nil { return name }
      continue
    }
    guard mayHoldLeaves(child.value) else { continue }
    if let path = unvisitedField(of: child.value) { return name == "some" ? path : "\(name).\(path)" }
  }
  return nil
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
