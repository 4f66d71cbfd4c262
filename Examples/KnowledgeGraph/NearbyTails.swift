import SliceGrad

/// Wrong tails that are hard to tell from right ones: entities two facts away from the head of a question. A distance
/// leaves them near the head, because it keeps near what facts connect.
///
/// Source: Ahrabian et al., “Structure Aware Negative Sampling in Knowledge Graphs” (2020), the variant with random
/// walks.
struct NearbyTails {
  private var neighbors: [Int32: [Int32]] = [:]
  private let known: KnownTails

  /// - Parameter questions: the facts and their inverses. A neighbor is as likely as it has facts with the entity.
  init(_ questions: [Fact]) {
    known = KnownTails(questions)
    for fact in questions { neighbors[fact.head, default: []].append(fact.tail) }
  }

  /// Walks two random facts from the head of each question, `count` times.
  ///
  /// - Parameter batch: questions whose heads are in facts.
  /// - Returns: the entities where the walks end, `count` for each question, and what to add to their scores, `[b,
  ///   count]`: 0, or −∞ where a walk came back to the head or to a right answer, which then doesn't count.
  func draw(
    _ count: Int, for batch: [Fact], using generator: inout RandomGenerator
  ) -> (rows: [Int32], logWeights: Tensor<Float>) {
    var (rows, logWeights): ([Int32], [Float]) = ([], [])
    for question in batch {
      let right = known.tails(of: question)
      for _ in 0..<count {
        let neighbor = neighbors[question.head]!.randomElement(using: &generator)!
        let end = neighbors[neighbor]!.randomElement(using: &generator)!
        rows.append(end)
        logWeights.append(end == question.head || right.contains(end) ? -.infinity : 0)
      }
    }
    return (rows, Tensor(shape: [batch.count, count], elements: logWeights))
  }
}
