import ExampleParts
import SliceGrad

/// Trains a model on the training facts for some epochs. Ranks train it together.
struct Training {
  /// If ranks share the rows of the tables, this one's.
  private(set) var model: GraphModel
  /// The epoch that did best on the validation facts.
  private(set) var best: (epoch: Int, ranking: Ranking, model: GraphModel)?
  /// The time that the steps took, without validation.
  private(set) var stepTime = Duration.zero
  private(set) var steps = 0

  private let graph: Graph
  private let known: KnownTails
  private let options: Options
  private let ranks: Ranks
  private let tape: Tape<Float>  // draws what dropout drops
  private let sampler: RowSampler
  private let learned: KnownTails?  // where all tails of a question are right, and not one
  private let nearbyTails: NearbyTails?  // where they are wanted
  private var generator: RandomGenerator
  private var optimizer: ModelOptimizer<GraphModel>

  init(of graph: Graph, known: KnownTails, _ options: Options, _ ranks: Ranks) throws {
    (self.graph, self.known, self.options, self.ranks) = (graph, known, options, ranks)
    generator = RandomGenerator(seed: options.seed)
    tape = Tape(seed: generator.next())
    sampler = RowSampler(rowCount: graph.entities.count)
    nearbyTails = options.nearby > 0 ? NearbyTails(graph.questions(of: graph.training)) : nil
    learned = options.targetsAll ? KnownTails(graph.questions(of: graph.training)) : nil
    model = try ranks.sharingRows(of: GraphModel(graph, options, ranks, using: &generator))
    let rate = options.learningRate
    optimizer =
      switch options.rule {
      case .adagrad: ModelOptimizer(for: model, sparse: Adagrad(learningRate: rate))
      case .adam: ModelOptimizer(for: model, sparse: SparseAdam(learningRate: rate))
      }
  }

  /// Trains for all epochs, with a learning rate that falls to 0 on a line. With validation facts, the model is
  /// afterwards that of the epoch with the highest mean reciprocal rank.
  mutating func run(_ progress: Progress) throws {
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
      try ranks.check(model)
      var line = "epoch \(epoch)/\(options.epochs)  loss \((lossSum / Double(count)).formatted(digits: 4))"
      if !graph.validation.isEmpty, epoch % options.validationInterval == 0 || epoch == options.epochs {
        let ranking = try known.ranking(of: graph.questions(of: graph.validation), by: model, ranks)
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
  private mutating func step(on questions: [Fact], learningRateFactor: Double) throws -> Double {
    let candidates = Candidates(
      forTails: questions.map { learned?.tails(of: $0) ?? [$0.tail] }, and: options.negatives, by: sampler,
      isWeighted: options.isWeighted, labelSmoothing: Float(options.labelSmoothing), using: &generator)
    let nearby = nearbyTails?.draw(options.nearby, for: questions, using: &generator)
    let batch = Batch(
      questions: questions, candidates: ranks.sharesRows ? candidates.listed : candidates, nearby: nearby)
    let n3Weight = Float(options.n3Weight)
    let (loss, gradients) = try ranks.valueWithGradients(
      at: model, examples: questions.count, part: batch.part, lookups: Batch.lookups(at: model), on: tape
    ) { model, part in model.loss(of: part, n3Weight: n3Weight) }
    try TrainingError.check(loss, ofStep: steps + 1, gradients, of: model)
    optimizer.update(&model, with: gradients, learningRateFactor: learningRateFactor)
    steps += 1
    return Double(loss)
  }
}
