// 6. Learns to find English names by their translations: two towers of character n-grams, and softmax over the batch.
//
//     swift run -c release NameMatcher                    # how well it finds names that it has never seen
//     swift run -c release NameMatcher --match Алжир      # some of your own
//     swift run -c release NameMatcher --prompt
//
// The first of them takes about 2 s. It prints how many names it finds, and a dozen of them:
//
//     recall at 1 76.8 %, at 10 96.5 %: of 3749 names of things that it has never seen, among 1204 English names
//       Γαλλικά (el): French
//       Zimbabve (sl): Zimbabwe
//
// The settings were chosen on the validation names (November 2026; Foundation's names differ between versions).

import ExampleParts
import SliceGrad

@main
struct NameMatcher {
  static func main() {
    runProgram("NameMatcher") {
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      if options.wantsHelp { return print(Options.help) }
      let progress = Progress(isQuiet: options.isQuiet)
      let start = ContinuousClock.now

      let pairs = NamePairs()
      progress.line(
        "\(pairs.training.count) names to learn from, in \(NamesDataSet.languages.count - 1) languages; "
          + "\(pairs.englishNames.count) English names to choose from")
      var matcher = Matcher(of: pairs, options)
      matcher.train(on: pairs.training, options, progress)
      try TrainingError.check(matcher.model)
      let trainTime = ContinuousClock.now - start

      let (validation, test) = (matcher.recall(of: pairs.validation), matcher.recall(of: pairs.test))
      progress.line("validation recall at 1 \(percent(validation.at1)), at 10 \(percent(validation.at10))")
      print(
        "recall at 1 \(percent(test.at1)), at 10 \(percent(test.at10)): of \(pairs.test.count) names of things that it "
          + "has never seen, among \(pairs.englishNames.count) English names")
      if options.namesToMatch.isEmpty && !options.wantsPrompt { printSomeMatches(of: pairs, matcher) }
      for name in options.namesToMatch { printMatches(of: name, pairs, matcher) }
      if options.wantsPrompt {
        print("A name in any language, or an empty line to end:")
        while let name = readLine(), !name.isEmpty { printMatches(of: name, pairs, matcher) }
      }
      if options.wantsJSON {
        let results = [
          "recallAt1": test.at1, "recallAt10": test.at10, "validationRecallAt1": validation.at1,
          "validationRecallAt10": validation.at10, "testNames": Double(pairs.test.count),
          "trainNames": Double(pairs.training.count), "candidates": Double(pairs.englishNames.count),
          "epochs": Double(options.epochs), "seconds": trainTime.seconds,
        ]
        try printJSONLine(results)
      }
    }
  }

  /// Some test names from all over, with the English name that is taken for theirs.
  private static func printSomeMatches(of pairs: NamePairs, _ matcher: Matcher) {
    let shown = 12
    let some = (0..<shown).map { pairs.test[($0 * 2 + 1) * pairs.test.count / (2 * shown)] }
    for (pair, nearest) in zip(some, matcher.nearest(1, to: some.map(\.name))) {
      let verdict = nearest[0].concept == pair.concept ? "" : "  – no, \(pairs.englishNames[pair.concept])"
      print("  \(pair.name) (\(pair.language)): \(pairs.englishNames[nearest[0].concept])\(verdict)")
    }
  }

  private static func printMatches(of name: String, _ pairs: NamePairs, _ matcher: Matcher) {
    let matches = matcher.nearest(min(5, pairs.englishNames.count), to: [name])[0].map {
      "\(pairs.englishNames[$0.concept]) \(Double($0.cosine).formatted(digits: 2))"
    }
    print("“\(name)”: " + matches.joined(separator: ", "))
  }

  private static func percent(_ share: Double) -> String { (100 * share).formatted(digits: 1) + " %" }
}
