import ExampleParts
import SliceGrad
import SliceGradMPI

/// How the model scores a fact with the vectors h, r and t.
enum Scoring: String, CaseIterable, Encodable {
  /// −‖h + r − t‖. Bordes et al., “Translating Embeddings for Modeling Multi-relational Data” (2013).
  case transE = "transe"
  /// Σ hⱼ rⱼ tⱼ. Yang et al., “Embedding Entities and Relations for Learning and Inference in Knowledge Bases” (2015).
  case distMult = "distmult"
  /// Re Σ hⱼ rⱼ t̄ⱼ of complex numbers. Trouillon et al., “Complex Embeddings for Simple Link Prediction” (2016).
  case complEx = "complex"
  /// −Σ |hⱼ rⱼ − tⱼ| of complex numbers, where all |rⱼ| = 1. Sun et al., “RotatE: Knowledge Graph Embedding by
  /// Relational Rotation in Complex Space” (2019).
  case rotatE = "rotate"

  var isComplex: Bool { self == .complEx || self == .rotatE }

  /// Whether it is a product of the three vectors, and not a distance.
  var isProduct: Bool { self == .distMult || self == .complEx }
}

/// A vector for each entity and for each relation. A question, which is a head and a relation, becomes a vector too,
/// with which those of all possible tails are compared.
///
/// Complex vectors have their real parts in the first half and their imaginary parts in the second.
struct GraphModel: Module {
  let scoring: Scoring
  /// Of TransE.
  let distance: Distance
  /// Of the entities and relations, in training steps.
  let dropout: Float
  let relationCount: Int

  var entities: Embedding<Float>
  /// With reciprocal relations, the inverses have rows of their own behind the others. Else their vectors follow from
  /// those of the relations: the head of a fact is then scored as its tail is.
  var relations: Embedding<Float>

  /// If ranks share the rows of the tables, this one makes its own alone.
  init(_ graph: Graph, _ options: Options, _ ranks: Ranks, using generator: inout RandomGenerator) {
    (scoring, distance, dropout) = (options.scoring, options.distance.distance, Float(options.dropout))
    relationCount = graph.relations.count
    let columns = options.dimensions * (scoring.isComplex ? 2 : 1)
    func table(rows: Int) -> Embedding<Float> {
      Embedding(
        weight: ranks.table(
          rows: rows, columns: columns, standardDeviation: Float(options.initialSize), using: &generator))
    }
    entities = table(rows: graph.entities.count)
    relations = table(rows: options.isReciprocal ? 2 * relationCount : relationCount)
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&entities, "entities")
    visit(&relations, "relations")
  }
}

extension GraphModel {
  /// The vectors of the heads and of the relations of questions, `[b, columns]` both.
  func vectors(of questions: [Fact]) -> (heads: Variable<Float>, relations: Variable<Float>) {
    let heads = entities(questions.map(\.head))
    let rowCount = relations.weight.rowCount
    let relations = relations(questions.map { $0.relationRow(of: rowCount) })
    guard rowCount == relationCount else { return (heads, relations) }
    let signs = Tensor<Float>(
      shape: [questions.count, 1], elements: questions.map { Int($0.relation) < relationCount ? 1 : -1 })
    switch scoring {
    case .transE: return (heads, relations * signs)
    case .distMult: return (heads, relations)
    case .complEx, .rotatE:  // of a rotation, the conjugate turns back
      let (real, imaginary) = relations.complexParts
      return (heads, .concatenate([real, imaginary * signs], axis: 1))
    }
  }

  /// The vectors `[b, columns]` with which those of tails are compared.
  func queries(_ heads: Variable<Float>, _ relations: Variable<Float>) -> Variable<Float> {
    let (heads, relations) = (heads.dropout(dropout), relations.dropout(dropout))
    switch scoring {
    case .transE: return heads + relations
    case .distMult: return heads * relations
    case .complEx: return heads.complexProduct(relations)
    case .rotatE:
      let (real, imaginary) = relations.complexParts
      let lengths = (real.square() + imaginary.square() + 1e-12).sqrt()
      return heads.complexProduct(.concatenate([real / lengths, imaginary / lengths], axis: 1))
    }
  }

