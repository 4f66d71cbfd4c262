import SliceGradKernels

// Losses of true rows among candidates: word vectors, retrieval, recommendation, knowledge graphs. They take scores, or
// distances with the sign changed.

/// Negative sampling: the cross-entropy of telling true pairs from drawn ones, one by one.
///
///     let positives = Variable(Tensor<Double>([2, 0]))
///     let negatives = Variable(Tensor<Double>([[-1, -1], [0, 0]]))
///     print(negativeSampling(positives, negatives).value)  // 1.41645
///
/// For each example −log σ(s) − Σ log σ(−sₙ) over its negatives n.
///
/// Source: Mikolov et al., “Distributed Representations of Words and Phrases and their Compositionality” (2013),
/// equation 4.
///
/// - Parameters:
///   - positives: the scores s of the true pairs, `[b]` or `[b, 1]`.
///   - negatives: the scores of the drawn pairs, `[b, k]`. Traps if the shapes don't fit.
///   - reduction: how the losses of a batch are combined.
/// - Returns: a scalar, or with reduction `none` one loss per example, `[b]`.
public func negativeSampling<Scalar>(
  _ positives: Variable<Scalar>, _ negatives: Variable<Scalar>, reduction: LossReduction = .mean
) -> Variable<Scalar> {
  let positives = positives.asColumn(beside: negatives, in: "negativeSampling")
  return ((-positives).softplus().sum(over: [1]) + negatives.softplus().sum(over: [1])).reduced(reduction)
}

/// The margin ranking loss: true pairs are to score higher than drawn ones by a margin.
///
///     let positives = Variable(Tensor<Double>([2, 0]))
///     let negatives = Variable(Tensor<Double>([[-1, 1.5], [0, -3]]))
///     print(marginRanking(positives, negatives, margin: 1, reduction: .none).value)  // [[0, 0.5],
///                                                                                    //  [1, 0]]
///
/// For each negative of an example max(0, margin − s + sₙ); the mean is over all negatives of all examples. It is
/// PyTorch's `margin_ranking_loss`, whose margin is 0 by default.
///
/// Sources: Weston and Watkins, “Support Vector Machines for Multi-Class Pattern Recognition” (1999); for knowledge
/// graphs, with distances: Bordes et al., “Translating Embeddings for Modeling Multi-relational Data” (2013), equation
/// 1.
///
/// - Parameters:
///   - positives: the scores s of the true pairs, `[b]` or `[b, 1]`.
///   - negatives: the scores of the drawn pairs, `[b, k]`. Traps if the shapes don't fit.
///   - margin: 0 or more.
///   - reduction: how the losses of a batch are combined.
/// - Returns: a scalar, or with reduction `none` one loss per negative, `[b, k]`.
public func marginRanking<Scalar>(
  _ positives: Variable<Scalar>, _ negatives: Variable<Scalar>, margin: Scalar = 1, reduction: LossReduction = .mean
) -> Variable<Scalar> {
  require(margin >= 0, "marginRanking: margin \(margin), expected 0 or more")
  let positives = positives.asColumn(beside: negatives, in: "marginRanking")
  return (negatives - positives + margin).relu().reduced(reduction)
}

/// The triplet margin loss: a vector is to be nearer to one that belongs to it than to one that doesn't, by a margin.
///
///     let anchors = Variable(Tensor<Double>([[0, 0]]))
///     print(tripletMargin(anchors, Tensor([[3, 4]]), Tensor([[0, 5.5]])).value)  // 0.5
///
/// For each triplet max(0, margin + ‖a − p‖ − ‖a − n‖). It is PyTorch's `triplet_margin_loss`, without the 1e-6 that it
/// adds to the differences: where two vectors are equal, the gradient of their distance is 0.
///
/// Source: Balntas et al., “Learning Local Feature Descriptors with Triplets and Shallow Convolutional Neural Networks”
/// (2016), equation 2.
///
/// - Parameters:
///   - anchors: the vectors a, `[…, d]`.
///   - positives: the vectors p that belong to them, `[…, d]`.
///   - negatives: the vectors n that don't, `[…, d]`. Traps if the shapes differ.
///   - margin: 0 or more.
///   - reduction: how the losses of a batch are combined.
/// - Returns: a scalar, or with reduction `none` one loss per triplet, `[…]`.
public func tripletMargin<Scalar>(
  _ anchors: Variable<Scalar>, _ positives: some Elementwise<Scalar>, _ negatives: some Elementwise<Scalar>,
  margin: Scalar = 1, reduction: LossReduction = .mean
) -> Variable<Scalar> {
  require(margin >= 0, "tripletMargin: margin \(margin), expected 0 or more")
  require(
    anchors.shape.rank >= 1 && anchors.shape == positives.shape && anchors.shape == negatives.shape,
    "tripletMargin: anchors \(anchors.shape), positives \(positives.shape) and negatives \(negatives.shape), expected "
      + "one shape […, d]")
  func distances(_ others: some Elementwise<Scalar>) -> Variable<Scalar> {
    (anchors - others.asVariable).norm(over: [-1])
  }
  return (distances(positives) - distances(negatives) + margin).relu().reduced(reduction)
}

