import ExampleParts
import SliceGrad
import SliceGradText

/// Trains a model on the training sentences for some epochs.
struct Training {
  private(set) var model: TaggerModel
  /// The epoch that did best on the validation sentences.
  private(set) var best: (epoch: Int, score: Score, model: TaggerModel)?
  private(set) var steps = 0

  private let corpus: Corpus
  private let options: Options
  private let features: NGramFeatures
  private let tags: [String]
  private let tape: Tape<Float>  // draws what dropout drops
  private var generator: RandomGenerator
  private var optimizer: ModelOptimizer<TaggerModel>

  /// Words of the training have rows of their own; all share those of their character n-grams, by which a word is known
  /// that training didn't have.
  init(on corpus: Corpus, _ options: Options) {
    (self.corpus, self.options, tags) = (corpus, options, corpus.tags)
    features = NGramFeatures(
      of: corpus.training.flatMap(\.words),
      NGramConfiguration(characterNGrams: options.characterNGrams, buckets: 20_000, foldsCase: false))
    generator = RandomGenerator(seed: options.seed)
    tape = Tape(seed: generator.next())
    model = TaggerModel(features: features.rowCount, tags: tags.count, options, using: &generator)
    let rate = options.learningRate
    optimizer = ModelOptimizer(
      for: model, dense: Adam(learningRate: rate), sparse: SparseAdam(learningRate: rate))
  }

  /// Trains for all epochs, with a learning rate that falls to 0 on a line. With validation sentences, the model is
  /// afterwards that of the epoch with the highest F1.
  mutating func run(_ progress: Progress) throws(TrainingError) {
    let sentences = encode(corpus.training)
    let batches = Batches(count: sentences.count, size: options.batchSize) { sentences.sentences($0) }
    let schedule = Schedule.linear(from: 1, to: 0, steps: options.epochs * batches.count)
    for epoch in 1...options.epochs {
      let start = ContinuousClock.now
      var lossSum = 0.0
      for batch in batches.withShuffledExamples(using: &generator) {
        var (loss, gradients) = valueWithGradients(at: model, on: tape) { $0.loss(batch) }
        try TrainingError.check(loss, ofStep: steps + 1, gradients, of: model)
        gradients.clip(toGlobalNorm: 5)
        optimizer.update(&model, with: gradients, learningRateFactor: schedule(steps))
        steps += 1
        lossSum += Double(loss)
        progress.update(
          epoch: epoch, of: options.epochs, done: steps - (epoch - 1) * batches.count, of: batches.count, unit: "steps")
      }
      try TrainingError.check(model)
      var line = "epoch \(epoch)/\(options.epochs)  loss \((lossSum / Double(batches.count)).formatted(digits: 4))"
      if !corpus.validation.isEmpty {
        let score = score(corpus.validation)
        if best == nil || score.f1 >= best!.score.f1 { best = (epoch, score, model) }
        line += "  validation \(score)"
      }
      progress.line(line + "  \((ContinuousClock.now - start).seconds.formatted(digits: 1)) s")
    }
    if let best {
      model = best.model
      if best.epoch < options.epochs { progress.line("taking the model of epoch \(best.epoch)") }
    }
  }

  /// The tags of each sentence's words.
  func tags(of sentences: [TaggedSentence]) -> [[String]] {
    let encoded = encode(sentences)
    let batches = Batches(count: encoded.count, size: 256) { encoded.sentences($0) }
    let found = batches.flatMap { model.bestTags($0) }
    return (0..<encoded.count).map { encoded.range($0).map { tags[Int(found[$0])] } }
  }

  func score(_ sentences: [TaggedSentence]) -> Score {
    var score = Score()
    for (sentence, tags) in zip(sentences, tags(of: sentences)) { score.add(expected: sentence.tags, found: tags) }
    return score
  }

  /// Tags that there aren't become the first one.
  private func encode(_ sentences: [TaggedSentence]) -> EncodedSentences {
    let numbers = [Spelling: Int32](uniqueKeysWithValues: zip(tags.map { Spelling($0) }, 0...))
    return EncodedSentences(
      words: features.encode(sentences.flatMap(\.words)),
      rowSplits: sentences.reduce(into: [0]) { $0.append($0.last! + Int32($1.words.count)) },
      tags: sentences.flatMap(\.tags).map { numbers[Spelling($0)] ?? 0 })
  }
}

extension Score: CustomStringConvertible {
  /// `F1 91.3 % (precision 91.0 %, recall 91.6 %), token accuracy 95.2 %`
  var description: String {
    "F1 \(f1.percent) (precision \(precision.percent), recall \(recall.percent)), token accuracy \(accuracy.percent)"
  }
}

extension Double {
  fileprivate var percent: String { (100 * self).formatted(digits: 1) + " %" }
}
