import ExampleParts
import SliceGrad
import SliceGradText

/// Trains a model on the training texts for some epochs.
struct Training {
  private(set) var model: SequenceModel
  /// The epoch that did best on the validation texts.
  private(set) var best: (epoch: Int, accuracy: Double, model: SequenceModel)?
  /// The time that the steps took, without reading, encoding and validation.
  private(set) var stepTime = Duration.zero
  private(set) var steps = 0

  private let corpus: Corpus
  private let options: Options
  private let progress: Progress
  private let tape: Tape<Float>  // draws what dropout drops
  private var generator: RandomGenerator
  private var optimizer: ModelOptimizer<SequenceModel>

  /// Throws `DataError` for a file of word vectors that isn't as expected.
  init(of corpus: Corpus, _ options: Options) throws(DataError) {
    (self.corpus, self.options) = (corpus, options)
    progress = Progress(isQuiet: options.isQuiet)
    generator = RandomGenerator(seed: options.seed)
    tape = Tape(seed: generator.next())
    model = SequenceModel(corpus, options, using: &generator)
    if let file = options.vectorFile {
      let coverage = try WordVectorFile(file).fill(&model.embedding.weight, for: corpus.vocabulary)
      progress.line("\(file): \(coverage)")
    }
    optimizer = ModelOptimizer(
      for: model, dense: Adam(learningRate: options.learningRate),
      sparse: SparseAdam(learningRate: options.tableLearningRate ?? options.learningRate))
  }

  /// Trains for all epochs, with learning rates that fall to 0 on a line. With validation texts, the model is
  /// afterwards that of the epoch which did best on them.
  mutating func run() throws(TrainingError) {
    progress.line(
      "learning \(corpus.labels.count) labels from \(corpus.training.count) texts of "
        + "\(corpus.training.texts.values.count) \(options.elements.rawValue), \(corpus.vocabulary.count) different")
    let stepsInEpoch = corpus.training.batches(ofSize: options.batchSize).count
    let schedule = Schedule.linear(from: 1, to: 0, steps: options.epochs * stepsInEpoch)
    for epoch in 1...options.epochs {
      let start = ContinuousClock.now
      var (lossSum, textCount) = (0.0, 0)
      for batch in corpus.training.shuffledBatches(ofSize: options.batchSize, using: &generator) {
        lossSum += try step(on: batch, learningRateFactor: schedule(steps)) * Double(batch.count)
        textCount += batch.count
        progress.update(epoch: epoch, of: options.epochs, done: textCount, of: corpus.training.count)
      }
      let epochTime = ContinuousClock.now - start
      stepTime += epochTime
      try TrainingError.check(model)
      var line = "epoch \(epoch)/\(options.epochs)  loss \((lossSum / Double(textCount)).formatted(digits: 4))"
      if let validation = corpus.validation {
        let accuracy = model.accuracy(on: validation)
        if accuracy >= best?.accuracy ?? 0 { best = (epoch, accuracy, model) }
        line += "  validation accuracy \(accuracy.formatted(digits: 4))"
      }
      progress.line(line + "  \(epochTime.seconds.formatted(digits: 2)) s")
    }
    if let best {
      model = best.model
      if best.epoch < options.epochs { progress.line("taking the model of epoch \(best.epoch)") }
    }
  }

  /// Trains on one batch and returns its loss.
  private mutating func step(on batch: TextBatch, learningRateFactor: Double) throws(TrainingError) -> Double {
    let (loss, gradients) = valueWithGradients(at: model, on: tape) { model in
      softmaxCrossEntropy(model(batch.texts), batch.labels)
    }
    try TrainingError.check(loss, ofStep: steps + 1, gradients, of: model)
    optimizer.update(&model, with: gradients, learningRateFactor: learningRateFactor)
    steps += 1
    return Double(loss)
  }
}