/// Bayesian personalized ranking: the probability that true pairs score higher than drawn ones.
///
///     let positives = Variable(Tensor<Double>([2, 0]))
///     let negatives = Variable(Tensor<Double>([[1], [0]]))
///     print(bayesianPersonalizedRanking(positives, negatives).value)  // 0.503204
///
/// For each negative of an example −log σ(s − sₙ); the mean is over all negatives of all examples. The L2 penalty of
/// the source is left to the rule's weight decay, or to a term of your own.
///
/// Source: Rendle et al., “BPR: Bayesian Personalized Ranking from Implicit Feedback” (2009), section 4.1.
///
/// - Parameters:
///   - positives: the scores s of the true pairs, `[b]` or `[b, 1]`.
///   - negatives: the scores of the drawn pairs, `[b, k]`. Traps if the shapes don't fit.
///   - reduction: how the losses of a batch are combined.
/// - Returns: a scalar, or with reduction `none` one loss per negative, `[b, k]`.
public func bayesianPersonalizedRanking<Scalar>(
  _ positives: Variable<Scalar>, _ negatives: Variable<Scalar>, reduction: LossReduction = .mean
) -> Variable<Scalar> {
  let positives = positives.asColumn(beside: negatives, in: "bayesianPersonalizedRanking")
  return (negatives - positives).softplus().reduced(reduction)
}

/// Sampled softmax: the cross-entropy of the true class among itself and drawn classes, for so many classes that their
/// scores can't all be computed.
///
///     let sampler = RowSampler(frequencies: [8, 1, 1])
///     let positives = Variable(Tensor<Double>([1]))
///     let negatives = Variable(Tensor<Double>([[0, 1]]))
///     let loss = sampledSoftmaxCrossEntropy(positives, negatives, classes: [0], drawn: [1, 0], by: sampler)
///     print(loss.value)  // 1.04359
///
/// It is the softmax cross-entropy of the true class's score and of s_c − log(k q_c) for each of its k drawn classes c,
/// where q_c is the probability with which the sampler draws c. A drawn class that is the true one doesn't count, as in
/// the example. So a drawn class stands for as many as it is one of, and on average the softmax's denominator is that
/// over all classes: with more and more draws the gradient becomes that of `softmaxCrossEntropy`. Without the
/// correction, a model would learn the scores of frequent classes too low.
///
/// Sources: Bengio and Senécal, “Adaptive Importance Sampling to Accelerate Training of a Neural Probabilistic Language
/// Model” (2008); Jean et al., “On Using Very Large Target Vocabulary for Neural Machine Translation” (2015), section
/// 3. TensorFlow's `sampled_softmax_loss` draws without replacement and corrects all scores, the true one too, by how
/// often a class is expected among the draws.
///
/// - Parameters:
///   - positives: the scores of the true classes, `[b]` or `[b, 1]`.
///   - negatives: the scores of the drawn classes, `[b, k]`. Traps if the shapes don't fit.
///   - classes: the true classes, b of them.
///   - drawn: the drawn classes: k of them, the same for all examples, or b · k, example by example. Traps on any other
///     number.
///   - sampler: what has drawn them. Traps if it never draws one of them.
///   - reduction: how the losses of a batch are combined.
/// - Returns: a scalar, or with reduction `none` one loss per example, `[b]`.
public func sampledSoftmaxCrossEntropy<Scalar>(
  _ positives: Variable<Scalar>, _ negatives: Variable<Scalar>, classes: [some RowNumber], drawn: [some RowNumber],
  by sampler: RowSampler, reduction: LossReduction = .mean
) -> Variable<Scalar> {
  let positives = positives.asColumn(beside: negatives, in: "sampledSoftmaxCrossEntropy")
  let (b, k) = (negatives.shape[0], negatives.shape[1])
  require(classes.count == b, "sampledSoftmaxCrossEntropy: \(classes.count) classes for \(b) examples")
  require(
    drawn.count == k || drawn.count == b * k,
    "sampledSoftmaxCrossEntropy: \(drawn.count) drawn classes for negatives of shape \(negatives.shape), "
      + "expected \(k) or \(b * k)")
  let corrections = drawn.map { row in
    let probability = sampler.probability(ofRow: Int(row))
    require(probability > 0, "sampledSoftmaxCrossEntropy: the sampler never draws class \(row)")
    return -Scalar(log(Double(k) * probability))
  }
  let isShared = drawn.count == k
  var negativeCorrections = Tensor<Scalar>(zeros: [b, k])
  negativeCorrections.withMutablePointer { corrected in
    for i in 0..<b {
      for j in 0..<k {
        let draw = isShared ? j : i * k + j
        corrected[i * k + j] = Int(drawn[draw]) == Int(classes[i]) ? -.infinity : corrections[draw]
      }
    }
  }
  let logits = Variable.concatenate([positives, negatives + negativeCorrections], axis: 1)
  return softmaxCrossEntropy(logits, [Int32](repeating: 0, count: b), reduction: reduction)
}

