/// The gradients of a loss with respect to the parameters of one model: a tensor for each `Parameter`, a few rows for
/// each `EmbeddingTable`, and nothing for those that the loss doesn't depend on. What the step assigned to buffers is
/// kept with them, for the optimizer's update.
///
///     print(gradients)  // Gradients: 12 rows of [1004, 64], [40, 64], [40]
public struct Gradients<Model: Module>: Equatable, Sendable {
  public typealias Scalar = Model.Scalar

  /// One per leaf, in the order of `visitParameters`.
  package var leaves: [LeafGradient<Scalar>?]

  /// Whether a table's rows are on several ranks, and only those of this one have their gradients here.
  package let isOfOwnRows: Bool

  package init(leaves: [LeafGradient<Scalar>?], isOfOwnRows: Bool = false) {
    self.leaves = leaves
    self.isOfOwnRows = isOfOwnRows
  }

  /// The gradient of one parameter, `Tensor`, or of one table, `IndexedSlices`; nil if the loss doesn't depend on it.
  ///
  ///     print(gradients[\.output.bias, in: model]!.shape)  // [40]
  ///
  /// Traps unless the key path leads to exactly one leaf that `visitParameters` visits.
  public subscript<Part: Differentiable>(path: KeyPath<Model, Part>, in model: Model) -> Part.Gradient?
  where Part.Scalar == Scalar {
    let index = model.leafIndex(at: path)
    require(index < leaves.count, "gradients of \(leaves.count) leaves have none of leaf \(index) of another model")
    switch leaves[index] {
    case .dense(let gradient): return gradient as? Part.Gradient
    case .sparse(let gradient): return gradient as? Part.Gradient
    case .assigned, nil: return nil
    }
  }

  /// √Σ g² over all elements of all gradients. Traps if the rows of a table are on several ranks.
  ///
  /// - Complexity: O(n) for n numbers in the gradients.
  public var globalNorm: Double {
    require(
      !isOfOwnRows, "globalNorm: the rows of a table are on several ranks; take `Communicator.globalNorm` or `clip`")
    return leaves.reduce(0.0) { $0 + ($1?.squaredNorm ?? 0) }.squareRoot()
  }

  /// Multiplies every gradient by a number, in place.
  public static func *= (gradients: inout Gradients, factor: Scalar) {
    for i in gradients.leaves.indices { gradients.leaves[i] = gradients.leaves[i]?.mapped { $0 * factor } }
  }

  /// Adds the gradients of another loss, in place. A table's gradient stays a few rows.
  ///
  /// - Complexity: O(n) for n numbers in the gradients of both.
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
      case (.assigned?, .assigned?): left.leaves[i] = leaf  // The later step's.
      default: trap("gradients of one leaf are dense in one step and sparse in another")
      }
    }
  }

  /// The name of the first parameter whose gradient holds a NaN or an infinite number; nil if all are finite.
  public func firstNonFinite(in model: Model) -> String? {
    zip(model.parameterNames, leaves).first { $1?.isFinite == false }?.0
  }

  /// The names of the parameters on which the loss didn't depend.
  ///
  ///     let (_, gradients) = valueWithGradients(at: model) { model in model.output.weight.variable.sum() }
  ///     print(gradients.missing(in: model))  // ["embedding.weight", "output.bias"]
  public func missing(in model: Model) -> [String] {
    zip(model.leaves, leaves).filter { $0.kind != .buffer && $1 == nil }.map(\.0.name)
  }
}

/// A leaf of a model that has a gradient: a `Parameter`, an `EmbeddingTable`, or one that may be missing.
public protocol Differentiable<Gradient>: Module {
  associatedtype Gradient
}
extension Parameter: Differentiable {
  public typealias Gradient = Tensor<Scalar>
}
extension EmbeddingTable: Differentiable {
  public typealias Gradient = IndexedSlices<Scalar>
}
extension Optional: Differentiable where Wrapped: Differentiable {
  public typealias Gradient = Wrapped.Gradient
}

extension Gradients: CustomStringConvertible {
  /// The shape of each leaf's gradient, in the order of `visitParameters`.
  public var description: String {
    let parts = leaves.map { leaf in
      switch leaf {
      case .dense(let gradient): "\(gradient.shape)"
      case .sparse(let slices): "\(slices.count) rows of \(slices.denseShape)"
      case .assigned(let value): "buffer \(value.shape)"
      case nil: "none"
      }
    }
    return "Gradients: " + parts.joined(separator: ", ")
  }
}

extension LeafGradient {
  /// The numbers of the gradient, each row of slices once; nil for a buffer.
  private var numbers: Tensor<Scalar>? {
    switch self {
    case .dense(let gradient): gradient
    case .sparse(let slices): slices.coalesced().values
    case .assigned: nil
    }
  }

  fileprivate var isFinite: Bool { numbers?.isFinite ?? true }

  fileprivate var squaredNorm: Double { numbers?.squaredNorm ?? 0 }

  /// The gradient with a function applied to its numbers. What was assigned to a buffer stays.
  func mapped(_ function: (Tensor<Scalar>) -> Tensor<Scalar>) -> LeafGradient {
    switch self {
    case .dense(let gradient): .dense(function(gradient))
    case .sparse(let slices): .sparse(slices.mapped(function))
    case .assigned: self
    }
  }
}
