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

  /// The rank of a question's tail by the scores of all entities, without the other tails that are known:
  /// 1 + those with a higher score + half of those with the same one. A model that gives all the same score so has the
  /// rank of chance, and not the first. A NaN is taken for the highest score of the others and for the lowest of the
  /// tail.
  func rank(of question: Fact, by scores: UnsafeBufferPointer<Float>) -> Double {
    let score = scores[Int(question.tail)]
    var (notLower, equal) = (0, 0)
    func count(_ other: Float, _ weight: Int) {
      notLower += other < score ? 0 : weight
      equal += other == score ? weight : 0
    }
    for other in scores { count(other, 1) }
    for tail in Set(tails(of: question)).union([question.tail]) { count(scores[Int(tail)], -1) }
    return 1 + Double(notLower) - Double(equal) / 2
  }

  /// The ranks of the tails of facts, and of their heads as the tails of the inverse facts.
  func ranking(of questions: [Fact], by model: GraphModel) -> Ranking {
    Ranking(
      ranks: questions.batches(ofSize: 256).flatMap { batch in
        let scores = model.scores(batch)
        let count = scores.shape[1]
        return scores.withUnsafeBufferPointer { scores in
          batch.enumerated().map { i, question in
            rank(of: question, by: UnsafeBufferPointer(rebasing: scores[i * count..<(i + 1) * count]))
          }
        }
      })
  }
}
