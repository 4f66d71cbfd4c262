import ExampleParts
import SliceGrad
import SliceGradText

/// Trains a model on the training texts for some epochs.
struct Training {
  private(set) var model: TextModel
  /// The time that the steps took, without reading, encoding and validation.
  private(set) var stepTime = Duration.zero
  private(set) var steps = 0
  /// The epoch that did best on the validation texts.
  private(set) var best: (epoch: Int, correctCount: Int, model: TextModel)?

  private let corpus: EncodedCorpus
  private let options: Options
  private var generator: RandomGenerator
  private var optimizer: ModelOptimizer<TextModel>

  init(of corpus: EncodedCorpus, _ options: Options) {
    self.corpus = corpus
    self.options = options
    generator = RandomGenerator(seed: options.seed)
    model = TextModel(
      features: corpus.features.rowCount, dimensions: options.dimensions, classes: corpus.labels.count,
      using: &generator)
    let dense = Adam<Float>(learningRate: options.denseLearningRate)
    let rate = options.tableLearningRate
    optimizer =
      switch options.tableOptimizer {
      // A row keeps its momentum until it is seen again, which is stale by then: β₁ = 0.5 does better here than 0.9.
      case .sparseAdam: ModelOptimizer(for: model, dense: dense, sparse: SparseAdam(learningRate: rate, beta1: 0.5))
      case .adam: ModelOptimizer(for: model, dense: dense, sparse: Densifying(Adam(learningRate: rate)))
      case .sgd: ModelOptimizer(for: model, dense: dense, sparse: SGD(learningRate: rate))
      }
  }

  /// Trains for all epochs, with learning rates that fall to 0 on a line. With validation texts, the model is
  /// afterwards that of the epoch which did best on them. Returns what stopped it where the loss or the model is no
  /// number any more; the epochs before still count.
  mutating func run() -> TrainingError? {
    let progress = Progress(isQuiet: options.isQuiet)
    progress.line(
      "learning \(corpus.labels.count) labels from \(corpus.training.count) texts, "
        + "\(corpus.features.vocabulary.count) words and \(corpus.features.configuration.buckets) n-gram buckets")
    if let warning = corpus.validation?.warning { progress.line("validation: \(warning)") }
    var failure: TrainingError?
    do throws(TrainingError) { try runEpochs(progress) } catch { failure = error }
    if let best {
      model = best.model
      if failure != nil || best.epoch < options.epochs { progress.line("taking the model of epoch \(best.epoch)") }
    }
    return failure
  }

  private mutating func runEpochs(_ progress: Progress) throws(TrainingError) {
    let stepsInEpoch = corpus.training.batches(ofSize: options.batchSize).count
    let schedule = Schedule.linear(from: 1, to: 0, steps: options.epochs * stepsInEpoch)
    for epoch in 1...options.epochs {
      let start = ContinuousClock.now
      var (lossSum, textCount) = (0.0, 0)
      for batch in corpus.training.shuffledBatches(ofSize: options.batchSize, using: &generator) {
        lossSum += try step(on: batch, learningRateFactor: schedule(steps)) * Double(batch.count)
        textCount += batch.count
        progress.update("epoch \(epoch)/\(options.epochs)", done: textCount, of: corpus.training.count)
      }
      let epochTime = ContinuousClock.now - start
      stepTime += epochTime
      try TrainingError.check(model)
      var line = "epoch \(epoch)/\(options.epochs)  loss \((lossSum / Double(textCount)).formatted(digits: 4))"
      if let validation = corpus.validation?.dataSet {
        let correctCount = model.correctCount(on: validation)
        if correctCount >= best?.correctCount ?? 0 { best = (epoch, correctCount, model) }
        let accuracy = Double(correctCount) / Double(validation.count)
        line += "  validation accuracy \(accuracy.formatted(digits: 4))"
      }
      progress.line(line + "  \(epochTime.seconds.formatted(digits: 2)) s")
    }
  }

  /// How it went, in numbers.
  func results(trainTime: Duration) -> [String: Double] {
    [
      "trainExamples": Double(corpus.training.count),
      "validExamples": Double(corpus.validation?.texts.count ?? 0),
      "trainSeconds": trainTime.seconds,  // from the start of the program to the end of training
      "stepSeconds": stepTime.seconds,  // of that, the training steps
      "epochs": Double(options.epochs),
      "steps": Double(steps),
    ]
  }

  /// Trains on one batch and returns its loss.
  private mutating func step(on batch: TextBatch, learningRateFactor: Double) throws(TrainingError) -> Double {
    let (loss, gradients) = valueWithGradients(at: model) { model in
      softmaxCrossEntropy(model(batch.texts), batch.labels)
    }
    try TrainingError.check(loss, ofStep: steps + 1, gradients, of: model)
    optimizer.update(&model, with: gradients, learningRateFactor: learningRateFactor)
    steps += 1
    return Double(loss)
  }
}
