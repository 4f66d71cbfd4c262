import ExampleParts
import Foundation
import SliceGrad
import SliceGradMPI
import Testing

@testable import KnowledgeGraph

/// The parts of KnowledgeGraph against plain loops: scores, ranks, candidates, and how facts are drawn.
struct KnowledgeGraphPartsTests {
  private static func graph(_ facts: [(String, String, String)]) -> Graph {
    Graph(training: facts.map { NamedFact(head: $0.0, relation: $0.1, tail: $0.2) }, validation: [], test: [])
  }

  private static let graph = graph([
    ("a", "r", "b"), ("b", "s", "c"), ("c", "r", "d"), ("d", "s", "e"), ("a", "r", "c"),
  ])

  private func model(_ scoring: Scoring, _ change: (inout Options) -> Void = { _ in }) -> GraphModel {
    var options = Options()
    (options.scoring, options.dimensions, options.initialSize) = (scoring, 3, 1)
    change(&options)
    var generator = RandomGenerator(seed: 5)
    return GraphModel(Self.graph, options, Ranks(try! .world(), shards: nil), using: &generator)
  }

  private func row(_ table: Embedding<Float>, _ i: Int) -> [Double] {
    table.weight.value.row(i).elements.map(Double.init)
  }

  /// A vector's complex numbers, as pairs.
  private func complex(_ x: [Double]) -> [(real: Double, imaginary: Double)] {
    let half = x.count / 2
    return (0..<half).map { (x[$0], x[half + $0]) }
  }

  /// The score of a fact as its definition has it.
  private func score(_ h: [Double], _ r: [Double], _ t: [Double], _ model: GraphModel) -> Double {
    switch model.scoring {
    case .transE:
      let differences = h.indices.map { h[$0] + r[$0] - t[$0] }
      return model.distance == .l1
        ? -differences.reduce(0) { $0 + abs($1) } : -differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .distMult: return h.indices.reduce(0) { $0 + h[$1] * r[$1] * t[$1] }
    case .complEx:
      let (h, r, t) = (complex(h), complex(r), complex(t))
      return h.indices.reduce(0) { sum, j in
        let (a, b, c) = (h[j], r[j], t[j])
        return sum + a.real * b.real * c.real + a.imaginary * b.real * c.imaginary + a.real * b.imaginary * c.imaginary
          - a.imaginary * b.imaginary * c.real
      }
    case .rotatE:
      let (h, r, t) = (complex(h), complex(r), complex(t))
      return h.indices.reduce(0) { sum, j in
        let angle = atan2(r[j].imaginary, r[j].real)
        let real = h[j].real * cos(angle) - h[j].imaginary * sin(angle) - t[j].real
        let imaginary = h[j].real * sin(angle) + h[j].imaginary * cos(angle) - t[j].imaginary
        return sum - hypot(real, imaginary)
      }
    }
  }

