extension Module {
  /// The number of the leaf at a key path. Traps if `visitParameters` doesn't visit it.
  func leafNumber<LeafValue>(_ path: KeyPath<Self, LeafValue>, _ number: KeyPath<LeafValue, Leaf?>) -> Int {
    guard let leaf = numbered[keyPath: path][keyPath: number] else {
      trap("\(path) is not among the parameters that \(Self.self).visitParameters visits")
    }
    return leaf.numberInModel
  }

  /// The numbers of all leaves in the value at a key path: of a parameter, a table, a part of the model, a list of parts.
  func leafNumbers<Part>(at path: KeyPath<Self, Part>) -> [Int] {
    Set(reflectedLeaves(of: numbered[keyPath: path]).compactMap { $0.leaf?.numberInModel }).sorted()
  }

  /// A copy whose leaves know their numbers.
  private var numbered: Self {
    var (copy, numbering) = (self, LeafNumbering<Scalar>())
    copy.visitParameters(&numbering)
    return copy
  }

  /// The names of the leaves in the order of `visitParameters`: "output.weight".
  public var parameterNames: [String] { describedLeaves.map(\.name) }

  /// The name of the first parameter or table that holds a NaN or an infinite number; nil if all are finite.
  public var firstNonFinite: String? { describedLeaves.first { !$0.value.isFinite }?.name }

  /// Gives each leaf another value, by its number in the order of `visitParameters`. The shapes have to be the same.
  package mutating func replaceLeaves(by value: (_ number: Int) -> Tensor<Scalar>) {
    withoutActuallyEscaping(value) { value in
      var replacement = LeafReplacement(value: value)
      visitParameters(&replacement)
    }
  }

  /// The values of the leaves in the order of `visitParameters`.
  var leafValues: [Tensor<Scalar>] {
    var copy = self
    var collection = LeafValues<Scalar>()
    copy.visitParameters(&collection)
    return collection.values
  }

  /// The names and values of the leaves in the order of `visitParameters`.
  package var describedLeaves: [(name: String, value: Tensor<Scalar>, isTable: Bool)] {
    var copy = self
    var description = LeafDescription<Scalar>()
    copy.visitParameters(&description)
    return description.leaves
  }

  /// The number of scalars in all parameters and tables.
  public var parameterCount: Int { leafValues.reduce(0) { $0 + $1.count } }
}

/// Collects the names and values of a model's leaves.
private struct LeafDescription<Scalar: TensorScalar>: ParameterVisitor {
  private(set) var leaves: [(name: String, value: Tensor<Scalar>, isTable: Bool)] = []
  private var path: [String] = []

  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) {
    append(name, parameter.value, isTable: false)
  }
  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) {
    append(name, table.value, isTable: true)
  }
  mutating func enter(_ name: String) { path.append(name) }
  mutating func leave() { path.removeLast() }

  private mutating func append(_ name: String, _ value: Tensor<Scalar>, isTable: Bool) {
    leaves.append(((path + [name]).joined(separator: "."), value, isTable))
  }
}

/// Collects the values of a model's leaves.
private struct LeafValues<Scalar: TensorScalar>: ParameterVisitor {
  private(set) var values: [Tensor<Scalar>] = []

  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) { values.append(parameter.value) }
  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) { values.append(table.value) }
}

/// Gives leaf after leaf another value.
private struct LeafReplacement<Scalar: TensorScalar>: ParameterVisitor {
  let value: (_ number: Int) -> Tensor<Scalar>
  private var number = 0

  init(value: @escaping (_ number: Int) -> Tensor<Scalar>) { self.value = value }

  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) { replace(&parameter.value) }
  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) { replace(&table.value) }

  private mutating func replace(_ old: inout Tensor<Scalar>) {
    let new = value(number)
    require(new.shape == old.shape, "a parameter of shape \(old.shape) replaced by one of shape \(new.shape)")
    old = new
    number += 1
  }
}
