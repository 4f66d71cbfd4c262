import ExampleParts
import SliceGrad
import SliceGradFiles
import SliceGradText

/// What the vectors are good for, on standard output.
struct Report {
  private let space: WordSpace
  private let options: Options
  private let similarities: [Similarity]
  private let analogies: Analogies?
  private let isPrinted: Bool

  /// What loaded vectors are good for. Throws as the other one does.
  init(of space: WordSpace, _ options: Options) throws { try self.init(of: space, options, isPrinted: true) }

  /// What trained vectors are good for. Ranks find it out together, and the first one prints. Throws `DataError` for a
  /// file that isn't as expected, and `UsageError` for a word of which nothing is known.
  init(of vectors: TrainedVectors, _ options: Options) throws {
    try self.init(of: vectors.space, options, isPrinted: vectors.ranks.isFirst)
  }

  private init(of space: WordSpace, _ options: Options, isPrinted: Bool) throws {
    self.isPrinted = isPrinted
    self.space = space
    self.options = options
    similarities = try options.similarityFiles.map { try Similarity($0, in: space) }
    analogies = try options.analogiesFile.map { try Analogies($0, in: space) }
  }

  /// How the vectors were trained.
  struct TrainingFigures: Encodable {
    let epochs: Int
    /// Of a pair, or with CBOW of a window, in the last epoch.
    let loss: Double
    /// From the start of the program to the end of training.
    let trainSeconds: Double
    /// The words of the text that are frequent enough.
    let words: Int
    let wordsPerSecond: Double
  }

  private struct Figures: Encodable {
    let analogyAccuracy: Double?
    let dimensions: Int
    let pairs: [Int]
    let spearman: [Double?]
    let training: TrainingFigures?
    let vocabulary: Int
  }

  private func print(_ line: String) { if isPrinted { Swift.print(line) } }

  func print(_ training: TrainingFigures?) throws {
    for (file, result) in zip(options.similarityFiles, similarities) {
      let correlation = result.correlation.map { $0.formatted(digits: 4) } ?? "not defined"
      print("\(file): Spearman \(correlation) on \(result.known) of \(result.all) pairs")
    }
    if let analogies { print(analogies) }
    for word in options.wordsToShow { try printNeighbors(of: word) }
    guard options.wantsJSON, isPrinted else { return }
    let figures = Figures(
      analogyAccuracy: analogies.flatMap(accuracy), dimensions: space.dimensions,
      pairs: similarities.map(\.known), spearman: similarities.map(\.correlation), training: training,
      vocabulary: space.vocabulary.count)
    try printJSONLine(figures)
  }

  private func print(_ analogies: Analogies) {
    for section in analogies.sections where section.asked > 0 && !section.name.isEmpty {
      print("  \(section.name): \(percent(section.right, of: section.asked))")
    }
    print(
      "analogies: \(percent(analogies.right, of: analogies.asked)), "
        + "\(analogies.all - analogies.asked) of \(analogies.all) left out")
  }

  private func printNeighbors(of word: String) throws {
    guard let neighbors = try space.neighbors(of: word, count: 10) else {
      throw UsageError(
        "--neighbors: found \(word.quoted), expected a word that is in the text --minimum-count times or more, or "
          + "--char-ngrams")
    }
    let isKnown = space.row(of: word) != nil
    print(
      "\(word)\(isKnown ? "" : " (never seen)"): "
        + neighbors.map { "\($0.word) \(Double($0.similarity).formatted(digits: 2))" }.joined(separator: ", "))
  }

  private func accuracy(_ analogies: Analogies) -> Double? {
    analogies.asked > 0 ? Double(analogies.right) / Double(analogies.asked) : nil
  }

  private func percent(_ right: Int, of asked: Int) -> String {
    let share = asked > 0 ? Double(right) / Double(asked) : 0
    return "\((100 * share).formatted(digits: 1)) % right, \(right) of \(asked)"
  }
}
