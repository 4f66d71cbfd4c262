/// Reads or changes the leaves of a model, one after another. A model's `visitParameters` calls it with each of its
/// parts: layers, lists of layers, optional ones, parameters, tables and buffers.
///
///     struct Encoder: Module {
///       var table: EmbeddingTable<Float>
///       var hidden: [Dense<Float>]
///       var norm: LayerNorm<Float>?
///
///       mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
///         visit(&table, "table")
///         visit(&hidden, "hidden")
///         visit(&norm, "norm")
///       }
///     }
///     let encoder = Encoder(
///       table: EmbeddingTable(Tensor(zeros: [9, 4])), hidden: [Dense(inputs: 4, outputs: 2, using: &generator)])
///     print(encoder.parameterNames)  // ["table", "hidden.0.weight", "hidden.0.bias"]
public struct ParameterVisitor<Scalar: TensorScalar> {
  /// What is done with a leaf, given its numbers, its place in a step, its kind and its name, "output.weight". The name
  /// is empty in a visit that doesn't ask for names.
  typealias Body = (_ value: inout Tensor<Scalar>, _ place: inout LeafPlace?, _ kind: LeafKind, _ name: String) -> Void

  private enum Purpose {
    case body(Body)
    /// Each leaf gets its index in a step on a tape. This is a case of its own because a body would be one more
    /// allocation.
    case tracking(Tape<Scalar>, step: Int)
    /// Tables are given to a body as they are; other leaves aren't.
    case tables((inout EmbeddingTable<Scalar>) -> Void)
  }

  private let purpose: Purpose
  /// The names of the parts that are being visited, outermost first; nil in a visit that doesn't ask for names.
  private var path: [String]?

  init(named: Bool, _ body: @escaping Body) {
    purpose = .body(body)
    path = named ? [] : nil
  }

  /// The visit that gives each leaf its index in a step on a tape.
  init(tracking tape: Tape<Scalar>, step: Int) {
    purpose = .tracking(tape, step: step)
    path = nil
  }

  fileprivate init(tables body: @escaping (inout EmbeddingTable<Scalar>) -> Void) {
    purpose = .tables(body)
    path = nil
  }

  /// Visits a part of the model. Its leaves are named after it: "output" and "weight" become "output.weight".
  public mutating func callAsFunction(_ part: inout some Module<Scalar>, _ name: @autoclosure () -> String) {
    path?.append(name())
    part.visitParameters(&self)
    path?.removeLast()
  }

  /// Calls the body with each leaf that is visited.
  @inline(__always)
  static func forEachLeaf(named: Bool, _ visit: (inout ParameterVisitor) -> Void, _ body: Body) {
    withoutActuallyEscaping(body) { body in
      var visitor = ParameterVisitor(named: named, body)
      visit(&visitor)
    }
  }

  @specialized(where Scalar == Float)
  fileprivate func leaf(
    _ value: inout Tensor<Scalar>, _ place: inout LeafPlace?, _ kind: LeafKind, isFetched: Bool = false
  ) {
    switch purpose {
    case .body(let body): body(&value, &place, kind, path?.joined(separator: ".") ?? "")
    case .tracking(let tape, let step):
      let index = tape.newIndex(of: value.shape, isTable: kind == .table, isFetched: isFetched)
      place = LeafPlace(step: step, index: index)
    case .tables: break
    }
  }

  @specialized(where Scalar == Float)
  fileprivate func table(_ table: inout EmbeddingTable<Scalar>) {
    if case .tables(let body) = purpose { return body(&table) }
    leaf(&table.storedValue, &table.place, .table, isFetched: table.fetched != nil)
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
    ParameterVisitor.forEachLeaf(named: named, { visit in visitParameters(&visit) }, body)
  }

  /// Calls the body with each table in the order of the visit.
  package mutating func forEachTable(_ body: (_ table: inout EmbeddingTable<Scalar>) -> Void) {
    withoutActuallyEscaping(body) { body in
      var visitor = ParameterVisitor(tables: body)
      visitParameters(&visitor)
    }
  }
}

// MARK: Parts that every model may have: leaves, lists and optionals

extension Parameter: Module {
  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit.leaf(&storedValue, &place, .parameter)
  }
}

extension EmbeddingTable: Module {
  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit.table(&self)
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

/// A layer or another module that may be missing. It adds no level to the names.
extension Optional: Module where Wrapped: Module {
  @specialized(where Wrapped == Parameter<Float>)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Wrapped.Scalar>) {
    self?.visitParameters(&visit)
  }
}
