import ExampleParts
import Foundation
import SliceGrad
import SliceGradText

/// Trains a model on a text for some epochs. Ranks train it together.
struct Training {
  /// If ranks share the rows of the tables, it has this one's.
  private(set) var model: WordVectorModel
  let features: NGramFeatures
  /// The mean loss of a pair, or with CBOW of a window, in the last epoch.
  private(set) var loss = Double.nan
  private(set) var stepTime = Duration.zero

  private let text: TrainingText
  private let options: Options
  private let ranks: Ranks
  private let sampler: RowSampler
  private let windowsInStep: Int
  private var source: WindowSource
  private var generator: RandomGenerator
  private var optimizer: ModelOptimizer<WordVectorModel>

  /// Throws `UsageError` for tables that this machine can't hold.
  init(of text: TrainingText, _ options: Options, _ ranks: Ranks) throws {
    self.text = text
    self.options = options
    self.ranks = ranks
    let hasNGrams = options.characterNGrams != nil
    let rows = text.vocabulary.count + (hasNGrams ? options.buckets : 0)
    try Self.checkTables(rows: rows + text.vocabulary.count, options, ranks)
    features = NGramFeatures(
      NGramConfiguration(characterNGrams: options.characterNGrams, buckets: hasNGrams ? options.buckets : 0),
      vocabulary: text.vocabulary)
    generator = RandomGenerator(seed: options.seed)
    // As word2vec begins: `input` uniform in ±0.5 / dimensions, and `output` 0.
    let limit = 0.5 / Float(options.dimensions)
    let input = ranks.table(rows: rows, columns: options.dimensions, uniformIn: -limit..<limit, using: &generator)
    model = try ranks.sharingRows(
      of: WordVectorModel(
        input: input, output: ranks.table(rows: text.vocabulary.count, columns: options.dimensions),
        rowsOfWords: hasNGrams ? features.encode(text.vocabulary.words) : nil))
    sampler = RowSampler(frequencies: text.counts, power: 0.75)
    source = WindowSource(text, window: options.window, sample: options.sample)
    let rate = options.learningRate ?? options.usualLearningRate
    // In a step, what a row learns from its pairs adds up. If there were too many for one row, it would overshoot: what
    // can be known before bounds the windows in a step, and where a line repeats a word, the limit stops it.
    optimizer = ModelOptimizer(for: model, sparse: LimitingRowNorms(SGD(learningRate: rate), to: 10))
    let mostPairs = 0.75 / rate
    let pairsOfMostFrequent = source.largestShare * Double(options.window + 1)
    windowsInStep = max(1, min(options.batchSize, Int(mostPairs / pairsOfMostFrequent)))
  }

  /// Throws if this process's share of the rows is more than there is memory.
  private static func checkTables(rows: Int, _ options: Options, _ ranks: Ranks) throws(UsageError) {
    let bytes = Double(ranks.share(of: rows).count) * Double(options.dimensions) * Double(MemoryLayout<Float>.stride)
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard rows <= Int32.max, bytes <= memory else {
      throw UsageError(
        "tables of \(rows) rows (twice the words, and --buckets) × \(options.dimensions) columns (--dimensions) "
          + "are too large for a process: \(Int(bytes / 1e9)) GB, expected at most \(Int(memory / 1e9)) GB and "
          + "\(Int32.max) rows")
    }
  }

  /// With skip-gram, half as many as if each pair of a window had negatives of its own.
  private var drawnForWindow: Int {
    options.isBagOfWords ? options.negatives : options.negatives * (options.window + 1) / 2
  }

  var wordsPerSecond: Double { Double(source.wordsRead) / stepTime.seconds }

  /// Trains for all epochs, with a learning rate that falls to 0 on a line.
  mutating func run() throws {
    let progress = Progress(isQuiet: options.isQuiet || !ranks.isFirst)
    progress.line("learning the vectors of \(text.vocabulary.count) words from a text of \(text.wordCount)")
    let total = options.epochs * text.wordCount
    for epoch in 1...options.epochs {
      let start = ContinuousClock.now
      let firstWord = source.wordsRead
      var (lossSum, count) = (0.0, 0)
      while let windows = source.next(windowsInStep, using: &generator) {
        guard !windows.centers.isEmpty else { continue }
        lossSum += try step(on: windows, learningRateFactor: max(0, 1 - Double(source.wordsRead) / Double(total)))
        count += options.isBagOfWords ? windows.centers.count : windows.contexts.values.count
        progress.update(
          epoch: epoch, of: options.epochs, done: source.wordsRead - firstWord, of: text.wordCount, unit: "words")
      }
      let epochTime = ContinuousClock.now - start
      stepTime += epochTime
      guard count > 0 else {
        throw UsageError("--sample \(options.sample) leaves out all words of a pass, expected a larger number, or 0")
      }
      loss = lossSum / Double(count)
      let speed = Double(text.wordCount) / epochTime.seconds
      progress.line(
        "epoch \(epoch)/\(options.epochs)  loss \(loss.formatted(digits: 4))  \(Int(speed)) words/s  "
          + "\(epochTime.seconds.formatted(digits: 2)) s")
    }
    try ranks.check(model)
  }

  /// Trains on some windows and returns the sum of their losses.
  private mutating func step(on windows: Windows, learningRateFactor: Double) throws -> Double {
    let count = windows.centers.count
    let batch = Batch(windows: windows, drawn: sampler.draw(count * drawnForWindow, using: &generator))
    let (isBagOfWords, negatives) = (options.isBagOfWords, options.negatives)
    let (loss, gradients) = try ranks.valueWithGradients(
      at: model, examples: count, part: batch.part, lookups: model.lookups(isBagOfWords: isBagOfWords)
    ) { model, part in model.loss(of: part, isBagOfWords: isBagOfWords, negatives: negatives) }
    guard loss.isFinite else {
      throw TrainingError("the loss after \(source.wordsRead) words is not a finite number")
    }
    optimizer.update(&model, with: gradients, learningRateFactor: learningRateFactor)
    return Double(loss)
  }
}
