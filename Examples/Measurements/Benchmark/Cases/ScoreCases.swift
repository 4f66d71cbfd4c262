import MeasurementParts
import SliceGrad

// Vectors scored against rows of a table.

extension Case {
  private static let tableRows = 100_000
  private static let columns = 100
  private static let batch = 512
  private static let candidates = 64

  /// Scores of 64 rows for each vector of a batch, sum of squares, backward to the vectors and to the rows, which are
  /// merged.
  static var scores: Case {
    Case(
      name: "scores",
      details: [
        "rows": .number(tableRows), "columns": .number(columns), "batch": .number(batch),
        "candidates": .number(candidates),
      ],
      prepare: prepareScores)
  }

  private static func prepareScores() throws -> PreparedCase {
    var generator = RandomGenerator(seed: 1)
    let indices = Distribution.uniform.rowNumbers(batch * candidates, tableRows: tableRows)
    let model = ScoredTable(
      table: EmbeddingTable(Tensor(normal: [tableRows, columns], using: &generator)),
      vectors: Parameter(Tensor(normal: [batch, columns], using: &generator)))
    func gradients() -> (value: Float, gradients: Gradients<ScoredTable>) {
      valueWithGradients(at: model) { model in
        model.table.scores(of: indices, shape: [batch, candidates], against: model.vectors.variable).square().sum()
      }
    }
    try check(gradients(), model, indices)
    return PreparedCase(step: { _ = gradients() })
  }

  /// Compares the loss and the gradients with those of plain loops in Double.
  private static func check(
    _ result: (value: Float, gradients: Gradients<ScoredTable>), _ model: ScoredTable, _ indices: [Int32]
  ) throws {
    let vectors = (0..<batch).map { model.vectors.value.row($0).elements.map(Double.init) }
    let rows = model.table.value.rows(indices).mapValues { $0.map(Double.init) }
    var (loss, vectorGradients) = (0.0, vectors.map { $0.map { _ in 0.0 } })
    var rowGradients = rows.mapValues { $0.map { _ in 0.0 } }
    for (position, row) in indices.enumerated() {
      let vector = position / candidates
      let score = zip(vectors[vector], rows[row]!).reduce(0) { $0 + $1.0 * $1.1 }
      loss += score * score
      for column in 0..<columns {
        vectorGradients[vector][column] += 2 * score * rows[row]![column]
        rowGradients[row]![column] += 2 * score * vectors[vector][column]
      }
    }
    try expect(result.value, equals: loss, tolerance: 1e-4 * loss, "the loss")
    let found = result.gradients[\.vectors, in: model]!
    let slices = result.gradients[\.table, in: model]!
    for (vector, expected) in vectorGradients.enumerated() {
      for (found, expected) in zip(found.row(vector).elements, expected) {
        try expect(found, equals: expected, tolerance: 0.01, "an element of the gradient of vector \(vector)")
      }
    }
    for (place, row) in slices.indices.enumerated() {
      for (found, expected) in zip(slices.values.row(place).elements, rowGradients[row]!) {
        try expect(found, equals: expected, tolerance: 0.01, "an element of the gradient of row \(row)")
      }
    }
  }
}

/// A table and the vectors that are scored against it.
private struct ScoredTable: Module {
  var table: EmbeddingTable<Float>
  var vectors: Parameter<Float>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&table, "table")
    visit(&vectors, "vectors")
  }
}
