import ExampleParts
import SliceGrad

/// The entities whose vectors this process has: all, unless several share the rows of the tables.
struct OwnEntities {
  /// `[n, columns]`
  private let vectors: Tensor<Float>
  private let sharing: RowSharing?

  init(of model: GraphModel) {
    (vectors, sharing) = (model.entities.weight.value, model.entities.weight.sharing)
  }

  /// Calls the body with the places of some entities and their vectors, until it has had all.
  func forEachPart(of most: Int, _ body: (_ places: Range<Int>, _ vectors: Tensor<Float>) -> Void) {
    let count = vectors.shape[0]
    guard count > most else { return body(0..<count, vectors) }
    for first in stride(from: 0, to: count, by: most) {
      let part = first..<min(first + most, count)
      body(part, vectors.slice(part, axis: 0))
    }
  }

  /// The places of those of some entities that are here.
  func places(of entities: Set<Int32>) -> [Int] {
    guard let sharing else { return entities.map { Int($0) } }
    let own = entities.filter { sharing.classes.contains(sharing.rowClass(of: $0)) }
    return sharing.places(of: Array(own)).map { Int($0) }
  }

  /// The entities of all processes with the largest scores as a question's tail, largest first; of equal scores the
  /// lower number comes first.
  func best(_ count: Int, for question: Fact, by model: GraphModel, _ ranks: Ranks) throws -> [Int32] {
    let queries = try model.queriesAndTails(of: [question], ranks).queries
    var own: (scores: [Float], entities: [Int32]) = ([], [])
    if vectors.shape[0] > 0 {
      let (scores, places) = model.scores(ofVectors: vectors, for: queries).topK(min(count, vectors.shape[0]))
      own = (Array(scores.elements), places.map { place in sharing.map { Int32($0.row(at: Int(place))) } ?? place })
    }
    let all = zip(try ranks.all(own.scores).joined(), try ranks.all(own.entities).joined())
    return all.sorted { ($1.0, $0.1) < ($0.0, $1.1) }.prefix(count).map(\.1)
  }
}