  /// The scores of tails, all of them or a list that the questions share: `[b, tails]`.
  func scores(of tails: [Int32]?, for queries: Variable<Float>) -> Variable<Float> {
    let table = entities.weight
    func distances(_ distance: Distance) -> Variable<Float> {
      tails.map { table.distances(of: $0, to: queries, distance) } ?? table.distances(to: queries, distance)
    }
    switch scoring {
    case .transE: return -distances(distance)
    case .rotatE: return -distances(.complexL1)
    case .distMult, .complEx:
      return tails.map { table.scores(of: $0, against: queries) } ?? table.scores(against: queries)
    }
  }

  /// The scores of k tails of each question's own, which are listed question by question: `[b, k]`.
  func scores(ofOwn tails: [Int32], for queries: Variable<Float>) -> Variable<Float> {
    let (table, batch) = (entities.weight, queries.shape[0])
    let shape: Shape = [batch, tails.count / batch]
    switch scoring {
    case .transE: return -table.distances(of: tails, shape: shape, to: queries, distance)
    case .rotatE: return -table.distances(of: tails, shape: shape, to: queries, .complexL1)
    case .distMult, .complEx: return table.scores(of: tails, shape: shape, against: queries)
    }
  }

  /// The scores `[b, n]` of tails whose vectors these are, `[n, columns]`.
  func scores(ofVectors tails: Tensor<Float>, for queries: Tensor<Float>) -> Tensor<Float> {
    var model = self
    model.entities = Embedding(weight: EmbeddingTable(tails))
    return model.scores(of: nil, for: Variable(queries)).value
  }

  /// The vectors of questions and those of their tails, `[b, columns]` both, on all ranks.
  func queriesAndTails(
    of questions: [Fact], _ ranks: Ranks
  ) throws -> (queries: Tensor<Float>, tails: Tensor<Float>) {
    let rowCount = relations.weight.rowCount
    func part(_ range: Range<Int>) -> [Fact] { Array(questions[range]) }
    let both = try ranks.rows(
      at: self, examples: questions.count, part: part,
      lookups: [
        .rows(\.entities.weight) { $0.map(\.head) + $0.map(\.tail) },
        .rows(\.relations.weight) { $0.map { $0.relationRow(of: rowCount) } },
      ]
    ) { model, questions in
      let (heads, relations) = model.vectors(of: questions)
      return .concatenate(
        [model.queries(heads, relations).value, model.entities(questions.map(\.tail)).value], axis: 1)
    }
    let columns = entities.weight.columnCount
    return (both.slice(0..<columns, axis: 1), both.slice(columns..<2 * columns, axis: 1))
  }

  /// Σ |xⱼ|³ of vectors: the nuclear 3-norm's part of a fact is the sum of those of its three vectors. It regularizes
  /// frequent entities more than rare ones, because they are in more facts.
  ///
  /// Source: Lacroix, Usunier and Obozinski, “Canonical Tensor Decomposition for Knowledge Base Completion” (2018),
  /// section 4.
  func cubes(_ vectors: Variable<Float>) -> Variable<Float> {
    var squares = vectors.square()
    if scoring.isComplex {
      let (real, imaginary) = squares.complexParts
      squares = real + imaginary
    }
    return (squares * (squares + 1e-20).sqrt()).sum()
  }
}

extension Variable {
  /// The real and the imaginary parts, `[b, columns / 2]` both.
  fileprivate var complexParts: (real: Variable, imaginary: Variable) {
    let parts = split(into: 2, axis: 1)
    return (parts[0], parts[1])
  }

  /// (a + bi)(c + di) = (ac − bd) + (ad + bc)i
  fileprivate func complexProduct(_ other: Variable) -> Variable {
    let ((a, b), (c, d)) = (complexParts, other.complexParts)
    return .concatenate([a * c - b * d, a * d + b * c], axis: 1)
  }
}
