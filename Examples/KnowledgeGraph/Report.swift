import ExampleParts
import SliceGrad
import SliceGradFiles

/// A question on the command line: “Germany currency”, or “? currency Euro”.
struct Question {
  let text: String
  /// The head and the relation; without the tail, which is asked for.
  let fact: Fact

  /// Throws `UsageError` for an entity or a relation that the graph doesn't have.
  init(_ text: String, of graph: Graph) throws(UsageError) {
    self.text = text
    let isInverse = text.hasPrefix("? ")
    let words = isInverse ? text.dropFirst(2) : text[...]
    // Entities may have spaces in their names, relations usually don't.
    guard let space = isInverse ? words.firstIndex(of: " ") : words.lastIndex(of: " ") else {
      throw UsageError("--ask: found \(text.quoted), expected “head relation” or “? relation tail”")
    }
    let parts = [String(words[..<space]), String(words[words.index(after: space)...])]
    let (entityName, relationName) = isInverse ? (parts[1], parts[0]) : (parts[0], parts[1])
    guard let entity = graph.entity(entityName) else {
      throw UsageError("--ask: found the entity \(entityName.quoted), expected one of the facts")
    }
    guard let relation = graph.relation(relationName) else {
      let names =
        graph.relations.sorted().prefix(10).joined(separator: ", ") + (graph.relations.count > 10 ? ", …" : "")
      throw UsageError("--ask: found the relation \(relationName.quoted), expected one of the facts: \(names)")
    }
    fact = Fact(head: entity, relation: isInverse ? graph.inverse(of: relation) : relation, tail: entity)
  }
}

/// What a model can do, on standard output. Ranks find it out together, and the first one prints.
struct Report {
  private let training: Training
  private let graph: Graph
  private let known: KnownTails
  private let ranking: Ranking?
  private let ranks: Ranks

  init(of training: Training, graph: Graph, known: KnownTails, _ ranks: Ranks) throws {
    (self.training, self.graph, self.known, self.ranks) = (training, graph, known, ranks)
    ranking =
      graph.test.isEmpty
      ? nil : try known.ranking(of: graph.questions(of: graph.test), by: training.model, ranks)
  }

  private func print(_ line: String) { if ranks.isFirst { Swift.print(line) } }

  func printRanking() {
    if let ranking { print("test \(ranking): \(graph.test.count) facts, both ways") }
  }

  /// The best answers, and whether they were known before.
  func printAnswers(to question: Question) throws {
    let best = try OwnEntities(of: training.model).best(5, for: question.fact, by: training.model, ranks)
    let learned = Set(known.tails(of: question.fact))
    let answers = best.map { graph.entities[Int($0)] + (learned.contains($0) ? " (a fact)" : "") }
    print("\(question.text): " + answers.joined(separator: ", "))
  }

  /// One line for programs: the figures, and how they were reached.
  func printJSON(trainTime: Duration) throws {
    var results: [String: Double?] = [
      "entities": Double(graph.entities.count),
      "relations": Double(graph.relations.count),
      "trainFacts": Double(graph.training.count),
      "validFacts": Double(graph.validation.count),
      "testFacts": Double(graph.test.count),
      "bestEpoch": training.best.map { Double($0.epoch) },
      "steps": Double(training.steps),
      "trainSeconds": trainTime.seconds,  // from the start of the program to the end of training, with validation
      "stepSeconds": training.stepTime.seconds,  // of that, the training steps
    ]
    for (name, ranking) in [("valid", training.best?.ranking), ("test", ranking)] {
      results.updateValue(ranking?.meanReciprocalRank, forKey: name + "MRR")  // also as null
      for k in [1, 3, 10] { results.updateValue(ranking?.hits(at: k), forKey: name + "Hits\(k)") }
    }
    if ranks.isFirst { try printJSONLine(results) }
  }
}

extension Ranking: CustomStringConvertible {
  /// `MRR 0.475  hits@1 0.438  hits@3 0.490  hits@10 0.547`
  var description: String {
    let shares = [1, 3, 10].map { "  hits@\($0) \(hits(at: $0).formatted(digits: 3))" }.joined()
    return "MRR \(meanReciprocalRank.formatted(digits: 4))" + shares
  }
}
