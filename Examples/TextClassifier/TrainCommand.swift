import ExampleParts
import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining

/// Trains a classifier or loads one, and shows what it can do.
struct TrainCommand {
  private let options: Options

  init(_ arguments: some Sequence<String>) throws(UsageError) { options = try Options(parsing: arguments) }

  func run() throws {
    let start = ContinuousClock.now
    if options.wantsHelp { return print(Options.help) }

    if let file = options.loadFile { return try use(Classifier(contentsOf: file)) }

    for file in [options.saveFile, options.checkpointFile] {
      if let file { try SafetensorsWriter.check(URL(filePath: file)) }
    }
    let corpus = try EncodedCorpus(Corpus(options), options)
    if options.checkpointFile != nil { Interruption.postpone() }
    var training = Training(of: corpus, options)
    let failure = try training.run()
    Interruption.allow()
    let trainTime = ContinuousClock.now - start

    let classifier = Classifier(
      model: training.model, features: corpus.features, labels: corpus.labels, isOfNames: corpus.isNames)
    if let file = options.saveFile, failure == nil || training.hasBest { try classifier.save(to: file) }
    if let failure { throw failure }
    let report = Report(of: classifier, test: corpus.test)
    report.printAccuracy()
    if corpus.isNames { report.printSomeTestTexts() }
    report.printClassifications(of: options.textsToClassify)
    if options.wantsJSON { try report.printJSON(training.results(trainTime: trainTime)) }
  }

  /// Tests a classifier that was saved, and classifies with it.
  private func use(_ classifier: Classifier) throws {
    let report = try Report(of: classifier, testFile: options.testFile)
    report.printAccuracy()
    report.printClassifications(of: options.textsToClassify)
    if options.wantsJSON { try report.printJSON([:]) }
  }
}
