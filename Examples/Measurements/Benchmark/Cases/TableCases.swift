import MeasurementParts
import SliceGrad

// Steps that touch a few rows of a table.

extension Case {
  private static let tableRows = [10_000, 100_000, 1_000_000]
  private static let columns = 64
  private static let indexCount = 4096
  private static let learningRate = 0.01

  /// Look-up, sum of squares, backward, merging repeated rows, update.
  static var embeddingSteps: [Case] { forEachTable("embeddingStep", prepareEmbeddingStep) }

  /// The optimizer alone: merging repeated rows, update.
  static var sparseAdam: [Case] { forEachTable("sparseAdam", prepareSparseAdam) }

  /// The same with rows that catch up, so that it is Adam: catching up, merging repeated rows, update. Each step has
  /// other rows, which have missed some steps.
  static var caughtUpAdam: [Case] {
    tableRows.map { tableRows in
      Case(
        name: "caughtUpAdam",
        details: [
          "rows": .number(tableRows), "columns": .number(columns), "indices": .number(indexCount),
          "distribution": .text("uniform"),
        ],
        prepare: { try prepareCaughtUpAdam(tableRows) })
    }
  }

  /// The same number of different rows in a small and in a very large table: nothing should depend on its size.
  static var scaling: [Case] {
    [100_000, 10_000_000].map { tableRows in
      let indices = Distribution.distinctRowNumbers(indexCount, tableRows: tableRows)
      return Case(
        name: "scaling",
        details: [
          "rows": .number(tableRows), "columns": .number(columns), "indices": .number(indexCount),
          "uniqueRows": .number(indexCount),
        ],
        prepare: { try prepareSparseAdam(tableRows, indices) })
    }
  }

  private static func forEachTable(
    _ name: String, _ prepare: @escaping (_ tableRows: Int, _ indices: [Int32]) throws -> PreparedCase
  ) -> [Case] {
    tableRows.flatMap { tableRows in
      Distribution.allCases.map { distribution in
        let indices = distribution.rowNumbers(indexCount, tableRows: tableRows)
        return Case(
          name: name,
          details: [
            "rows": .number(tableRows), "columns": .number(columns), "indices": .number(indexCount),
            "distribution": .text(distribution.rawValue), "uniqueRows": .number(Set(indices).count),
          ],
          prepare: { try prepare(tableRows, indices) })
      }
    }
  }

  private static func prepareEmbeddingStep(_ tableRows: Int, _ indices: [Int32]) throws -> PreparedCase {
    var generator = RandomGenerator(seed: 1)
    var model = Vectors(embedding: Embedding(rows: tableRows, columns: columns, using: &generator))
    var optimizer = ModelOptimizer(for: model, sparse: SparseAdam(learningRate: learningRate))
    @discardableResult
    func step() -> Float {
      let (loss, gradients) = valueWithGradients(at: model) { model in
        model.embedding(indices).square().sum()
      }
      optimizer.update(&model, with: gradients)
      return loss
    }

    // Some thousand steps bring the rows to 0, and at last to subnormal numbers, with which processors are slow. The
    // peers, who make fewer steps in the time, don't come that far.
    let start = model.embedding.weight.value.rows(indices)
    func restart() {
      for (row, numbers) in start {
        for (column, number) in numbers.enumerated() { model.embedding.weight.value[Int(row), column] = number }
      }
      optimizer = ModelOptimizer(for: model, sparse: SparseAdam(learningRate: learningRate))
    }

    var reference = TableReference(of: model.embedding.weight.value, touching: indices, learningRate: learningRate)
    for _ in 0..<2 {
      let rows = reference.rows
      let loss = indices.reduce(0) { sum, row in rows[row]!.parameters.reduce(sum) { $0 + $1 * $1 } }
      try expect(step(), equals: loss, tolerance: 1e-4 * loss, "the loss")
      reference.update(indices) { position in rows[indices[position]]!.parameters.map { 2 * $0 } }
    }
    try reference.check(model.embedding.weight.value)
    return PreparedCase(stateBytes: optimizer.stateByteCount, restart: restart, step: { step() })
  }