  @Test(
    "scores are those of the definitions, for all tails and for a list", arguments: Scoring.allCases, [true, false])
  func scoresFacts(scoring: Scoring, isReciprocal: Bool) {
    for distance in Options.TransEDistance.allCases {
      let model = model(scoring) { ($0.isReciprocal, $0.distance) = (isReciprocal, distance) }
      let questions = Self.graph.questions(of: Self.graph.training)
      let (heads, relations) = model.vectors(of: questions)
      let queries = model.queries(heads, relations)
      let scores = model.scores(of: nil, for: queries).value
      let listed = model.scores(of: [4, 1], for: queries).value
      let own: [Int32] = questions.flatMap { [$0.tail, $0.head, 3] }
      let ownScores = model.scores(ofOwn: own, for: queries).value
      for (i, question) in questions.enumerated() {
        let isInverse = Int(question.relation) >= Self.graph.relations.count
        for tail in Self.graph.entities.indices {
          let (known, other) = (row(model.entities, Int(question.head)), row(model.entities, tail))
          // Without reciprocal relations, the head of a fact is scored as its tail is: by the fact itself.
          let expected =
            isInverse && !isReciprocal
            ? score(other, row(model.relations, Int(question.relation) - Self.graph.relations.count), known, model)
            : score(known, row(model.relations, Int(question.relation)), other, model)
          #expect(abs(Double(scores[i, tail]) - expected) < 1e-4 * max(1, abs(expected)))
        }
        for j in 0..<3 { #expect(abs(ownScores[i, j] - scores[i, Int(own[3 * i + j])]) < 1e-4) }
        #expect(abs(listed[i, 0] - scores[i, 4]) < 1e-4 && abs(listed[i, 1] - scores[i, 1]) < 1e-4)
      }
    }
  }

  @Test("the nuclear 3-norm is the sum of the cubes of lengths")
  func sumsCubes() {
    for scoring in [Scoring.distMult, .complEx] {
      let model = model(scoring)
      let vectors = model.entities.weight.value
      var expected = 0.0
      for i in 0..<vectors.shape[0] {
        let x = row(model.entities, i)
        let lengths = scoring.isComplex ? complex(x).map { hypot($0.real, $0.imaginary) } : x.map(abs)
        expected += lengths.reduce(0) { $0 + $1 * $1 * $1 }
      }
      #expect(abs(Double(model.cubes(Variable(vectors)).value.scalar) - expected) < 1e-4 * expected)
    }
  }

  @Test("each model's gradients agree with finite differences", arguments: Scoring.allCases)
  func hasRightGradients(scoring: Scoring) {
    let questions = Self.graph.questions(of: Self.graph.training)
    let check = checkGradients(at: model(scoring) { $0.isReciprocal = false }) { model in
      let (heads, relations) = model.vectors(of: questions)
      let scores = model.scores(of: nil, for: model.queries(heads, relations))
      return softmaxCrossEntropy(scores, questions.map(\.tail)) + model.cubes(heads) * 0.1
    }
    #expect(check.passed, "\(check)")
  }

  // MARK: Ranks

  private func rank(_ scores: [Float], tail: Int32, known: [Int32]) -> Double {
    let facts = known.map { Fact(head: 0, relation: 0, tail: $0) }
    let places = KnownTails(facts).tails(of: Fact(head: 0, relation: 0, tail: tail)) + [tail]
    // In two parts: places of the other one lie outside.
    var rivals = Rivals()
    for part in [0..<1, 1..<scores.count] {
      rivals.add(
        Tensor(Array(scores[part])), besides: Set(places).map { Int($0) - part.lowerBound },
        to: scores[Int(tail)])
    }
    return rivals.rank
  }

  @Test("of equal scores half count as better")
  func ranksTies() {
    #expect(rank([3, 1, 2, 5], tail: 2, known: []) == 3)
    #expect(rank([1, 1, 1, 1, 1], tail: 2, known: [2]) == 3)  // the mean of the ranks 1...5
    #expect(rank([2, 1, 1, 0], tail: 1, known: []) == 2.5)
    #expect(rank([7, 1, 1, 0], tail: 0, known: []) == 1)
    #expect(rank([.nan, 1, 0], tail: 1, known: []) == 2)
    #expect(rank([1, .nan, 0], tail: 1, known: []) == 3)
  }

  @Test("other tails that are known don't count, better or equal or worse")
  func filtersRanks() {
    #expect(rank([3, 1, 2, 5], tail: 2, known: [2, 3]) == 2)
    #expect(rank([3, 1, 2, 5], tail: 2, known: [3, 3, 0, 2]) == 1)  // a fact twice is one
    #expect(rank([1, 1, 1, 1], tail: 0, known: [0, 1]) == 2)
    #expect(rank([3, 1, 2, 5], tail: 2, known: [1, 2]) == 3)
  }

  @Test("ranks of random scores with ties are those of a plain loop, the mean of all orders")
  func ranksAsAPlainLoop() {
    var generator = RandomGenerator(seed: 3)
    for _ in 0..<200 {
      let scores = (0..<20).map { _ in Float(Int.random(in: 0..<6, using: &generator)) }
      let known = (0..<5).map { _ in Int32.random(in: 0..<20, using: &generator) }
      let tail = known[0]
      let others = scores.indices.filter { !known.contains(Int32($0)) }
      let places = others.map { scores[$0] > scores[Int(tail)] ? 1 : scores[$0] == scores[Int(tail)] ? 0.5 : 0 }
      #expect(rank(scores, tail: tail, known: known) == 1 + places.reduce(0, +))
    }
  }

  @Test("MRR and hits")
  func summarizesRanks() {
    let ranking = Ranking(ranks: [1, 2, 2.5, 4])
    #expect(abs(ranking.meanReciprocalRank - (1 + 0.5 + 0.4 + 0.25) / 4) < 1e-15)
    #expect([1, 2, 3, 10].map(ranking.hits) == [0.25, 0.5, 0.75, 1])
  }

  // MARK: Facts

  @Test("candidates: each tail once, then others, whose weights make up for those that weren't drawn")
  func drawsCandidates() {
    let tails: [[Int32]] = [[3, 5], [3], [7]]
    var generator = RandomGenerator(seed: 1)
    func draw(_ count: Int?, isWeighted: Bool = true, smoothing: Float = 0) -> Candidates {
      Candidates(
        forTails: tails, and: count, by: RowSampler(rowCount: 100), isWeighted: isWeighted,
        labelSmoothing: smoothing, using: &generator)
    }
    #expect(draw(30, isWeighted: false).logWeights.elements.allSatisfy { $0 == 0 })
    #expect(draw(nil).rows == nil && draw(nil).logWeights.shape == [100])
    let candidates = draw(30)
    let rows = candidates.rows ?? []
    #expect(rows.prefix(3) == [3, 5, 7])
    let drawn = rows.dropFirst(3)
    #expect(!drawn.contains { [3, 5, 7].contains($0) } && (20...30).contains(drawn.count))
    let weights = candidates.logWeights.elements.map { Double(exp($0)) }
    #expect(weights.prefix(3) == [1, 1, 1] && abs(weights.reduce(0, +) - 100) < 1e-3)

    // The targets: equal parts for the right tails, and a part for each entity that a row stands for.
    for (count, smoothing) in [(nil, 0), (nil, 0.3), (30, 0), (30, 0.3)] as [(Int?, Float)] {
      let candidates = draw(count, smoothing: smoothing)
      let rows = candidates.rows ?? Array(0..<100)
      #expect(candidates.targets.shape == [3, rows.count])
      for (i, right) in tails.enumerated() {
        for (j, row) in rows.enumerated() {
          let part = right.contains(row) ? (1 - smoothing) / Float(right.count) : 0
          let expected = part + smoothing * exp(candidates.logWeights[j]) / 100
          #expect(abs(candidates.targets[i, j] - expected) < 1e-6)
        }
      }
    }
  }

  @Test("nearby tails are two facts away, and those that are right or the head don't count")
  func drawsNearbyTails() {
    // a – b – c – d – e, and a – c besides. Two facts away from a are a, b, c and d.
    let questions = Self.graph.questions(of: Self.graph.training)
    let fact = questions[0]
    var generator = RandomGenerator(seed: 1)
    let (rows, logWeights) = NearbyTails(questions).draw(200, for: [fact, questions[3]], using: &generator)
    #expect(rows.count == 400 && logWeights.shape == [2, 200])
    let (a, b, c, d, e): (Int32, Int32, Int32, Int32, Int32) = (0, 1, 2, 3, 4)
    #expect(fact == Fact(head: a, relation: 0, tail: b) && questions[3] == Fact(head: d, relation: 1, tail: e))
    #expect(Set(rows[..<200]) == [a, b, c, d] && Set(rows[200...]) == [a, b, d])
    for (i, row) in rows.enumerated() {
      // That a knows b and c by the same relation makes both right.
      let counts = i < 200 ? row == d : row != d
      #expect(logWeights.elements[i] == (counts ? 0 : -.infinity))
    }
  }

  @Test("a fifth of the facts is held back, and what they are about is learnt from others")
  func splitsFacts() {
    let facts = FoundationFacts.all()
    func split(seed: UInt64) -> Graph {
      var generator = RandomGenerator(seed: seed)
      return Graph(splitting: facts, using: &generator)
    }
    let graph = split(seed: 1)
    #expect(graph.training.count + graph.validation.count + graph.test.count == facts.count)
    #expect(abs(graph.validation.count - graph.test.count) <= 1 && graph.test.count > facts.count / 20)
    let learned = Set(graph.training.flatMap { [$0.head, $0.tail] })
    #expect((graph.validation + graph.test).allSatisfy { learned.contains($0.head) && learned.contains($0.tail) })
    #expect(Set(graph.training).isDisjoint(with: graph.validation + graph.test))
    #expect(names(graph) == names(split(seed: 1)) && names(graph) != names(split(seed: 2)))
  }

  /// “é” of one scalar and of two are equal as Strings.
  @Test("entities that are spelt differently are different ones")
  func spellingsStayApart() {
    func heldBack(_ facts: [NamedFact]) -> Int {
      var generator = RandomGenerator(seed: 1)
      let graph = Graph(splitting: facts, using: &generator)
      return graph.validation.count + graph.test.count
    }
    let (one, two) = ("\u{E9}", "e\u{301}")
    let once = [one, two].map { NamedFact(head: $0, relation: "r", tail: "a") }
    #expect(Set(once).count == 2)
    #expect(heldBack(once + (0..<8).map { NamedFact(head: "b\($0)", relation: "r", tail: "a") }) == 0)
    #expect(heldBack(Array(repeating: NamedFact(head: one, relation: "r", tail: two), count: 10)) == 2)
  }

  private func names(_ graph: Graph) -> [String] { graph.test.map { graph.entities[Int($0.head)] } }

  @Test("Foundation's facts: each once, and what everyone knows")
  func knowsFacts() {
    let facts = FoundationFacts.all()
    #expect(Set(facts).count == facts.count)
    for (head, relation, tail) in [
      ("Germany", "part-of", "Western Europe"), ("Germany", "currency", "Euro"), ("Japan", "continent", "Asia"),
      ("Austria", "main-language", "German language"), ("Greek language", "written-in", "Greek script"),
      ("Europe/Berlin", "lies-in", "Germany"), ("French language", "spoken-in", "Canada"),
      ("Europe/Berlin", "has-time", "Central European Standard Time"), ("Germany", "week-begins-on", "Monday"),
    ] {
      #expect(facts.contains(NamedFact(head: head, relation: relation, tail: tail)), "\(head) \(relation) \(tail)")
    }
  }
}
