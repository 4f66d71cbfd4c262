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
/// A loss that divides by something else than the number of examples, as with class weights or an ignored label, weighs
/// the parts otherwise than one batch: give it `reduction: .sum`, and divide by the part's number of examples.
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
  let (value, leaves) = try shardedStep(at: model, shards: shards, on: tape, loss)
  return (value, Gradients(leaves: leaves.map(\.leafGradient)))
}

/// The mean loss of a batch in parts, and for each leaf the sum of what arrived there in all parts.
private func shardedStep<Model: Module, Part, Failure: Error>(
  at model: Model, shards: Shards<Part>, on tape: Tape<Model.Scalar>,
  _ loss: @Sendable (_ model: Model, _ part: Part) throws(Failure) -> Variable<Model.Scalar>
) throws(Failure) -> (value: Model.Scalar, leaves: [Cotangent<Model.Scalar>]) {
  typealias Scalar = Model.Scalar
  typealias Step = (value: Scalar, weight: Scalar, leaves: [Cotangent<Scalar>])
  let exampleCount = shards.exampleCount
  require(exampleCount > 0, "valueWithGradients: \(shards.parts.count) parts without any examples")
  let draw = tape.generator?.next()
  let steps: [Result<Step, Failure>?] = Threads.results(of: shards.parts.count) { i in
    guard shards.counts[i] > 0 else { return nil }
    let weight = Scalar(shards.counts[i]) / Scalar(exampleCount)
    let partTape = Tape<Scalar>()
    partTape.generator = draw.map { RandomGenerator(state: RandomGenerator.number(i, after: $0)) }
    return Result { () throws(Failure) in
      do {
        let (output, leaves) = try partTape.step(
          at: model, { try loss($0, shards.parts[i]) }, cotangent: { unitCotangent(of: $0) * weight })
        return (output.scalar * weight, weight, leaves)
      } catch { throw error as! Failure }  // `loss` throws nothing else.
    }
  }
  var parts: [Step?] = []
  for step in steps { parts.append(try step?.get()) }
  let leafCount = parts.lazy.compactMap(\.self).first!.leaves.count
  return (
    sumAlongTree(parts.map { $0?.value }, by: +=)!,
    (0..<leafCount).map { leaf in Cotangent(summing: parts.map { $0.map { ($0.leaves[leaf], $0.weight) } }) }
  )
}

extension Cotangent {
  /// The sum of what arrived at one leaf in the parts of a step; nil stands for a part without examples.
  fileprivate init(summing parts: [(cotangent: Cotangent, weight: Scalar)?]) {
    let some = parts.compactMap { $0 }
    self.init(shape: some[0].cotangent.shape, isTable: some[0].cotangent.isTable)
    sum = sumAlongTree(parts.map { $0?.cotangent.sum }, by: +=)
    rows = some.reversed().flatMap(\.cotangent.rows)
    let assigning = some.count { $0.cotangent.assigned != nil }
    require(
      assigning == 0 || assigning == some.count,
      "valueWithGradients: \(assigning) of \(some.count) parts assign to a buffer of shape \(shape), "
        + "expected all or none")
    assigned = sumAlongTree(parts.map { part in part?.cotangent.assigned.map { $0 * part!.weight } }, by: +=)
  }
}

/// What the parts add up to: the sum of the first half plus that of the second one. Their number is a power of 2. A nil
/// adds nothing; all nil add up to nil.
func sumAlongTree<Summand>(_ parts: [Summand?], by add: (inout Summand, Summand) -> Void) -> Summand? {
  if parts.count == 1 { return parts[0] }
  let half = parts.count / 2
  guard var left = sumAlongTree(Array(parts[..<half]), by: add) else {
    return sumAlongTree(Array(parts[half...]), by: add)
  }
  if let right = sumAlongTree(Array(parts[half...]), by: add) { add(&left, right) }
  return left
}
