/// What looks at or changes the leaves of a model, one after the other. A model's `visitParameters` calls it with each of
/// its parts:
///
///     visit(&embedding, "embedding")
///     visit(&hidden, "hidden")  // a layer, a list of layers, an optional one, a parameter, a table, a buffer
public struct ParameterVisitor<Scalar: TensorScalar> {
  /// What is done with a leaf: with its numbers, its place in a step, its kind and its name, "output.weight". The name
  /// is empty in a visit that doesn't ask for names.
  typealias Body = (_ value: inout Tensor<Scalar>, _ place: inout LeafPlace?, _ kind: LeafKind, _ name: String) -> Void

  private let body: Body
  /// The names of the parts that are being visited, outermost first; nil in a visit that doesn't ask for names.
  private var path: [String]?

  init(named: Bool, _ body: @escaping Body) {
    self.body = body
    path = named ? [] : nil
  }

  /// Visits a part of the model. Its leaves are named after it: "output" and "weight" become "output.weight".
  public mutating func callAsFunction(_ part: inout some Module<Scalar>, _ name: @autoclosure () -> String) {
    path?.append(name())
    part.visitParameters(&self)
    path?.removeLast()
  }

  fileprivate func leaf(_ value: inout Tensor<Scalar>, _ place: inout LeafPlace?, _ kind: LeafKind) {
    body(&value, &place, kind, path?.joined(separator: ".") ?? "")
  }
}

/// What a leaf is: a `Parameter`, an `EmbeddingTable` or a `Buffer`.
package enum LeafKind: Sendable {
  case parameter
  case table
  case buffer
}

extension Module {
  /// Calls the body with each leaf in the order of the visit.
  mutating func forEachLeaf(named: Bool = false, _ body: ParameterVisitor<Scalar>.Body) {
    withoutActuallyEscaping(body) { body in
      var visit = ParameterVisitor(named: named, body)
      visitParameters(&visit)
    }
  }
}

// MARK: The parts of models that aren't written by users

extension Parameter: Module {
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit.leaf(&storedValue, &place, .parameter)
  }
}

extension EmbeddingTable: Module {
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit.leaf(&storedValue, &place, .table)
  }
}

extension Buffer: Module {
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit.leaf(&storedValue, &place, .buffer)
  }
}

/// A list of layers or other modules: "hidden.0.weight", "hidden.1.weight".
extension Array: Module where Element: Module {
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Element.Scalar>) {
    for i in indices { visit(&self[i], "\(i)") }
  }
}

/// A layer or another module that may be missing. It bears the name of what it holds.
extension Optional: Module where Wrapped: Module {
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Wrapped.Scalar>) {
    self?.visitParameters(&visit)
  }
}
