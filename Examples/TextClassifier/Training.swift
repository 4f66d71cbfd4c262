import ExampleParts
import SliceGrad
import SliceGradFiles
import SliceGradMPI
import SliceGradText
import SliceGradTraining

import class Foundation.FileManager
import struct Foundation.URL

/// Trains a model on the training texts for some epochs.
struct Training {
  private var state: TrainingState<TextModel>
  /// The time that the steps took, without reading, encoding and validation.
  private(set) var stepTime = Duration.zero
  private let corpus: EncodedCorpus
  private let options: Options
  private let progress: Progress
  private let log: EventLog?
  private let ranks: Ranks
  private(set) var history = TrainingHistory()
  private var lastSave = ContinuousClock.now
  /// Called after each step. What it throws ends the training.
  var afterEachStep: () throws -> Void = {}

  /// A training of one process, or of some ranks together.
  init(of corpus: EncodedCorpus, _ options: Options, _ log: EventLog? = nil, _ ranks: Ranks) throws {
    self.corpus = corpus
    self.log = log
    self.options = options
    self.ranks = ranks
    progress = Progress(isQuiet: options.isQuiet)
    var generator = RandomGenerator(seed: options.seed)
    let table = ranks.table(
      rows: corpus.features.rowCount, columns: options.dimensions,
      uniformIn: EmbeddingBag.initialRange(columns: options.dimensions), using: &generator)
    let model = try ranks.sharingRows(
      of: TextModel(embedding: EmbeddingBag(weight: table), classes: corpus.labels.count, using: &generator))
    let dense = Adam<Float>(learningRate: options.denseLearningRate)
    let rate = options.tableLearningRate
    let optimizer =
      switch options.tableOptimizer {
      case .sparseAdam: ModelOptimizer(for: model, dense: dense, sparse: TextModel.tableRule(learningRate: rate))
      case .adam: ModelOptimizer(for: model, dense: dense, sparse: Densifying(Adam(learningRate: rate)))
      case .sgd: ModelOptimizer(for: model, dense: dense, sparse: SGD(learningRate: rate))
      }
    let stepsInEpoch = corpus.training.batches(ofSize: options.batchSize).count
    state = TrainingState(
      model: model, optimizer: optimizer, schedule: .linear(from: 1, to: 0, steps: options.epochs * stepsInEpoch),
      seed: generator.next())
  }

  /// The model that was trained: with validation texts, that of the epoch which did best on them. If ranks share the
  /// rows of the table, it has this one's.
  var model: TextModel { state.best?.model ?? state.model }

  /// The score of that epoch; nil without validation texts.
  var bestScore: Double? { state.best?.score }

  /// The epoch of which the model is, if not of the last one.
  var bestEpoch: Int? { state.best?.epoch }

  var steps: Int { state.optimizer.step }

  /// Whether there is a model to save, although the training failed.
  var hasBest: Bool { state.best != nil }

  /// Trains for all epochs, with learning rates that fall linearly to 0, or goes on where a checkpoint was saved.
  /// Returns what stopped it where the loss or the model is no number any more; the epochs before still count. Throws
  /// `CheckpointError` for a checkpoint that can't be written, `UsageError` for one that it can't go on from, and
  /// `Interruption` if the program is to end, once the checkpoint is saved.
  mutating func run() throws -> TrainingError? {
    let (words, rows) = (corpus.features.vocabulary.count, corpus.features.rowCount)
    progress.line(
      "learning \("label".counted(corpus.labels.count)) from \("text".counted(corpus.training.count)), "
        + "\("word".counted(words)) and \(rows - words) of \(corpus.features.configuration.buckets) n-gram buckets; "
        + "loss: \(corpus.loss.rawValue)")
    if let warning = corpus.validation?.warning { progress.line("validation: \(warning)") }
    try resume()
    var failure: TrainingError?
    do {
      while state.epoch < options.epochs { try runEpoch() }
    } catch let error as TrainingError {
      failure = error
    }
    if let best = state.best, failure != nil || best.epoch < options.epochs {
      progress.line("taking the model of epoch \(best.epoch)")
    }
    return failure
  }

