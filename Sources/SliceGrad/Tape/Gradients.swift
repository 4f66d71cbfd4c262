/// The gradients of a loss with respect to the parameters of one model: a tensor for each `Parameter`, a few rows for
/// each `EmbeddingTable`, and nothing for those that the loss doesn't depend on.
public struct Gradients<Model: Module>: Equatable, Sendable {
  public typealias Scalar = Model.Scalar

  /// One a leaf, in the order of `visitParameters`.
  var leaves: [LeafGradient<Scalar>?]

  /// The gradient of one parameter; nil if the loss doesn't depend on it.
  ///
  ///     gradients[\.output.weight, in: model]
  public subscript(path: KeyPath<Model, Parameter<Scalar>>, in model: Model) -> Tensor<Scalar>? {
    guard case .dense(let gradient) = leaves[model.leafNumber(path, \.leaf)] else { return nil }
    return gradient
  }

  /// The gradient of one table; nil if the loss doesn't depend on it.
  ///
  ///     gradients[\.embedding.weight, in: model]
  public subscript(path: KeyPath<Model, EmbeddingTable<Scalar>>, in model: Model) -> IndexedSlices<Scalar>? {
    guard case .sparse(let gradient) = leaves[model.leafNumber(path, \.leaf)] else { return nil }
    return gradient
  }

  /// √Σ g² over all elements of all gradients.
  public var globalNorm: Double {
    leaves.reduce(0.0) { $0 + ($1?.squaredNorm ?? 0) }.squareRoot()
  }

  /// Every gradient times a number.
  public static func *= (gradients: inout Gradients, factor: Scalar) {
    for i in gradients.leaves.indices { gradients.leaves[i] = gradients.leaves[i]?.scaled(by: factor) }
  }

  /// The sum of the gradients of two losses, in place. Rows stay rows.
  public static func += (left: inout Gradients, right: Gradients) {
    require(
      left.leaves.count == right.leaves.count,
      "gradients of \(left.leaves.count) leaves += gradients of \(right.leaves.count) leaves")
    for (i, leaf) in right.leaves.enumerated() {
      switch (left.leaves[i], leaf) {
      case (_, nil): break
      case (nil, let gradient): left.leaves[i] = gradient
      case (.dense(var a), .dense(let b)):
        left.leaves[i] = nil  // A second reference would make the sum copy it.
        a += b
        left.leaves[i] = .dense(a)
      case (.sparse(let a), .sparse(let b)): left.leaves[i] = .sparse((a + b).coalesced())
      default: trap("gradients of one leaf are dense in one step and sparse in another")
      }
    }
  }

  /// The name of the first parameter whose gradient holds a NaN or an infinite number; nil if all are finite.
  public func firstNonFinite(in model: Model) -> String? {
    zip(model.parameterNames, leaves).first { $1?.isFinite == false }?.0
  }

  /// The names of the parameters that the loss didn't depend on.
  public func missing(in model: Model) -> [String] {
    zip(model.parameterNames, leaves).filter { $1 == nil }.map(\.0)
  }
}

extension LeafGradient {
  fileprivate var values: Tensor<Scalar> {
    switch self {
    case .dense(let gradient): gradient
    case .sparse(let slices): slices.values
    }
  }

  fileprivate var isFinite: Bool { values.isFinite }

  fileprivate var squaredNorm: Double {
    switch self {
    case .dense(let gradient): gradient.squaredNorm
    case .sparse(let slices): slices.squaredNorm
    }
  }

  fileprivate func scaled(by factor: Scalar) -> LeafGradient {
    switch self {
    case .dense(let gradient): .dense(gradient * factor)
    case .sparse(let slices): .sparse(slices * factor)
    }
  }
}
