// Learns to label texts: an embedding bag of words and n-grams, a dense layer, and gradients of a few rows a step.
//
//     swift run -c release TextClassifier                        # 40 languages, from names that Foundation has
//     swift run -c release TextClassifier --train FILE --help    # your own texts
//     swift run -c release TextClassifier --train FILE --save M  # then --load M --classify TEXT

import ExampleParts
import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining

@main
struct TextClassifier {
  static func main() {
    do {
      let start = ContinuousClock.now
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      if options.wantsHelp { return print(Options.help) }

      if let file = options.loadFile { return try use(Classifier(contentsOf: file), options) }

      if let file = options.saveFile { try SafetensorsWriter.check(URL(filePath: file)) }
      let corpus = try EncodedCorpus(Corpus(options), options)
      var training = Training(of: corpus, options)
      let failure = training.run()
      let trainTime = ContinuousClock.now - start

      let classifier = Classifier(
        model: training.model, features: corpus.features, labels: corpus.labels, isOfNames: corpus.isNames)
      if let file = options.saveFile, failure == nil || training.best != nil { try classifier.save(to: file) }
      if let failure { throw failure }
      let report = Report(of: classifier, test: corpus.test)
      report.printAccuracy()
      if corpus.isNames { report.printSomeTestTexts() }
      report.printClassifications(of: options.textsToClassify)
      if options.wantsJSON { try report.printJSON(training.results(trainTime: trainTime)) }
    } catch {
      exit("TextClassifier", saying: error)
    }
  }

  /// Tests a classifier that was saved, and classifies with it.
  private static func use(_ classifier: Classifier, _ options: Options) throws {
    let test = try options.testFile.map {
      try TestTexts(LabeledTextFile($0).examples(), features: classifier.features, labels: classifier.labels)
    }
    let report = Report(of: classifier, test: test)
    report.printAccuracy()
    report.printClassifications(of: options.textsToClassify)
    if options.wantsJSON { try report.printJSON([:]) }
  }
}