  private static func prepareSparseAdam(_ tableRows: Int, _ indices: [Int32]) throws -> PreparedCase {
    var generator = RandomGenerator(seed: 1)
    var table = Tensor<Float>(uniform: [tableRows, columns], in: -1..<1, using: &generator)
    let slices = Tensor<Float>(normal: [indices.count, columns], using: &generator)
    let gradient = IndexedSlices(indices: indices, values: slices, denseShape: table.shape)
    let rule = SparseAdam<Float>(learningRate: learningRate)
    var state = rule.initialState(for: table.shape)

    var reference = TableReference(of: table, touching: indices, learningRate: learningRate)
    reference.update(indices) { position in gradient.values.row(position).elements.map(Double.init) }
    rule.update(&table, with: gradient, state: &state)
    try reference.check(table)
    for (row, expected) in reference.rows {
      for (result, expected) in zip(state.firstMoment(ofRow: Int(row)) ?? [], expected.firstMoment) {
        try expect(result, equals: expected, tolerance: 1e-4, "a first moment of row \(row)")
      }
    }
    return PreparedCase(
      stateBytes: state.moments.byteCount, step: { rule.update(&table, with: gradient, state: &state) })
  }
}

extension Case {
  fileprivate static func prepareCaughtUpAdam(_ tableRows: Int) throws -> PreparedCase {
    let rule = SparseAdam<Float>(learningRate: learningRate, inactiveRows: .caughtUp)
    var generator = RandomGenerator(seed: 1)
    let slices = Tensor<Float>(normal: [indexCount, columns], using: &generator)
    func step(_ indices: [Int32], _ table: inout Tensor<Float>, _ state: inout SparseAdam<Float>.State) {
      rule.catchUp(&table, rows: indices, state: &state)
      let gradient = IndexedSlices(indices: indices, values: slices, denseShape: table.shape)
      rule.update(&table, with: gradient, state: &state)
    }
    func indices() -> [Int32] {
      (0..<indexCount).map { _ in Int32.random(in: 0..<Int32(tableRows), using: &generator) }
    }

    // All rows of a small table by Adam, of which each step gives every other row a gradient.
    let rows: [Int32] = Array(0..<Int32(2 * indexCount))
    var small = Tensor<Float>(uniform: [rows.count, columns], in: -1..<1, using: &generator)
    var smallState = rule.initialState(for: small.shape)
    var expected = rows.map { AdamReference(small.row(Int($0)).elements, learningRate: learningRate) }
    for first in [0, 1, 1, 1, 0] {
      step(rows.filter { Int($0) % 2 == first }, &small, &smallState)
      for row in expected.indices {
        let hasGradient = row % 2 == first
        expected[row].update(gradient: slices.row(row / 2).elements.map { hasGradient ? Double($0) : 0 })
      }
    }
    rule.settle(&small, state: &smallState)
    for (row, reference) in expected.enumerated() {
      for (result, expected) in zip(small.row(row).elements, reference.parameters) {
        try expect(result, equals: expected, tolerance: 1e-5, "an element of row \(row)")
      }
    }

    var table = Tensor<Float>(uniform: [tableRows, columns], in: -1..<1, using: &generator)
    var state = rule.initialState(for: table.shape)
    let batches = (0..<512).map { _ in indices() }
    for batch in batches { step(batch, &table, &state) }
    var next = 0
    return PreparedCase(
      stateBytes: state.moments.byteCount,
      step: {
        step(batches[next % batches.count], &table, &state)
        next += 1
      })
  }
}

/// A table of vectors and nothing else.
private struct Vectors: Module {
  var embedding: Embedding<Float>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&embedding, "embedding")
  }
}
