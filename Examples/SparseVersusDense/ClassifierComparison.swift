import ExampleParts
import SliceGrad
import SliceGradText

/// What a rule has learnt after the same number of steps as the others, on texts that it never saw.
struct ClassifierFigure: Encodable {
  let figure = "classifier"
  let rule: String
  /// The best on the validation texts of those that were tried.
  let learningRate: Double
  let triedLearningRates: [Double]
  let steps: Int
  let testTexts: Int
  let testLoss: Double
  let testAccuracy: Double
  let stateBytes: Int
}

/// The text classifier of the example of that name learns languages from names, with each rule. Of each rule's learning
/// rates the one counts whose model has the lowest loss on the validation texts; it falls to 0 on a line.
struct ClassifierComparison {
  private let training: TextDataSet
  private let validation: TextDataSet
  private let test: TextDataSet
  private let rowCount: Int
  private let classCount: Int
  private let isQuick: Bool

  init(_ options: Options) throws {
    isQuick = options.isQuick
    let names = NamesDataSet.load()
    let trainingTexts = isQuick ? Array(names.training.prefix(2_000)) : names.training
    // A tenth of the example's buckets, as densified Adam takes the time of all of them in each step.
    let features = NGramFeatures(
      of: trainingTexts.map(\.text),
      NGramConfiguration(
        characterNGrams: 1...4, buckets: isQuick ? 2_000 : 50_000, foldsCase: false, spansWords: true))
    let labels = LabelVocabulary(of: names.training)
    training = try TextDataSet(trainingTexts, features: features, labels: labels)
    validation = try TextDataSet(names.validation, features: features, labels: labels)
    test = try TextDataSet(names.test, features: features, labels: labels)
    (rowCount, classCount) = (features.rowCount, labels.count)
  }

  func figures(_ progress: Progress) throws -> [ClassifierFigure] {
    try Rule.all.map { rule in
      let rates = isQuick ? Array(rule.learningRates[1...1]) : rule.learningRates
      var best: (rate: Double, validationLoss: Double, run: Run)?
      for rate in rates {
        let run = train(rule, learningRate: rate)
        let loss = run.model.loss(on: validation)
        // A rate too high can end in a loss that is no number, which is less than none.
        if loss < best?.validationLoss ?? .infinity { best = (rate, loss, run) }
      }
      guard let best else {
        throw MeasurementError(description: "\(rule.name): no learning rate of \(rates) gives a finite loss")
      }
      let model = best.run.model
      return ClassifierFigure(
        rule: rule.key, learningRate: best.rate, triedLearningRates: rates, steps: best.run.steps,
        testTexts: test.count, testLoss: model.loss(on: test),
        testAccuracy: Double(model.correctCount(on: test)) / Double(test.count), stateBytes: best.run.stateBytes)
    }
  }

  private struct Run {
    var model: TextModel
    var steps = 0
    var stateBytes = 0
  }

  /// Trains for two epochs, whose batches are those of all other rules.
  private func train(_ rule: Rule, learningRate: Double) -> Run {
    let (epochs, batchSize) = (2, 64)
    var generator = RandomGenerator(seed: 1)
    var run = Run(
      model: TextModel(
        features: rowCount, dimensions: isQuick ? 16 : Workload.columns, classes: classCount, using: &generator))
    var optimizer = ModelOptimizer(
      for: run.model, dense: Adam(learningRate: 0.01), sparse: rule.make(learningRate))
    let schedule = Schedule.linear(from: 1, to: 0, steps: epochs * training.batches(ofSize: batchSize).count)
    for _ in 0..<epochs {
      for batch in training.shuffledBatches(ofSize: batchSize, using: &generator) {
        let gradients = valueWithGradients(at: run.model) { model in
          softmaxCrossEntropy(model(batch.texts), batch.labels)
        }.gradients
        optimizer.update(&run.model, with: gradients, learningRateFactor: schedule(run.steps))
        run.steps += 1
      }
    }
    run.stateBytes = optimizer.stateByteCount
    return run
  }
}

extension TextModel {
  /// The mean of −log p of the right classes.
  fileprivate func loss(on texts: TextDataSet) -> Double {
    texts.batches(ofSize: 256).reduce(0) { sum, batch in
      sum + Double(softmaxCrossEntropy(self(batch.texts), batch.labels).value.scalar) * Double(batch.count)
    } / Double(texts.count)
  }
}