/// Softmax over the batch: each query is to find its own key among the keys of the whole batch, so that the other pairs
/// of a batch are the negatives and none has to be drawn.
///
///     let queries = Variable(Tensor<Double>([[1, 0], [0, 1]]))
///     let keys = Variable(Tensor<Double>([[2, 0], [0, 2]]))
///     print(batchSoftmaxCrossEntropy(queries, keys).value)  // 0.126928
///
/// It is the softmax cross-entropy of the scores scale · qᵢ · kⱼ, where j = i is right. Frequent keys are negatives
/// more often than rare ones, which would teach the model to score them too low. If you pass `logProbabilities`, that
/// is made up for by subtracting them from the scores where a query is to find its key.
///
/// Sources: Henderson et al., “Efficient Natural Language Response Suggestion for Smart Reply” (2017), section 4.4; van
/// den Oord, Li and Vinyals, “Representation Learning with Contrastive Predictive Coding” (2018), equation 4; the
/// correction: Yi et al., “Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations” (2019),
/// section 3; both directions: Radford et al., “Learning Transferable Visual Models From Natural Language Supervision”
/// (2021), figure 3.
///
/// - Parameters:
///   - queries: `[b, d]`, usually of length 1.
///   - keys: `[b, d]`: key i belongs to query i. Traps if the shapes differ.
///   - scale: what the scores are multiplied by, the inverse of a temperature. For vectors of length 1, 10 to 50.
///   - groups: a number for each pair. Pairs of the same group are no negatives of each other: those that have the same
///     key. If nil, all pairs are.
///   - logProbabilities: `[b]`, the logarithm of how often each key is in a batch.
///   - bothWays: whether keys are to find their queries as well; the loss is the mean of both.
///   - reduction: how the losses of a batch are combined.
/// - Returns: a scalar, or with reduction `none` one loss per pair, `[b]`.
public func batchSoftmaxCrossEntropy<Scalar>(
  _ queries: Variable<Scalar>, _ keys: Variable<Scalar>, scale: Scalar = 1, groups: [Int32]? = nil,
  logProbabilities: Tensor<Scalar>? = nil, bothWays: Bool = false, reduction: LossReduction = .mean
) -> Variable<Scalar> {
  require(
    queries.shape.rank == 2 && queries.shape == keys.shape,
    "batchSoftmaxCrossEntropy: queries \(queries.shape) and keys \(keys.shape), expected [b, d] twice")
  let b = queries.shape[0]
  let labels = Array(0..<Int32(b))
  var scores = queries.matmul(keys, transposeRight: true) * scale
  if let groups {
    require(groups.count == b, "batchSoftmaxCrossEntropy: \(groups.count) groups for \(b) pairs")
    var mask = Tensor<Scalar>(zeros: [b, b])
    mask.withMutablePointer { mask in
      for i in 0..<b {
        for j in 0..<b where i != j && groups[i] == groups[j] { mask[i * b + j] = -.infinity }
      }
    }
    scores = scores + mask
  }
  var corrected = scores
  if let logProbabilities {
    require(
      logProbabilities.shape == [b],
      "batchSoftmaxCrossEntropy: log probabilities of shape \(logProbabilities.shape), expected [\(b)]")
    corrected = scores - logProbabilities
  }
  let loss = softmaxCrossEntropy(corrected, labels, reduction: reduction)
  guard bothWays else { return loss }
  return (loss + softmaxCrossEntropy(scores.transposed(), labels, reduction: reduction)) * 0.5
}

extension Variable {
  /// The scores `[b]` or `[b, 1]` as `[b, 1]`. Traps unless the negatives are `[b, k]`.
  fileprivate func asColumn(beside negatives: Variable, in function: String) -> Variable {
    let isColumn = shape.rank == 1 || shape.rank == 2 && shape[1] == 1
    require(
      isColumn && negatives.shape.rank == 2 && negatives.shape[0] == shape[0],
      "\(function): positives \(shape) and negatives \(negatives.shape), expected [b] or [b, 1] and [b, k]")
    return shape.rank == 1 ? reshaped(to: [shape[0], 1]) : self
  }
}
