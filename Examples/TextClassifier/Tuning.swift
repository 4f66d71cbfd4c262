import ExampleParts
import SliceGrad
import SliceGradText

/// Looks for the options with which a classifier does best on the validation texts.
///
/// The first trial has the options as they were given. One in three of the others has values of all options by chance;
/// the rest differ from the best trial so far in an option or two. So a trial follows from the seed and from the scores
/// of those before it, and not from how long they took.
struct Tuning {
  /// One training, and what came of it.
  struct Trial {
    let arguments: [String]
    /// The accuracy on the validation texts, or the micro F1 of independent labels, of the best epoch; nil if the
    /// training failed.
    let score: Double?
    let time: Duration

    var description: String { arguments.isEmpty ? "as given" : arguments.joined(separator: " ") }
  }

  private let arguments: [String]
  private let options: Options
  private let space: TuningSpace
  private let corpus: Corpus
  private let ranks: Ranks
  private let progress: Progress
  private(set) var trials: [Trial] = []

  /// - Parameter arguments: the command line, of which `options` were read.
  init(_ arguments: [String], _ options: Options, _ ranks: Ranks) throws {
    (self.arguments, self.options, self.ranks) = (arguments, options, ranks)
    space = TuningSpace(given: options.given, usualLearningRate: options.tableOptimizer.usualLearningRate)
    corpus = try Corpus(options)
    progress = Progress(isQuiet: options.isQuiet)
  }

  /// Makes trials for as long as was asked for, and one at least. A trial that isn't ready by then doesn't count.
  ///
  /// Returns the options of the best one; of as good ones, the first. Throws what the first trial throws, and
  /// `Interruption` if the program is to end; the trials so far are there then.
  mutating func run(_ log: EventLog?) throws -> Options {
    let end = ContinuousClock.now + .seconds(options.tuneSeconds!)
    var generator = RandomGenerator(seed: options.seed)
    var (choice, best) = (space.unchanged, space.unchanged)
    var tried: Set = [try settings(choice)]
    var bestScore: Double?
    while true {
      guard let trial = try trial(space.arguments(choice), until: trials.isEmpty ? nil : end) else { break }
      trials.append(trial)
      try log?.write("trial", LoggedTrial(trial))
      progress.line(
        "trial \(trials.count)  \(trial.score?.formatted(digits: 4) ?? "failed")  "
          + "\(trial.time.seconds.formatted(digits: 1)) s  \(trial.description)")
      if let score = trial.score, score > bestScore ?? -1 { (best, bestScore) = (choice, score) }
      guard ContinuousClock.now < end, trials.count < options.mostTrials ?? .max,
        let next = try next(after: &tried, near: best, using: &generator)
      else { break }
      choice = next
    }
    return try Options(parsing: arguments + space.arguments(best))
  }

  /// What a choice makes a classifier with. Choices that differ may have the same settings, since an option may be
  /// given the value that it has anyway, and without n-grams there are no buckets.
  private func settings(_ choice: TuningSpace.Choice) throws(UsageError) -> [String] {
    let options = try Options(parsing: arguments + space.arguments(choice))
    return options.settings.filter { $0.name != "buckets" || options.hasNGrams }.map { "\($0.name) \($0.value)" }
  }

  /// A choice whose settings weren't tried, which count as tried from then on; nil if chance finds none, as where
  /// hardly any is left.
  private func next(
    after tried: inout Set<[String]>, near best: TuningSpace.Choice, using generator: inout RandomGenerator
  ) throws(UsageError) -> TuningSpace.Choice? {
    for _ in 0..<1000 {
      let isByChance = Int.random(in: 0..<3, using: &generator) == 0
      let choice = isByChance ? space.random(using: &generator) : space.neighbor(of: best, using: &generator)
      if tried.insert(try settings(choice)).inserted { return choice }
    }
    return nil
  }

  /// It wasn't ready in time.
  private struct TimeIsUp: Error {}

  /// A training with other options; nil if it wasn't ready in time. The first trial, which has none, has to succeed.
  private func trial(_ changed: [String], until end: ContinuousClock.Instant?) throws -> Trial? {
    let start = ContinuousClock.now
    var options = try Options(parsing: arguments + changed)
    options.isQuiet = true
    (options.checkpointFile, options.logFile) = (nil, nil)
    do {
      func goesOn() throws {
        if Interruption.isPending { throw Interruption("interrupted in trial \(trials.count + 1)") }
        if let end, ContinuousClock.now > end { throw TimeIsUp() }
      }
      try goesOn()
      var training = try Training(of: try EncodedCorpus(corpus, options), options, nil, ranks)
      training.afterEachStep = goesOn
      let failure = try training.run()
      if let failure, changed.isEmpty, !training.hasBest { throw failure }
      let score = failure == nil || changed.isEmpty ? training.bestScore : nil
      return Trial(arguments: changed, score: score, time: ContinuousClock.now - start)
    } catch is TimeIsUp {
      return nil
    } catch let error as UsageError where !changed.isEmpty {  // a table that is too large for this machine
      progress.line("\(error)")
      return Trial(arguments: changed, score: nil, time: ContinuousClock.now - start)
    }
  }

  /// The trials, the best first, as a table, if there are any.
  func printTrials() {
    guard !trials.isEmpty else { return }
    print("score\tseconds\toptions")
    func score(_ number: Int) -> Double { trials[number].score ?? -1 }
    for number in trials.indices.sorted(by: { (score($1), $0) < (score($0), $1) }) {
      let trial = trials[number]
      print(
        "\(trial.score?.formatted(digits: 4) ?? "–")\t\(trial.time.seconds.formatted(digits: 1))\t\(trial.description)")
    }
  }
}

/// A trial as a log has it.
private struct LoggedTrial: Encodable {
  let options: String
  let score: Double?
  let seconds: Double

  init(_ trial: Tuning.Trial) { (options, score, seconds) = (trial.description, trial.score, trial.time.seconds) }
}
