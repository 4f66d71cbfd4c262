public import SliceGrad

extension Communicator {
  /// √Σ g² over all elements of all gradients of a step of ``valueWithGradients(at:shards:lookups:on:_:)``, those of
  /// rows on other ranks included: the same on all ranks, with the same bits for any number of them.
  ///
  /// - Complexity: O(n) for n numbers in this rank's gradients, and a sum of one number for each table.
  public func globalNorm<Model: Module>(
    of gradients: Gradients<Model>, at model: Model
  ) throws(CommunicatorError) -> Double {
    var (tables, total) = (model.tables[...], 0.0)
    for (leaf, gradient) in zip(model.leaves, gradients.leaves) {
      let sharing = leaf.kind == .table ? tables.removeFirst().sharing : nil
      switch gradient {
      case .dense(let gradient): total += gradient.squaredNorm
      case .sparse(let slices):
        guard let sharing else {
          total += slices.squaredNorm
          continue
        }
        let ofClasses = slices.squaredNorms(ofClasses: sharing).map { [$0] }
        total += try sum(ofClasses, of: sharing.classCount, length: 1)[0]
      case .assigned, nil: break
      }
    }
    return total.squareRoot()
  }

  /// Scales all gradients on all ranks so that their global norm is at most `maximum`, as
  /// `Gradients.clip(toGlobalNorm:)` does. Traps unless `maximum` is above 0.
  ///
  /// - Returns: the norm before.
  @discardableResult
  public func clip<Model: Module>(
    _ gradients: inout Gradients<Model>, toGlobalNorm maximum: Double, at model: Model
  ) throws(CommunicatorError) -> Double {
    let norm = try globalNorm(of: gradients, at: model)
    gradients.clip(norm, to: maximum)
    return norm
  }
}

extension IndexedSlices {
  /// The sum of the squares of the rows of each class that is here.
  fileprivate func squaredNorms(ofClasses sharing: RowSharing) -> [Double] {
    let merged = coalesced()
    return (0..<sharing.classes.count).map { number in
      let places = merged.indices.indices.filter { Int(merged.indices[$0]) % sharing.classes.count == number }
      return merged.values.gatheringRows(places.map { Int32($0) }, shape: [places.count, denseShape[1]]).squaredNorm
    }
  }
}
