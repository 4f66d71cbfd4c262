import ExampleParts
import Foundation
import SliceGrad
import SliceGradFiles
import SliceGradMPI
import SliceGradText
import SliceGradTraining

/// Trains a classifier or loads one, and shows what it can do.
struct TrainCommand {
  private let arguments: [String]
  private var options: Options

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    self.arguments = Array(arguments)
    options = try Options(parsing: arguments)
  }

  /// Trains, or does what is asked for without training, in all processes.
  static func run(_ arguments: some Sequence<String>) throws {
    let start = ContinuousClock.now
    Interruption.postpone()  // before there are other threads, of which MPI begins some
    try Ranks.run { world in try TrainCommand(arguments).run(world, since: start) }
  }

  private func run(_ world: Communicator, since start: ContinuousClock.Instant) throws {
    guard world.rank == 0 || !options.wantsHelp && options.loadFile == nil else { return }
    if options.wantsHelp { return print(Options.help) }
    if options.loadFile != nil { Interruption.allow() }

    var command = self
    if world.rank > 0 { command.options.keepQuiet() }
    if let file = options.reportFile, world.rank == 0 { try AtomicFile<DataError>.check(file) }
    if let file = options.loadFile { return try use(Report.of(file, testFile: options.testFile)) }
    try command.train(world, since: start)
  }

  /// Trains with all ranks, which also save and report together. The first one writes and prints. A classifier in a
  /// small file is saved and reported on by it alone.
  private func train(_ world: Communicator, since start: ContinuousClock.Instant) throws {
    for file in world.rank == 0 ? [options.saveFile, options.checkpointFile] : [] {
      if let file { try SafetensorsWriter.check(URL(filePath: file)) }
    }
    let log = try log()
    do {
      var options = options
      let ranks = Ranks(world, shards: options.shards, deadline: options.deadline)
      if options.tuneSeconds != nil { options = try tuned(log, world.count, ranks) }
      try train(options, since: start, log, ranks)
    } catch {
      try? log?.write("error", Failure(message: "\(error)", status: exitStatus(of: error)))
      throw error
    }
  }

  /// The log, if one is wanted. It goes on if the training does.
  private func log() throws(DataError) -> EventLog? {
    guard let file = options.logFile else { return nil }
    let isResumed = options.checkpointFile.map { FileManager.default.fileExists(atPath: $0) } ?? false
    return try EventLog(file, appends: isResumed)
  }

  private struct Failure: Encodable {
    let message: String
    let status: Int32
  }

  /// The options that do best. The table of trials is printed, also if the program is to end.
  private func tuned(_ log: EventLog?, _ rankCount: Int, _ ranks: Ranks) throws -> Options {
    if rankCount > 1 { throw UsageError("--tune takes one process, but there are \(rankCount)") }
    var tuning = try Tuning(arguments, options, ranks)
    let found = Result { try tuning.run(log) }
    tuning.printTrials()
    let options = try found.get()
    try flushOutput()
    if Interruption.isPending { throw Interruption("interrupted after trial \(tuning.trials.count)") }
    return options
  }

  private func train(
    _ options: Options, since start: ContinuousClock.Instant, _ log: EventLog?, _ ranks: Ranks
  ) throws {
    try log?.write("start", ["settings": EncodedSettings(settings: options.settings)])
    var texts: Corpus? = try Corpus(options)
    if Interruption.isPending { throw Interruption("interrupted before the first step") }
    let corpus = try EncodedCorpus(texts!, options)
    if options.quantizationBits == nil { texts = nil }  // Only the rows are needed from here on.
    FreedMemory.giveBack()
    let reported = corpus.test ?? corpus.validation?.texts
    if options.reportFile != nil && (corpus.loss == .independent || reported?.haveOneLabel == false) {
      throw Report.noPage
    }
    if options.keepsNothing {
      Progress(isQuiet: options.isQuiet).line(
        "the classifier will be thrown away: --save FILE keeps it, --test FILE and --classify TEXT try it")
    }
    var training = try Training(of: corpus, options, log, ranks)
    let failure = try training.run()
    Interruption.allow()
    FreedMemory.giveBack()
    let trainTime = ContinuousClock.now - start

    var classifier = try training.classifier()
    if failure == nil || training.hasBest {
      guard try save(&classifier, texts, options, ranks) else { return }
    }
    if let failure { throw failure }
    try report(on: classifier, corpus, training, options, trainTime, log, ranks)
  }

  /// Shows what the classifier can do. All ranks that have a part of it call it, and the first one prints and writes.
  private func report(
    on classifier: Classifier, _ corpus: EncodedCorpus, _ training: Training, _ options: Options,
    _ trainTime: Duration, _ log: EventLog?, _ ranks: Ranks
  ) throws {
    let report = try Report(of: classifier, texts: corpus.test, ranks)
    report.printScores()
    if corpus.isNames { try report.printSomeTestTexts() }
    try report.printClassifications(of: options.textsToClassify)
    let results = training.results(trainTime: trainTime)
    if options.wantsJSON { try report.printJSON(results) }
    if let file = options.reportFile {
      let page =
        try report.page(of: "test texts")
        ?? Report(of: classifier, texts: corpus.validation?.texts, ranks).page(of: "validation texts")
      if ranks.isFirst { try page?.with(training, options, trainTime).write(to: file) }
    }
    try log?.write("end", report.figures(results))
  }

  /// Saves a classifier if the user wishes it. One that is saved in a small file is as small from then on, and the
  /// first rank has all of it.
  ///
  /// - Parameter corpus: the texts, which a small file needs.
  /// - Returns: whether this rank has the classifier then, or a part of it.
  private func save(
    _ classifier: inout Classifier, _ corpus: Corpus?, _ options: Options, _ ranks: Ranks
  ) throws -> Bool {
    guard let file = options.saveFile else { return true }
    guard let bits = options.quantizationBits, let corpus else {
      try classifier.save(to: file, ranks)
      return true
    }
    guard let model = try ranks.whole(classifier.model) else { return false }
    classifier.model = model
    let test = corpus.validation.map { ("validation", $0) } ?? ("training", corpus.training)
    classifier = try Quantization(bits: bits, maxSize: options.maxSize).save(
      classifier, to: file, training: corpus.training, test: test, Progress(isQuiet: options.isQuiet))
    return true
  }

  /// Tests a classifier that was saved, and classifies with it.
  private func use(_ report: Report) throws {
    report.printScores()
    try report.printClassifications(of: options.textsToClassify)
    if options.wantsJSON { try report.printJSON([:]) }
    if let page = options.reportFile { try report.page(of: "test texts")?.write(to: page) }
  }
}
