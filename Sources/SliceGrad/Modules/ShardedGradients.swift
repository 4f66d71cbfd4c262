/// The mean loss of a batch in parts, and its gradients. The parts are computed at the same time, by all threads.
///
///     let (loss, gradients) = valueWithGradients(at: model, shards: batch.shards(8)) { model, part in
///       softmaxCrossEntropy(model(part.texts), part.labels)
///     }
///
/// The closure computes the mean loss over the examples of one part. The mean over all is Σ nᵢ / n · lossᵢ; parts
/// without examples are left out. Losses and gradients of the parts are added along a binary tree: those of the first
/// half of the parts to those of the second one, and so on. So the number of parts, which belongs to the training like
/// the size of a batch, decides about the last bits; the number of threads doesn't. The rows of tables are merged once,
/// as if there were no parts.
///
/// A loss that divides by anything other than the number of examples, as with class weights or an ignored label, weighs
/// the parts differently from one batch: give it `reduction: .sum`, and divide by the part's number of examples.
///
/// - Parameters:
///   - model: the model at which to take the gradients.
///   - shards: the parts. Traps if there are no examples in them.
///   - tape: needed only for dropout. It gives one random number for a step, from which each part draws its own.
///   - loss: the mean loss of the model over the examples of one part, a scalar. It runs on several threads at once.
///     Traps as in `valueWithGradients(at:on:_:)`, and if only some of the parts assign to a buffer. A buffer gets the
///     mean of what they assign, weighted by their examples.
/// - Throws: the error of the first part whose loss throws one.
/// - Complexity: that of the loss and of its pullbacks for each part, plus O(parameters) for each part.
public func valueWithGradients<Model: Module, Part, Failure: Error>(
  at model: Model, shards: Shards<Part>, on tape: Tape<Model.Scalar> = Tape(),
  _ loss: @Sendable (_ model: Model, _ part: Part) throws(Failure) -> Variable<Model.Scalar>
) throws(Failure) -> (value: Model.Scalar, gradients: Gradients<Model>) {
  let parts = try PartOfStep.results(0..<shards.parts.count, of: shards, at: { _ in model }, on: tape, loss)
  require(shards.exampleCount > 0, "valueWithGradients: \(shards.parts.count) parts without any examples")
  let (value, leaves) = PartOfStep.sums(of: parts)
  return (value, Gradients(leaves: leaves))
}

/// What one part of a step yields.
package struct PartOfStep<Scalar: TensorScalar> {
  /// The part's share of the batch's examples.
  package let weight: Scalar
  /// The part's share of the mean loss: its own mean, times its weight.
  package let value: Scalar
  /// What arrived at each leaf.
  package let leaves: [Cotangent<Scalar>]

  /// Computes some parts of a batch at the same time, by all threads; nil stands for a part without examples.
  package static func results<Model: Module<Scalar>, Part, Failure: Error>(
    _ numbers: Range<Int>, of shards: Shards<Part>, at model: (_ part: Int) -> Model, on tape: Tape<Scalar>,
    _ loss: @Sendable (_ model: Model, _ part: Part) throws(Failure) -> Variable<Scalar>
  ) throws(Failure) -> [PartOfStep?] {
    let exampleCount = shards.exampleCount
    let draw = tape.generator?.next()
    let results: [Result<PartOfStep, Failure>?] = Threads.results(of: numbers.count) { i in
      let number = numbers.lowerBound + i
      guard shards.counts[number] > 0 else { return nil }
      let weight = Scalar(shards.counts[number]) / Scalar(exampleCount)
      let partTape = Tape<Scalar>()
      partTape.generator = draw.map { RandomGenerator(state: RandomGenerator.number(number, after: $0)) }
      return Result { () throws(Failure) in
        do {
          let (output, leaves) = try partTape.step(
            at: model(number), { try loss($0, shards.parts[number]) }, cotangent: { unitCotangent(of: $0) * weight })
          return PartOfStep(weight: weight, value: output.scalar * weight, leaves: leaves)
        } catch { throw error as! Failure }  // `loss` throws nothing else.
      }
    }
    var parts: [PartOfStep?] = []
    for result in results { parts.append(try result?.get()) }
    return parts
  }

  /// The mean loss and the gradient of each leaf, from all parts of a batch.
  ///
  /// One thread sorts the rows of a table. In the meantime others do so for other tables, and compute the rest. Then
  /// all threads merge the rows of one table after another.
  @specialized(where Scalar == Float)
  fileprivate static func sums(of parts: [PartOfStep?]) -> (value: Scalar, leaves: [LeafGradient<Scalar>?]) {
    let some = parts.compactMap(\.self)
    let leafCount = some[0].leaves.count
    let lookups = (0..<leafCount).map { leaf in
      JoinedContributions(some.flatMap { $0.leaves[leaf].rows.reversed() })
    }
    func sum(_ leaf: Int) -> Cotangent<Scalar> {
      Cotangent(summing: parts.map { $0.map { ($0.leaves[leaf], $0.weight) } })
    }
    typealias Prepared = (merge: RowMerge?, kinds: [RowContribution<Scalar>.Kind]?, sum: Cotangent<Scalar>?)
    let prepared = Threads.results(of: 2 * leafCount) { job -> Prepared in
      if job < leafCount { return (lookups[job].merge, nil, nil) }
      let leaf = job - leafCount
      // All threads add up what is large, afterwards.
      let isSmall = some[0].leaves[leaf].shape.elementCount <= Threads.worthwhile
      return (nil, lookups[leaf].kinds, isSmall ? sum(leaf) : nil)
    }
    let leaves = (0..<leafCount).map { leaf in
      let rest = prepared[leafCount + leaf]
      return (rest.sum ?? sum(leaf)).leafGradient(merging: rest.kinds!, by: prepared[leaf].merge!)
    }
    return (TreeSum(parts.map { $0?.value }, by: +=).nodes[0].sum!, leaves)
  }
}

extension Cotangent {
  /// The sum of what arrived at one leaf in the parts of a step, without rows; nil stands for a part without examples.
  fileprivate init(summing parts: [(cotangent: Cotangent, weight: Scalar)?]) {
    let some = parts.compactMap { $0 }
    let first = some[0].cotangent
    self.init(shape: first.shape, isTable: first.isTable, isFetched: first.isFetched)
    sum = TreeSum(parts.map { $0?.cotangent.sum }, by: +=).nodes[0].sum
    let assigning = some.count { $0.cotangent.assigned != nil }
    require(
      assigning == 0 || assigning == some.count,
      "valueWithGradients: \(assigning) of \(some.count) parts assign to a buffer of shape \(shape), "
        + "expected all or none")
    guard assigning > 0 else { return }
    let shares = parts.map { part in part?.cotangent.assigned.map { $0 * part!.weight } }
    assigned = TreeSum(shares, by: +=).nodes[0].sum
  }
}
