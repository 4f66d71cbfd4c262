import SliceGrad

/// What tuning may change: for each option the values that it may have, from small to large.
struct TuningSpace {
  /// A choice of some options' values; options without one stay as they are.
  struct Choice: Hashable {
    fileprivate var places: [Int?]
  }

  private typealias Ladder = (option: String, values: [String])
  private let ladders: [Ladder]

  /// All options that tuning knows, without those that the user has given. Without any, there is nothing to tune.
  init(given: Set<String>, usualLearningRate: Double) {
    let all: [Ladder] = [
      ("--word-ngrams", ["1", "2", "3"]),
      ("--char-ngrams", ["0", "1-3", "1-4", "1-5", "2-4", "2-5", "3-6"]),
      ("--buckets", ["100000", "250000", "500000", "1000000", "2000000"]),
      ("--dimensions", ["16", "32", "64", "128", "256"]),
      ("--epochs", ["2", "3", "5", "8", "12", "20", "30"]),
      ("--learning-rate", [0.1, 0.2, 0.5, 1, 2, 5].map { "\($0 * usualLearningRate)" }),
      ("--dense-learning-rate", ["0.002", "0.005", "0.01", "0.02", "0.05"]),
    ]
    ladders = all.filter { !given.contains($0.option) }
  }

  /// The choice that leaves everything as it is.
  var unchanged: Choice { Choice(places: ladders.map { _ in nil }) }

  /// A choice of all values, each as likely as another.
  func random(using generator: inout RandomGenerator) -> Choice {
    Choice(places: ladders.map { Int.random(in: 0..<$0.values.count, using: &generator) })
  }

  /// A choice that differs in one or two options: by a step or two on their ladders, or in any way from an option that
  /// was left as it is.
  func neighbor(of choice: Choice, using generator: inout RandomGenerator) -> Choice {
    var places = choice.places
    for _ in 0..<Int.random(in: 1...2, using: &generator) {
      guard let i = places.indices.randomElement(using: &generator) else { break }
      let last = ladders[i].values.count - 1
      guard let place = places[i] else {
        places[i] = Int.random(in: 0...last, using: &generator)
        continue
      }
      places[i] = min(max(place + [-2, -1, 1, 2].randomElement(using: &generator)!, 0), last)
    }
    return Choice(places: places)
  }

  /// The choice as arguments of a command line.
  func arguments(_ choice: Choice) -> [String] {
    zip(ladders, choice.places).flatMap { ladder, place in place.map { [ladder.option, ladder.values[$0]] } ?? [] }
  }
}
