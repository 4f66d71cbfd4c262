/// The gradient of one value of a step, as far as it has been summed on the way back.
package struct Cotangent<Scalar: TensorScalar> {
  package let shape: Shape
  /// Whether the value is a table, so that its gradient is a few rows, or all of them.
  package let isTable: Bool
  /// Whether the value is a table whose rows several processes share, and that were fetched for the step.
  let isFetched: Bool
  package var sum: Tensor<Scalar>?
  /// If the value is a table, the contributions of its look-ups, the last one first.
  package var rows: [RowContribution<Scalar>] = []
  /// If the value is a buffer, what it is to hold after the step.
  package var assigned: Tensor<Scalar>?

  init(shape: Shape, isTable: Bool, isFetched: Bool) {
    self.shape = shape
    self.isTable = isTable
    self.isFetched = isFetched
  }

  /// Adds a contribution, summed over the axes along which the value was broadcast.
  mutating func add(_ contribution: Tensor<Scalar>) {
    let contribution = contribution.summed(to: shape)
    if sum == nil { sum = contribution } else { sum! += contribution }
  }

  /// Lets `add` add a gradient's contribution in place.
  mutating func add(_ gradient: Tensor<Scalar>, by add: (Tensor<Scalar>, inout Tensor<Scalar>) -> Void) {
    if sum == nil { sum = Tensor(zeros: shape) }
    add(gradient, &sum!)
    require(sum!.shape == shape, "a way back by adding changed the shape of the sum from \(shape) to \(sum!.shape)")
  }

  /// The gradient of a leaf, with the rows of all look-ups merged; nil if none arrived.
  var leafGradient: LeafGradient<Scalar>? {
    let lookups = JoinedContributions(rows.reversed())
    return leafGradient(merging: lookups.kinds, by: lookups.merge)
  }

  /// The same from contributions that are joined already; `rows` is ignored.
  @specialized(where Scalar == Float)
  func leafGradient(
    merging kinds: [RowContribution<Scalar>.Kind], by merge: @autoclosure () -> RowMerge
  ) -> LeafGradient<Scalar>? {
    require(
      !isFetched, "a gradient of a table whose rows are on several ranks: take `Communicator.valueWithGradients`")
    if let assigned { return .assigned(assigned) }
    guard isTable else { return sum.map { .dense($0) } }
    if let sum { return .sparse(IndexedSlices(merging: kinds, by: merge(), intoAllRows: sum)) }
    return kinds.isEmpty ? nil : .sparse(IndexedSlices(merging: kinds, by: merge(), denseShape: shape))
  }
}

/// What a step yields for one leaf: the gradient of a `Parameter`, which is a tensor, or of an `EmbeddingTable`, which
/// is a few rows, or the numbers that the step assigned to a `Buffer`.
package enum LeafGradient<Scalar: TensorScalar>: Equatable, Sendable {
  case dense(Tensor<Scalar>)
  case sparse(IndexedSlices<Scalar>)
  case assigned(Tensor<Scalar>)
}
