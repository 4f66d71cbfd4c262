import ExampleParts
import SliceGrad

/// Trains a model on the training facts for some epochs.
struct Training {
  private(set) var model: GraphModel
  /// The epoch that did best on the validation facts.
  private(set) var best: (epoch: Int, ranking: Ranking, model: GraphModel)?
  /// The time that the steps took, without validation.
  private(set) var stepTime = Duration.zero
  private(set) var steps = 0

  private let graph: Graph
  private let known: KnownTails
  private let options: Options
  private let tape: Tape<Float>  // draws what dropout drops
  private let sampler: RowSampler
  private let nearbyTails: NearbyTails?  // where they are wanted
  private var generator: RandomGenerator
  private var optimizer: ModelOptimizer<GraphModel>

  init(of graph: Graph, known: KnownTails, _ options: Options) {
    (self.graph, self.known, self.options) = (graph, known, options)
    generator = RandomGenerator(seed: options.seed)
    tape = Tape(seed: generator.next())
    sampler = RowSampler(rowCount: graph.entities.count)
    nearbyTails = options.nearby > 0 ? NearbyTails(graph.questions(of: graph.training)) : nil
    model = GraphModel(graph, options, using: &generator)
    let rate = options.learningRate
    optimizer =
      switch options.rule {
      case .adagrad: ModelOptimizer(for: model, sparse: Adagrad(learningRate: rate))
      case .adam: ModelOptimizer(for: model, sparse: SparseAdam(learningRate: rate))
      }
  }

  /// Trains for all epochs, with a learning rate that falls to 0 on a line. With validation facts, the model is
  /// afterwards that of the epoch with the highest mean reciprocal rank.
  mutating func run(_ progress: Progress) throws(TrainingError) {
    let facts = graph.questions(of: graph.training)
    let tails = options.asksOnce ? KnownTails(facts) : nil
    let stepsInEpoch = (0..<(tails?.questionCount ?? facts.count)).batches(ofSize: options.batchSize).count
    let schedule = Schedule.linear(from: 1, to: 0, steps: options.epochs * stepsInEpoch)
    for epoch in 1...options.epochs {
      let start = ContinuousClock.now
      var (lossSum, count) = (0.0, 0)
      let questions = tails?.drawnFacts(using: &generator) ?? facts
      for batch in questions.shuffledBatches(ofSize: options.batchSize, using: &generator) {
        lossSum += try step(on: batch, learningRateFactor: schedule(steps)) * Double(batch.count)
        count += batch.count
        progress.update(epoch: epoch, of: options.epochs, done: count, of: questions.count, unit: "facts")
      }
      stepTime += ContinuousClock.now - start
      try TrainingError.check(model)
      var line = "epoch \(epoch)/\(options.epochs)  loss \((lossSum / Double(count)).formatted(digits: 4))"
      if !graph.validation.isEmpty, epoch % options.validationInterval == 0 || epoch == options.epochs {
        let ranking = known.ranking(of: graph.questions(of: graph.validation), by: model)
        if ranking.meanReciprocalRank >= best?.ranking.meanReciprocalRank ?? 0 { best = (epoch, ranking, model) }
        line += "  validation \(ranking)"
      }
      progress.line(line + "  \((ContinuousClock.now - start).seconds.formatted(digits: 1)) s")
    }
    if let best {
      model = best.model
      if best.epoch < options.epochs { progress.line("taking the model of epoch \(best.epoch)") }
    }
  }

  /// Trains on one batch and returns its loss.
  private mutating func step(on batch: [Fact], learningRateFactor: Double) throws(TrainingError) -> Double {
    let candidates = options.negatives.map {
      Candidates(tailsOf: batch, and: $0, by: sampler, isWeighted: options.isWeighted, using: &generator)
    }
    let nearby = nearbyTails?.draw(options.nearby, for: batch, using: &generator)
    let (loss, gradients) = valueWithGradients(at: model, on: tape) { model in
      let (heads, relations) = model.vectors(of: batch)
      let queries = model.queries(heads, relations)
      var scores = model.scores(of: candidates?.rows, for: queries)
      if let candidates { scores = scores + candidates.logWeights }
      if let nearby {
        let others = model.scores(ofOwn: nearby.rows, for: queries) + nearby.logWeights
        scores = .concatenate([scores, others], axis: 1)
      }
      let loss = softmaxCrossEntropy(scores, candidates?.labels ?? batch.map(\.tail))
      guard options.n3Weight > 0 else { return loss }
      let tails = model.entities(batch.map(\.tail))
      let cubes = model.cubes(heads) + model.cubes(relations) + model.cubes(tails)
      return loss + cubes * (Float(options.n3Weight) / Float(batch.count))
    }
    try TrainingError.check(loss, ofStep: steps + 1, gradients, of: model)
    optimizer.update(&model, with: gradients, learningRateFactor: learningRateFactor)
    steps += 1
    return Double(loss)
  }
}

/// The entities that a batch's softmax runs over: the tails of the batch, and drawn ones.
struct Candidates {
  /// Each tail of the batch once, and then the drawn entities, which are none of them.
  let rows: [Int32]
  /// For each question the position of its tail among the rows.
  let labels: [Int32]
  /// The logarithm of how many entities a row stands for, `[rows]`. If weighted, the drawn ones stand for all others,
  /// so that the softmax's denominator is on average that over all entities. Else each row stands for itself.
  let logWeights: Tensor<Float>

  init(
    tailsOf batch: [Fact], and drawnCount: Int, by sampler: RowSampler, isWeighted: Bool,
    using generator: inout RandomGenerator
  ) {
    var (tails, positions): ([Int32], [Int32: Int32]) = ([], [:])
    labels = batch.map { fact in
      if let position = positions[fact.tail] { return position }
      let position = Int32(tails.count)
      positions[fact.tail] = position
      tails.append(fact.tail)
      return position
    }
    let others = sampler.draw(drawnCount, using: &generator).filter { positions[$0] == nil }
    rows = tails + others
    let weight = isWeighted ? Float(sampler.rowCount - tails.count) / Float(max(others.count, 1)) : 1
    logWeights = Tensor(tails.map { _ in 1 } + others.map { _ in weight }).log()
  }
}
