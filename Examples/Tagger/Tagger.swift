// 5. Learns to tag the words of sentences: an LSTM in both directions, and a conditional random field on its scores.
//
//     swift run -c release Tagger                                             # names that Foundation has
//     swift run -c release Tagger --tag "Bosnia & Herzegovina Danish Krone May"
//     swift run -c release Tagger --train FILE --valid FILE --test FILE       # CoNLL's columns: word TAB tag
//     swift run -c release Tagger --model softmax                             # each word by itself
//
// The first of them takes 2 to 3 s. It prints the score, and sentences with the spans that it found and that are right:
//
//     test F1 61.9 % (precision 61.9 %, recall 61.8 %), token accuracy 72.4 %: 4437 spans in 1000 sentences
//       [LANGUAGE Makonde] [REGION Armenië] augustus [LANGUAGE Asu]
//
// On the names, with the seeds 1, 2 and 3 (November 2026; Foundation's names differ between versions). The settings
// weren't tuned.
//
//     --model    test F1, %          mean    token accuracy, %   mean
//     crf        61.9  65.7  64.2    63.9    72.4  74.0  75.8    74.1
//     softmax    60.9  65.1  62.3    62.8    72.9  75.3  75.1    74.4

import ExampleParts
import SliceGrad
import SliceGradText

@main
struct Tagger {
  static func main() {
    runProgram("Tagger") {
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      if options.wantsHelp { return print(Options.help) }
      let progress = Progress(isQuiet: options.isQuiet)

      let corpus = try corpus(options)
      progress.line(
        "\(corpus.training.count) sentences to learn from, \(corpus.validation.count) to validate, "
          + "\(corpus.test.count) to test; \(corpus.tags.count) tags")
      let start = ContinuousClock.now
      var training = Training(on: corpus, options)
      try training.run(progress)
      let trainTime = ContinuousClock.now - start

      let score = corpus.test.isEmpty ? nil : training.score(corpus.test)
      if let score {
        print("test \(score): \(score.expectedSpans) spans in \(corpus.test.count) sentences")
        if options.sentencesToTag.isEmpty { printSomeTags(of: corpus.test, training) }
      }
      for sentence in options.sentencesToTag { printTags(of: sentence, training) }
      if options.wantsJSON {
        let results: [String: Double?] = [
          "testF1": score?.f1, "testPrecision": score?.precision, "testRecall": score?.recall,
          "testAccuracy": score?.accuracy, "validF1": training.best?.score.f1,
          "bestEpoch": training.best.map { Double($0.epoch) }, "trainSentences": Double(corpus.training.count),
          "tags": Double(corpus.tags.count), "steps": Double(training.steps), "trainSeconds": trainTime.seconds,
        ]
        try printJSONLine(results)
      }
    }
  }

  /// The sentences of the files, or those of names.
  private static func corpus(_ options: Options) throws -> Corpus {
    guard let trainFile = options.trainFile else { return Corpus(NameSentences(), count: options.sentences) }
    return try Corpus(trainFile: trainFile, validFile: options.validFile, testFile: options.testFile)
  }

  /// The first test sentences, with the spans that are found in them and, if they differ, those that there are.
  private static func printSomeTags(of sentences: [TaggedSentence], _ training: Training) {
    let some = Array(sentences.prefix(8))
    for (sentence, found) in zip(some, training.tags(of: some)) {
      print("  " + sentence.words.marked(Span.spans(of: found)))
      if found.map({ Spelling($0) }) != sentence.tags.map({ Spelling($0) }) {
        print("    expected  " + sentence.words.marked(Span.spans(of: sentence.tags)))
      }
    }
  }

  private static func printTags(of words: String, _ training: Training) {
    let words = words.split(separator: " ").map(String.init)
    let sentence = TaggedSentence(words: words, tags: words.map { _ in "" })
    print(words.marked(Span.spans(of: training.tags(of: [sentence])[0])))
  }
}

extension [String] {
  /// The words with brackets around the spans: “[REGION New Zealand] May [LANGUAGE Maori]”.
  fileprivate func marked(_ spans: [Span]) -> String {
    var words = self
    for span in spans {
      words[span.words.lowerBound] = "[\(span.kind.text) " + words[span.words.lowerBound]
      words[span.words.upperBound - 1] += "]"
    }
    return words.joined(separator: " ")
  }
}
