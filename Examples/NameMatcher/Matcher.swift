import ExampleParts
import SliceGrad
import SliceGradText

/// Two towers with the features of their names, and the English names to choose from.
struct Matcher {
  private(set) var model: TwoTowers
  private let features: (names: NGramFeatures, englishNames: NGramFeatures)
  private let englishNames: [String]

  /// The matcher before training. Only names of the training have words with rows of their own.
  init(of pairs: NamePairs, _ options: Options) {
    let configuration = NGramConfiguration(characterNGrams: options.characterNGrams, buckets: options.buckets)
    let trained = Set(pairs.training.map(\.concept)).sorted().map { pairs.englishNames[$0] }
    features = (
      NGramFeatures(of: pairs.training.map(\.name), configuration), NGramFeatures(of: trained, configuration)
    )
    englishNames = pairs.englishNames
    var generator = RandomGenerator(seed: options.seed)
    model = TwoTowers(
      features: (features.names.rowCount, features.englishNames.rowCount), dimensions: options.dimensions,
      using: &generator)
  }

  /// Brings the names of each thing together.
  mutating func train(on pairs: [NamePairs.Pair], _ options: Options, _ progress: Progress) {
    var generator = RandomGenerator(seed: options.seed)
    var optimizer = ModelOptimizer(for: model, sparse: SparseAdam(learningRate: options.learningRate))
    let names = features.names.encode(pairs.map(\.name))
    let english = features.englishNames.encode(pairs.map { englishNames[$0.concept] })
    let batches = Batches(count: pairs.count, size: options.batchSize) { numbers in
      (
        names: names.bags(numbers), english: english.bags(numbers),
        concepts: numbers.map { Int32(pairs[$0].concept) }
      )
    }
    let steps = options.epochs * batches.count
    let schedule = Schedule.linear(from: 1, to: 0, steps: steps)
    for epoch in 1...options.epochs {
      var sum: Float = 0
      for batch in batches.withShuffledExamples(using: &generator) {
        let (loss, gradients) = valueWithGradients(at: model) { model in
          batchSoftmaxCrossEntropy(
            model.names(batch.names), model.englishNames(batch.english), scale: Float(options.scale),
            groups: batch.concepts, bothWays: true)
        }
        optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step))
        sum += loss
        progress.update(
          epoch: epoch, of: options.epochs, done: optimizer.step - (epoch - 1) * batches.count, of: batches.count,
          unit: "steps")
      }
      progress.line(
        "epoch \(epoch)/\(options.epochs)  loss \(Double(sum / Float(batches.count)).formatted(digits: 4))")
    }
  }

  /// For each name the numbers of the nearest English names, nearest first, with the cosines of their angles.
  func nearest(_ count: Int, to names: [String]) -> [[(concept: Int, cosine: Float)]] {
    let vectors = model.names(features.names.encode(names))
    let candidates = model.englishNames(features.englishNames.encode(englishNames))
    let (cosines, indices) = vectors.matmul(candidates, transposeRight: true).value.topK(count)
    return names.indices.map { i in
      (0..<count).map { (Int(indices[i * count + $0]), cosines[i, $0]) }
    }
  }

  /// The shares of the names whose English name is the nearest of all, and among the nearest 10.
  func recall(of pairs: [NamePairs.Pair]) -> (at1: Double, at10: Double) {
    let nearest = nearest(10, to: pairs.map(\.name))
    let places = zip(pairs, nearest).compactMap { pair, nearest in nearest.firstIndex { $0.concept == pair.concept } }
    return (Double(places.count { $0 == 0 }) / Double(pairs.count), Double(places.count) / Double(pairs.count))
  }
}