  /// The classifier that was trained. It gives independent labels of the probability or more that did best on the
  /// validation texts, if there are some.
  func classifier() throws -> Classifier {
    var classifier = Classifier(
      model: model, features: corpus.features, labels: corpus.labels, isOfNames: corpus.isNames, loss: corpus.loss)
    guard corpus.loss == .independent, let validation = corpus.validation else { return classifier }
    classifier.threshold = try validation.bestThreshold { try model.logits(of: $0, ranks) }.threshold
    progress.line(
      "labels of a probability of \(classifier.threshold) or more are given: that did best on the validation texts")
    return classifier
  }

  private mutating func runEpoch() throws {
    let epoch = state.epoch + 1
    let start = ContinuousClock.now
    let before = min(state.batch * options.batchSize, corpus.training.count)  // before the training was interrupted
    var textCount = 0
    for batch in state.shuffled(corpus.training.batches(ofSize: options.batchSize)) {
      try history.add(loss: step(on: batch), of: batch.count)
      textCount += batch.count
      progress.update(epoch: epoch, of: options.epochs, done: before + textCount, of: corpus.training.count)
      try afterEachStep()
      try saveIfItIsTime()
    }
    let epochTime = ContinuousClock.now - start
    state.beginEpoch()
    try ranks.check(state.model)
    var line = "epoch \(epoch)/\(options.epochs)"
    if let loss = history.loss { line += "  loss \(loss.formatted(digits: 4))" }
    var accuracy: Double?
    if let validation = corpus.validation {
      let score = try validation.score(corpus.loss) { try state.model.logits(of: $0, ranks) }
      accuracy = score.value
      state.noteScore(score.value)
      line += "  validation \(score.name) \(score.value.formatted(digits: 4))"
    }
    progress.line(line + "  \(epochTime.seconds.formatted(digits: 2)) s")
    let isWhole = before == 0
    history.endEpoch(
      accuracy: accuracy, seconds: isWhole ? epochTime.seconds : nil,
      examplesPerSecond: isWhole ? Double(textCount) / epochTime.seconds : nil)
    try log?.write("epoch", LoggedEpoch(epoch, history.epochs.last!, of: corpus.loss))
    try save()
  }

  /// Trains on one batch and returns its loss.
  private mutating func step(on batch: TextBatch) throws -> Double {
    let start = ContinuousClock.now
    defer { stepTime += ContinuousClock.now - start }
    let (kind, ownWeights) = (corpus.loss, corpus.ownWeights)
    let (loss, gradients) = try ranks.valueWithGradients(
      at: state.model, examples: batch.count, part: batch.part, lookups: [.bags(\.embedding.weight, \.texts)]
    ) { model, part in kind(model(part.texts), part, ownWeights: ownWeights) }
    try TrainingError.check(loss, ofStep: steps + 1, gradients, of: state.model)
    state.update(with: gradients)
    return Double(loss)
  }

  /// What it learns from, in numbers.
  var sizes: [Setting] {
    [
      Setting("training texts", corpus.training.count), Setting("labels", corpus.labels.count),
      Setting("words", corpus.features.vocabulary.count), Setting("rows of the table", corpus.features.rowCount),
      Setting("steps", steps),
    ]
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
}

// MARK: Checkpoints

extension Training {
  private static let secondsBetweenSaves = 60

