import ExampleParts
import SliceGrad
import SliceGradText

/// The text classifier of the example of that name learns languages from names.
struct NamesTask: LearningTask {
  let key = "names"
  let title: String
  let rules = Rule.all
  let measures = [Measure.loss, .accuracy]
  private let training: TextDataSet
  private let validation: TextDataSet
  private let test: TextDataSet
  private let rowCount: Int
  private let classCount: Int
  private let isQuick: Bool

  init(_ options: Options) throws {
    isQuick = options.isQuick
    let names = NamesDataSet.load()
    let trainingTexts = isQuick ? Array(names.training.prefix(1_000)) : names.training
    // A tenth of the example's buckets, as densified Adam takes the time of all of them in each step.
    let features = NGramFeatures(
      of: trainingTexts.map(\.text),
      NGramConfiguration(
        characterNGrams: 1...4, buckets: isQuick ? 2_000 : 50_000, foldsCase: false, spansWords: true))
    let labels = LabelVocabulary(of: names.training)
    training = try TextDataSet(trainingTexts, features: features, labels: labels)
    let lookedAt = isQuick ? 300 : Int.max
    validation = try TextDataSet(Array(names.validation.prefix(lookedAt)), features: features, labels: labels)
    test = try TextDataSet(Array(names.test.prefix(lookedAt)), features: features, labels: labels)
    (rowCount, classCount) = (features.rowCount, labels.count)
    title =
      "Languages from names: \(training.count.grouped) names to learn from, \(test.count.grouped) to test with, a "
      + "table of \(rowCount.grouped) rows"
  }

  func learningRates(of rule: Rule) -> [Double] { isQuick ? Array(rule.learningRates.suffix(2)) : rule.learningRates }

  /// Trains for two epochs; the learning rate falls to 0 on a line.
  func train(_ rule: Rule, learningRate: Double, seed: UInt64, lookingAt part: DataPart) -> Learnt {
    let (epochs, batchSize) = (2, 64)
    var generator = RandomGenerator(seed: seed)
    var model = TextModel(
      features: rowCount, dimensions: isQuick ? 16 : Workload.columns, classes: classCount, using: &generator)
    var optimizer = ModelOptimizer(for: model, dense: Adam(learningRate: 0.01), sparse: rule.make(learningRate))
    let schedule = Schedule.linear(from: 1, to: 0, steps: epochs * training.batches(ofSize: batchSize).count)
    for _ in 0..<epochs {
      for batch in training.shuffledBatches(ofSize: batchSize, using: &generator) {
        optimizer.catchUp(&model, \.embedding, rows: batch.texts)
        let gradients = valueWithGradients(at: model) { model in
          softmaxCrossEntropy(model(batch.texts), batch.labels)
        }.gradients
        optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step))
      }
    }
    optimizer.settle(&model)
    let texts = part == .validation ? validation : test
    return Learnt(
      values: [model.loss(on: texts), Double(model.correctCount(on: texts)) / Double(texts.count)],
      steps: optimizer.step)
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
