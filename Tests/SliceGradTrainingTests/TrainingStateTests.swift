import SliceGrad
import SliceGradTraining
import TestSupport
import Testing

@Suite struct TrainingStateTests {
  /// An update is the optimizer's at the schedule's rate, then the average's, by hand.
  @Test func updates() {
    var training = RareWordTraining().state
    var (model, optimizer, average) = (training.model, training.optimizer, training.average!)
    for step in 0..<8 {
      let gradients = valueWithGradients(at: model, on: Tape(seed: UInt64(step))) {
        $0.loss(RaggedIndices([[Int32(step), 7]]), [1])
      }.gradients
      optimizer.update(&model, with: gradients, learningRateFactor: step < 5 ? Double(step + 1) / 5 : cosine(step - 5))
      average.update(with: model, after: gradients)
      training.update(with: gradients)
      #expect(training.model.embedding.weight == model.embedding.weight, "step \(step)")
      #expect(training.model.output.weight == model.output.weight, "step \(step)")
      let (found, expected) = (training.average!.applied(to: model), average.applied(to: model))
      #expect(found.embedding.weight == expected.embedding.weight && found.output.bias == expected.output.bias)
      #expect(found.embedding.weight != model.embedding.weight)
      #expect(training.batch == step + 1 && training.epoch == 0)
    }
    training.beginEpoch()
    #expect(training.batch == 0 && training.epoch == 1)
  }

  /// The batches of an epoch hold each example once; after some updates, those that follow are left. Each epoch has
  /// another order, and the next epoch's is known from the start.
  @Test func batchesThatAreLeft() {
    var training = RareWordTraining(rule: 0).state
    let examples = 0..<10
    let gradients = valueWithGradients(at: training.model, on: Tape(seed: 1)) {
      $0.loss(RaggedIndices([[5, 6]]), [0])
    }.gradients
    func batches() -> [[Int]] { Array(training.shuffled(examples.batches(ofSize: 4))) }
    let first = batches()
    #expect(first.map(\.count) == [4, 4, 2] && first.joined().sorted() == Array(examples))
    for left in [2, 1, 0] {
      training.update(with: gradients)
      #expect(batches() == Array(first.suffix(left)))
    }
    var orders = [first]
    for _ in 0..<4 {
      training.beginEpoch()
      orders.append(batches())
    }
    #expect(Set(orders).count == 5)
    var other = RareWordTraining(rule: 0).state
    other.beginEpoch()
    #expect(Array(other.shuffled(examples.batches(ofSize: 4))) == orders[1])
  }

  /// The model of the best score is kept as it was, of equal scores that of the first; one that is no number is none.
  @Test func bestEpoch() {
    var training = RareWordTraining(rule: 0).state
    let gradients = valueWithGradients(at: training.model, on: Tape(seed: 1)) {
      $0.loss(RaggedIndices([[5, 6]]), [0])
    }.gradients
    #expect(training.best == nil && training.epochsSinceBest == 0)
    var models = [training.model]
    for (score, isKept) in [(-0.5, true), (.nan, false), (0.25, true), (0.25, false), (0, false), (.infinity, false)] {
      training.update(with: gradients)
      training.beginEpoch()
      models.append(training.model)
      #expect(training.noteScore(score) == isKept)
    }
    #expect(training.best?.epoch == 3 && training.best?.score == 0.25 && training.epochsSinceBest == 3)
    #expect(training.best?.model.output.weight == models[3].output.weight)
    #expect(models[3].output.weight != training.model.output.weight)
  }

  /// The factor multiplies the schedule's: with 0, nothing changes.
  @Test func learningRateFactor() {
    var (training, half) = (RareWordTraining(rule: 0).state, RareWordTraining(rule: 0).state)
    let model = training.model
    let gradients = valueWithGradients(at: model, on: Tape(seed: 1)) { $0.loss(RaggedIndices([[5, 6]]), [0]) }.gradients
    (training.learningRateFactor, half.learningRateFactor) = (0, 0.5)
    training.update(with: gradients)
    half.update(with: gradients)
    #expect(training.model.output.weight == model.output.weight && training.optimizer.step == 1)
    var (expected, optimizer) = (model, RareWordTraining(rule: 0).state.optimizer)
    optimizer.update(&expected, with: gradients, learningRateFactor: 0.1)
    #expect(half.model.output.weight == expected.output.weight)
  }

  @Test func learningRateFactorThatIsNone() async {
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var training = RareWordTraining(rule: 0).state
      training.learningRateFactor = -1
    }
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var training = RareWordTraining(rule: 0).state
      training.learningRateFactor = .nan
    }
    for (result, factor) in [(negative, "-1.0"), (none, "nan")] {
      let message = "TrainingState: learning rate factor \(factor), expected a finite number of 0 or more"
      #expect(result?.standardErrorContent.trapMessage == message)
    }
  }

  /// What `warmUp(steps: 5).then(cosine(steps: 30), after: 5)` is from its sixth step on.
  private func cosine(_ step: Int) -> Double { Schedule.cosine(steps: 30)(step) }
}
