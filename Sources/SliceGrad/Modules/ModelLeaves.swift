/// What is known about one leaf of a model.
package struct ModelLeaf<Scalar: TensorScalar> {
  package let name: String
  package let value: Tensor<Scalar>
  package let kind: LeafKind
}

extension Module {
  /// The leaves in the order of `visitParameters`.
  package var leaves: [ModelLeaf<Scalar>] {
    var (copy, leaves): (Self, [ModelLeaf<Scalar>]) = (self, [])
    copy.forEachLeaf(named: true) { value, _, kind, name in
      leaves.append(ModelLeaf(name: name, value: value, kind: kind))
    }
    return leaves
  }

  /// Calls the body with the name and the numbers of each leaf, in the order of `visitParameters`: parameters, tables
  /// and buffers. The body may change the numbers. Traps if it changes a shape, and in a training step.
  ///
  ///     model.forEachParameter { name, value in print(name, value.shape) }
  ///     // embedding.weight [1004, 64]
  ///     // output.weight [40, 64]
  ///     // output.bias [40]
  public mutating func forEachParameter(_ body: (_ name: String, _ value: inout Tensor<Scalar>) -> Void) {
    forEachLeaf(named: true) { value, place, _, name in
      place.requireNone(name)
      let shape = value.shape
      body(name, &value)
      require(value.shape == shape, "forEachParameter: \(name) of shape \(shape) became one of \(value.shape)")
    }
  }

  /// The names of the leaves in the order of `visitParameters`: "output.weight".
  public var parameterNames: [String] { leaves.map(\.name) }

  /// The number of scalars in all parameters and tables. Buffers don't count.
  public var parameterCount: Int { leaves.reduce(0) { $0 + ($1.kind == .buffer ? 0 : $1.value.count) } }

  /// The name of the first leaf that holds a NaN or an infinite number; nil if all are finite.
  public var firstNonFinite: String? { leaves.first { !$0.value.isFinite }?.name }

  /// Gives each leaf another value, by its index in the order of `visitParameters`. Traps if a shape differs.
  package mutating func replaceLeaves(by value: (_ index: Int) -> Tensor<Scalar>) {
    var index = 0
    forEachLeaf { old, _, _, _ in
      let new = value(index)
      require(new.shape == old.shape, "a parameter of shape \(old.shape) replaced by one of shape \(new.shape)")
      old = new
      index += 1
    }
  }

  /// The indices of the leaves in the value at a key path, which may be a parameter, a table, a part of the model or a
  /// list of parts.
  func leafIndices(at path: PartialKeyPath<Self>) -> [Int] {
    Set(reflectedLeaves(of: withNumberedLeaves(self)[keyPath: path]).compactMap { $0.place?.index }).sorted()
  }

  /// The index of the only leaf at a key path. Traps if there are several, and if `visitParameters` doesn't visit it.
  package func leafIndex(at path: KeyPath<Self, some Any>) -> Int {
    let indices = leafIndices(at: path)
    require(
      indices.count == 1,
      "\(path) leads to \(indices.count) of the parameters that \(Self.self).visitParameters visits, expected one")
    return indices[0]
  }
}
