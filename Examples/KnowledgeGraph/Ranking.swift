import ExampleParts
import SliceGrad

/// How well a model answers questions: where among all entities it ranks the tails that are asked for.
struct Ranking {
  /// The rank of each fact's tail, from 1.
  let ranks: [Double]

  /// The mean of the reciprocals of the ranks, MRR.
  var meanReciprocalRank: Double { ranks.reduce(0) { $0 + 1 / $1 } / Double(ranks.count) }

  /// The share of the ranks that are at most k.
  func hits(at k: Int) -> Double { Double(ranks.count { $0 <= Double(k) }) / Double(ranks.count) }
}

/// The tails that are known to be true of each head and relation. The others are what a true tail competes with: if two
/// are right, each may be first.
struct KnownTails {
  private struct Question: Hashable {
    let head: Int32
    let relation: Int32
  }
  private var tails: [Question: [Int32]] = [:]
  /// The heads and relations in the order in which they came first.
  private var questions: [Question] = []

  init(_ questions: [Fact]) {
    for fact in questions {
      let question = Question(head: fact.head, relation: fact.relation)
      if tails[question] == nil { self.questions.append(question) }
      tails[question, default: []].append(fact.tail)
    }
  }

  /// Each head and relation once, with one of its tails drawn.
  func drawnFacts(using generator: inout RandomGenerator) -> [Fact] {
    questions.map { question in
      Fact(
        head: question.head, relation: question.relation,
        tail: tails[question]!.randomElement(using: &generator)!)
    }
  }

  /// How many pairs of a head and a relation there are.
  var questionCount: Int { questions.count }

  func tails(of question: Fact) -> [Int32] {
    tails[Question(head: question.head, relation: question.relation)] ?? []
  }

  /// The ranks of the tails of questions. Each process compares their scores with those of its own entities, and what
  /// all find is added up.
  ///
  /// - Parameter entitiesAtOnce: so many are scored at a time, so that the scores of 256 questions take 64 MB at most.
  func ranking(
    of questions: [Fact], by model: GraphModel, _ ranks: Ranks, entitiesAtOnce: Int = 1 << 16
  ) throws -> Ranking {
    let own = OwnEntities(of: model)
    return Ranking(
      ranks: try questions.batches(ofSize: 256).flatMap { batch in
        let (queries, tails) = try model.queriesAndTails(of: batch, ranks)
        let right = model.scores(ofVectors: tails, for: queries)
        let known = batch.map { own.places(of: Set(self.tails(of: $0)).union([$0.tail])) }
        var rivals = [Rivals](repeating: Rivals(), count: batch.count)
        own.forEachPart(of: entitiesAtOnce) { part, vectors in
          let scores = model.scores(ofVectors: vectors, for: queries)
          for i in batch.indices {
            rivals[i].add(scores.row(i), besides: known[i].map { $0 - part.lowerBound }, to: right[i, i])
          }
        }
        return try Rivals.sums(of: rivals, on: ranks).map(\.rank)
      })
  }
}

/// The entities that compete with a tail.
struct Rivals {
  /// How many have a score that isn't lower than the tail's.
  private var notLower = 0
  /// How many of these have the same score.
  private var equal = 0

  /// The rank of the tail: 1 + those with a higher score + half of those with the same one. A model that gives all the
  /// same score so has the rank of chance, and not the first.
  var rank: Double { 1 + Double(notLower) - Double(equal) / 2 }

  /// Counts entities by their scores `[n]`, without those at some places, which may also lie outside. A NaN is taken
  /// for the highest score of the others and for the lowest of the tail.
  mutating func add(_ scores: Tensor<Float>, besides places: [Int], to score: Float) {
    scores.withUnsafeBufferPointer { scores in
      for other in scores { add(other, 1, to: score) }
      for place in places where scores.indices.contains(place) { add(scores[place], -1, to: score) }
    }
  }

  private mutating func add(_ other: Float, _ weight: Int, to score: Float) {
    notLower += other < score ? 0 : weight
    equal += other == score ? weight : 0
  }

  /// The rivals of some tails, of which each process has counted its own.
  static func sums(of rivals: [Rivals], on ranks: Ranks) throws -> [Rivals] {
    let all = try ranks.all(rivals.flatMap { [Int64($0.notLower), Int64($0.equal)] })
    return rivals.indices.map { i in
      all.reduce(into: Rivals()) { sum, counts in
        sum.notLower += Int(counts[2 * i])
        sum.equal += Int(counts[2 * i + 1])
      }
    }
  }
}
