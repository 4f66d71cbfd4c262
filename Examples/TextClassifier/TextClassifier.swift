// Learns to label texts: an embedding bag of words and n-grams, a dense layer, and gradients of a few rows a step.
//
//     swift run -c release TextClassifier                        # 40 languages, from names that Foundation brings along
//     swift run -c release TextClassifier --train FILE --help    # your own texts

import ExampleParts
import SliceGrad
import SliceGradText

@main
struct TextClassifier {
  static func main() {
    do {
      let start = ContinuousClock.now
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      if options.wantsHelp { return print(Options.help) }

      let corpus = try EncodedCorpus(Corpus(options), options)
      var training = Training(of: corpus, options)
      try training.run()
      let trainTime = ContinuousClock.now - start

      let report = Report(of: training, on: corpus, options)
      report.printAccuracy()
      if corpus.isNames { report.printSomeTestTexts() }
      report.printClassifications()
      if options.wantsJSON { try report.printJSON(trainTime: trainTime) }
    } catch let error as TrainingError {
      exit("TextClassifier", saying: error, status: 1)
    } catch {
      exit("TextClassifier", saying: error, status: 2)
    }
  }
}
