import SliceGradKernels

/// What the look-ups in a table contribute to its gradient, of which neighbours of one form are joined: merging goes
/// through the rows once for each, and the parts of a batch are many.
struct JoinedContributions<Scalar: TensorScalar> {
  /// Look-ups that follow one another and are of one form.
  private var runs: [[RowContribution<Scalar>]] = []

  /// - Parameter contributions: those of all look-ups, in their order.
  init(_ contributions: [RowContribution<Scalar>]) {
    for contribution in contributions {
      if let last = runs.last?.last, last.isAlike(contribution) {
        runs[runs.count - 1].append(contribution)
      } else {
        runs.append([contribution])
      }
    }
  }

  /// How they are merged.
  ///
  /// - Complexity: O(n) for n positions.
  var merge: RowMerge {
    RowMerge(runs.map { run in run.map { RowMerge.Lookup(indices: $0.indices, splits: $0.splits) } })
  }

  /// What each run contributes.
  ///
  /// - Complexity: O(n) for n numbers, where a run is of several look-ups.
  var kinds: [RowContribution<Scalar>.Kind] {
    @specialized(where Scalar == Float)
    get { runs.map { $0.count == 1 ? $0[0].kind : .init(joining: $0.map(\.kind)) } }
  }
}

extension RowContribution {
  /// Whether both contribute vectors, both in bags or both not, and both with weights or both without.
  fileprivate func isAlike(_ other: RowContribution) -> Bool {
    guard case .vectors(_, let a) = kind, case .vectors(_, let b) = other.kind else { return false }
    return (splits == nil) == (other.splits == nil) && (a == nil) == (b == nil)
  }
}

extension RowContribution.Kind {
  fileprivate init(joining kinds: [Self]) {
    var (vectors, weights): ([Tensor<Scalar>], [Tensor<Scalar>]) = ([], [])
    for case .vectors(let these, let theirWeights) in kinds {
      vectors.append(these)
      if let theirWeights { weights.append(theirWeights.reshaped(to: [theirWeights.count])) }
    }
    self = .vectors(
      .concatenate(vectors, axis: 0), weights: weights.isEmpty ? nil : .concatenate(weights, axis: 0))
  }

  /// Adds up what the uses of the rows `first..<end` contribute.
  func merge(_ uses: SliceGradUses, _ sums: UnsafeMutablePointer<Scalar>, _ first: Int, _ end: Int) {
    switch self {
    case .sums(let merge): merge(uses, sums, first, end)
    case .vectors(let vectors, let weights):
      withPointers(vectors, weights) { Scalar.Kernels.mergeRows($0, uses, $1, sums, vectors.shape[1], first, end) }
    }
  }
}
