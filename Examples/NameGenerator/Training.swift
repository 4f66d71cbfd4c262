import ExampleParts
import SliceGrad

/// Trains a model on names for some epochs.
struct Training {
  private(set) var model: CharacterModel
  /// The epoch that did best on the validation names.
  private(set) var best: (epoch: Int, loss: Double, model: CharacterModel)?

  private let names: Names
  private let options: Options
  private let tape: Tape<Float>  // draws what dropout drops
  private(set) var generator: RandomGenerator
  private var optimizer: ModelOptimizer<CharacterModel>

  init(of names: Names, _ options: Options) {
    (self.names, self.options) = (names, options)
    generator = RandomGenerator(seed: options.seed)
    tape = Tape(seed: generator.next())
    model = CharacterModel(characters: names.characters.count, options, using: &generator)
    let rate = options.learningRate
    optimizer = ModelOptimizer(for: model, dense: Adam(learningRate: rate), sparse: SparseAdam(learningRate: rate))
  }

  /// Trains for all epochs, with a learning rate that falls to 0 on a line. The model is afterwards that of the epoch
  /// which did best on the validation names.
  mutating func run() throws(TrainingError) {
    let progress = Progress(isQuiet: options.isQuiet)
    progress.line("learning from \(names.training.count) names of \(names.characters.count - 1) different characters")
    let stepsInEpoch = names.training.batches(ofSize: options.batchSize).count
    let schedule = Schedule.linear(from: 1, to: 0, steps: options.epochs * stepsInEpoch)
    var steps = 0
    for epoch in 1...options.epochs {
      let start = ContinuousClock.now
      var (lossSum, count) = (0.0, 0)
      for batch in names.training.shuffledBatches(ofSize: options.batchSize, using: &generator) {
        let batch = NameBatch(batch)
        let (loss, gradients) = valueWithGradients(at: model, on: tape) { model in
          softmaxCrossEntropy(model(batch.inputs), batch.targets)
        }
        try TrainingError.check(loss, ofStep: steps + 1, gradients, of: model)
        optimizer.update(&model, with: gradients, learningRateFactor: schedule(steps))
        steps += 1
        lossSum += Double(loss) * Double(batch.targets.count)
        count += batch.targets.count
        progress.update(
          epoch: epoch, of: options.epochs, done: steps - (epoch - 1) * stepsInEpoch, of: stepsInEpoch, unit: "steps")
      }
      try TrainingError.check(model)
      let loss = model.loss(of: names.validation)
      if loss <= best?.loss ?? .infinity { best = (epoch, loss, model) }
      progress.line(
        "epoch \(epoch)/\(options.epochs)  loss \((lossSum / Double(count)).formatted(digits: 4))  "
          + "validation loss \(loss.formatted(digits: 4))  "
          + "\((ContinuousClock.now - start).seconds.formatted(digits: 2)) s")
    }
    if let best { model = best.model }
  }
}