  /// Goes on where the checkpoint was saved, if there is one.
  private mutating func resume() throws {
    try ranks.agree(on: "data and settings with hash", identity.value)
    guard let file = options.checkpointFile else { return }
    state.identity = identity
    guard try ranks.haveFile(file) else { return }
    do {
      try ranks.load(&state, from: URL(filePath: file))
    } catch let error as CheckpointError {
      // A schedule differs only in its steps, which the same texts and batches have of as many epochs.
      let advice = error.found.hasPrefix("schedule ") ? "go on with the --epochs of before, or " : ""
      throw UsageError("\(error); \(advice)remove the file to begin anew")
    }
    history = TrainingHistory(notes: state.notes, epochCount: state.epoch)
    try log?.write("resume", ["epoch": state.epoch + 1, "step": steps])
    progress.line(
      state.epoch < options.epochs
        ? "going on after step \(steps), in epoch \(state.epoch + 1)"
        : "the training in \(file.visible()) is complete, with \(state.epoch) of \(options.epochs) epochs; "
          + "remove the file to begin anew")
  }

  /// With a hash of all that makes the training what it is, besides the model, its rules and the schedule.
  private var identity: TrainingIdentity {
    var hash = StableHash()
    hash.combine(options.seed)
    hash.combine(UInt64(options.batchSize))
    for label in corpus.labels.labels {
      for byte in label.utf8 { hash.combine(UInt64(byte)) }
      hash.combine(UInt64(UInt8.max))
    }
    for data in [corpus.training, corpus.validation?.dataSet] {
      guard let data else { continue }
      combine(data, into: &hash)
    }
    if corpus.loss != .softmax { hash.combine(1) }
    if let shards = ranks.shards { hash.combine(2 + UInt64(shards)) }
    for weights in [corpus.training.weights, corpus.ownWeights.map { Array($0.elements) }] {
      for weight in weights ?? [] { hash.combine(UInt64(weight.bitPattern)) }
    }
    return TrainingIdentity(
      note: "TextClassifier", value: String(hash.value, radix: 16),
      of: "texts, features, labels, loss, weights, seed, batch size or shards")
  }

  /// Mixes in the boundaries of all bags, then the rows, then the labels: of a batch at a time, to save memory.
  private func combine(_ data: TextDataSet, into hash: inout StableHash) {
    let batches = data.batches(ofSize: 256)
    var end: UInt64 = 0
    hash.combine(end)
    for batch in batches {
      for split in batch.texts.rowSplits.dropFirst() { hash.combine(end + UInt64(split)) }
      end += UInt64(batch.texts.values.count)
    }
    for batch in batches {
      for number in batch.texts.values + (batch.texts.counts ?? []) { hash.combine(UInt64(number)) }
    }
    let labels = data.labelSets
    // Where each text has one label, these are all there is to say of labels.
    let hasOneEach = labels.values.count == data.count && (0..<data.count).allSatisfy { labels.rowSplits[$0] == $0 }
    for number in labels.values + (hasOneEach ? [] : labels.rowSplits) {
      hash.combine(UInt64(UInt32(bitPattern: number)))
    }
  }

  private mutating func save() throws {
    guard let file = options.checkpointFile else { return }
    history.note(in: &state.notes)
    try ranks.save(state, to: URL(filePath: file))
    lastSave = ContinuousClock.now
  }

  /// Saves the training every minute, and before it ends because it was interrupted, if there is a file for that.
  /// Throws `TrainingError`, and leaves an older checkpoint as it was, if the model is no number any more.
  private mutating func saveIfItIsTime() throws {
    let (isTime, isInterrupted) = try ranks.agree(
      isTime: ContinuousClock.now - lastSave > .seconds(Self.secondsBetweenSaves),
      isInterrupted: Interruption.isPending, afterStep: steps)
    guard isInterrupted || isTime else { return }
    if isInterrupted { progress.line("stopping") }
    guard let file = options.checkpointFile else {
      guard isInterrupted else { return }
      throw Interruption(
        "interrupted after step \(steps): nothing was saved\(hasBest ? ", not even the best epoch" : ""); "
          + "with --checkpoint FILE a training can go on")
    }
    try ranks.check(state.model)
    try save()
    if isInterrupted {
      throw Interruption("interrupted after step \(steps); the same command goes on from \(file.visible())")
    }
  }
}
