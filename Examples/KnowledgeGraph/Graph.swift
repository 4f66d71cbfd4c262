import ExampleParts
import SliceGrad
import SliceGradFiles
import SliceGradText

/// Entities and relations, and facts about them: those to learn from, and perhaps some to validate and to test with.
///
/// Each relation has an inverse, whose number is larger by `relations.count`. So which heads a relation and a tail have
/// is the same question as which tails: “? currency Euro” is “Euro currency⁻¹ ?”.
struct Graph {
  let training: [Fact]
  let validation: [Fact]
  let test: [Fact]

  private let numbering: (entities: Numbering, relations: Numbering)

  var entities: [String] { numbering.entities.names }
  var relations: [String] { numbering.relations.names }

  /// Numbers the entities and relations in the order in which they appear. An entity that appears only in other than
  /// training facts is a possible answer as any other.
  init(training: [NamedFact], validation: [NamedFact], test: [NamedFact]) {
    var (entities, relations) = (Numbering(), Numbering())
    func numbered(_ facts: [NamedFact]) -> [Fact] {
      facts.map { fact in
        Fact(
          head: entities.number(of: fact.head.text), relation: relations.number(of: fact.relation.text),
          tail: entities.number(of: fact.tail.text))
      }
    }
    (self.training, self.validation, self.test) = (numbered(training), numbered(validation), numbered(test))
    numbering = (entities, relations)
  }
}

extension Graph {
  /// The facts of files. Throws `DataError` for a file that isn't as expected, and for a relation that is in no
  /// training fact, since nothing could be learnt about it.
  init(trainFile: String, validFile: String?, testFile: String?) throws(DataError) {
    let training = try NamedFact.facts(inFile: trainFile).map(\.fact)
    let relations = Set(training.map(\.relation))
    func facts(_ path: String?) throws(DataError) -> [NamedFact] {
      guard let path else { return [] }
      return try NamedFact.facts(inFile: path).map { fact, location throws(DataError) in
        guard relations.contains(fact.relation) else {
          throw DataError(
            at: location, found: "the relation \(fact.relation.text.quoted), which is in no training fact",
            expected: "one of \(relations.count) relations")
        }
        return fact
      }
    }
    self.init(training: training, validation: try facts(validFile), test: try facts(testFile))
  }

  /// Draws a tenth of the facts for validation and a tenth for the test, but only facts whose entities and relation are
  /// in some training fact as well.
  init(splitting facts: [NamedFact], using generator: inout RandomGenerator) {
    var uses: [Spelling: Int] = [:]
    for fact in facts {
      for name in [fact.head, fact.relation, fact.tail] { uses[name, default: 0] += 1 }
    }
    var (training, held): ([NamedFact], [NamedFact]) = ([], [])
    let shuffled = Array(facts.shuffledBatches(ofSize: 1, using: &generator).joined())
    for fact in shuffled {
      let names = [fact.head, fact.relation, fact.tail]
      if held.count < facts.count / 5 && names.allSatisfy({ uses[$0]! > 1 }) && fact.head != fact.tail {
        for name in names { uses[name]! -= 1 }
        held.append(fact)
      } else {
        training.append(fact)
      }
    }
    self.init(
      training: training, validation: Array(held[..<(held.count / 2)]), test: Array(held[(held.count / 2)...]))
  }

  /// The number of an entity, if there is one of this name.
  func entity(_ name: String) -> Int32? { numbering.entities.knownNumber(of: name) }

  /// The number of a relation, if there is one of this name.
  func relation(_ name: String) -> Int32? { numbering.relations.knownNumber(of: name) }

  /// The facts and their inverses: what is to be answered, in both directions.
  func questions(of facts: [Fact]) -> [Fact] {
    facts + facts.map { Fact(head: $0.tail, relation: inverse(of: $0.relation), tail: $0.head) }
  }

  /// The number of the inverse of a relation that isn't one itself.
  func inverse(of relation: Int32) -> Int32 { relation + Int32(relations.count) }
}
