import SliceGrad
import Testing

/// The memory of sparse rules, by way of Adagrad, whose state is a row's sum of squares.
@Suite struct RowStateTests {
  /// Adagrad over a table, with gradients of i + 1 for row i.
  private struct Adagrads {
    let shape: Shape
    let rule: Adagrad<IndexedSlices<Double>>
    var table: Tensor<Double>
    var state: Adagrad<IndexedSlices<Double>>.State

    init(shape: Shape, initialAccumulator: Double = 0) {
      self.shape = shape
      rule = Adagrad(initialAccumulator: initialAccumulator)
      table = Tensor(zeros: shape)
      state = rule.initialState(for: shape)
    }

    var memory: RowState<Double> { state.sumOfSquares! }

    mutating func touch(_ rows: [Int32]) {
      let values = rows.flatMap { [Double](repeating: Double($0 + 1), count: shape[1]) }
      let slices = IndexedSlices(
        indices: rows, values: Tensor(shape: [rows.count, shape[1]], elements: values), denseShape: shape)
      rule.update(&table, with: slices, state: &state, learningRateFactor: 1)
    }
  }

  /// Rows over several blocks keep their own numbers, in whatever order they come.
  @Test func rowsKeepTheirNumbers() {
    var generator = RandomGenerator(seed: 1)
    var adagrad = Adagrads(shape: [500, 1000])
    var touches = [Int](repeating: 0, count: 500)
    var order: [Int32] = []
    for _ in 0..<15 {
      let touched = Array(Set(generator.indices(count: 40, tableRows: 400)))
      adagrad.touch(touched)
      order += touched.filter { touches[Int($0)] == 0 }
      for row in touched { touches[Int(row)] += 1 }
    }
    #expect(order.count > 256)
    #expect(adagrad.memory.rows == order)
    for (row, count) in touches.enumerated() {
      #expect(adagrad.memory.touches(ofRow: row) == count)
      let sum = Double(count * (row + 1) * (row + 1))
      #expect(adagrad.memory[row: row].map { Set($0) } == (count == 0 ? nil : [sum]))
      #expect(adagrad.memory[row: row].map(\.count) ?? 1000 == 1000)
    }
  }

  @Test func newRowsStartWithTheInitialValue() {
    var adagrad = Adagrads(shape: [10, 2], initialAccumulator: 0.5)
    #expect(adagrad.memory[row: 7] == nil)
    adagrad.touch([7])
    adagrad.touch([2])
    #expect(adagrad.memory[row: 7].map(Array.init) == [64.5, 64.5])
    #expect(adagrad.memory[row: 2].map(Array.init) == [9.5, 9.5])
  }

  /// Memory for touched rows only, beside 4 bytes a row of the table.
  @Test func bytes() {
    var adagrad = Adagrads(shape: [100_000, 16])
    let start = adagrad.memory.byteCount
    #expect(start >= 400_000 && start < 410_000)
    adagrad.touch([99_999])
    let block = adagrad.memory.byteCount - start
    #expect(block > 16 * 8 && block < 2_100_000)
    adagrad.touch([5, 6, 7])
    #expect(adagrad.memory.byteCount - start < block + 1000)
  }

  @Test func isAValue() {
    var adagrad = Adagrads(shape: [10, 1])
    adagrad.touch([3])
    let before = adagrad.memory
    adagrad.touch([3, 4])
    #expect(before[row: 3]?.first == 16 && before[row: 4] == nil)
    #expect(adagrad.memory[row: 3]?.first == 32 && adagrad.memory[row: 4]?.first == 25)
  }

  /// Rows over several blocks, restored from their pieces, are the same; what doesn't fit changes nothing.
  @Test func restoring() {
    var adagrad = Adagrads(shape: [500, 1000])
    adagrad.touch(Array(stride(from: 0, to: 490, by: 1)))
    adagrad.touch([489, 3])
    let memory = adagrad.memory
    let elements = memory.pieces.flatMap { Array($0) }
    #expect(memory.pieces.count > 1 && elements.count == 490 * 1000)
    let values = Tensor(shape: [490, 1000], elements: elements)
    var restored = Adagrads(shape: [500, 1000]).memory
    for (rows, touches, problem) in [
      ([500] + memory.rows.dropFirst(), memory.touches, "row number 500 at position 0 is not in 0..<500"),
      ([3] + memory.rows.dropFirst(), memory.touches, "a row that is there twice"),
      (memory.rows, [-1] + memory.touches.dropFirst(), "a row that was touched -1 times"),
    ] as [([Int32], [Int32], String)] {
      #expect(restored.restore(rows: rows, touches: touches, values: values)?.contains(problem) == true, "\(problem)")
      #expect(restored.rows == [])
    }
    #expect(restored.restore(rows: memory.rows, touches: memory.touches, values: values) == nil)
    #expect(restored.rows == memory.rows && restored.touches == memory.touches)
    for row in 0..<500 { #expect(restored[row: row].map(Array.init) == memory[row: row].map(Array.init)) }
  }

  /// Counting ends before it could overflow.
  @Test func mostTouches() {
    var memory = Adagrads(shape: [2, 1]).memory
    #expect(memory.restore(rows: [1], touches: [Int32.max - 1], values: Tensor([[0]])) == nil)
    var table = Tensor<Double>(zeros: [2, 1])
    for _ in 0..<3 {
      memory.update(IndexedSlices(indices: [1], values: Tensor([[1]]), denseShape: [2, 1]), of: &table) { _, _, _ in }
    }
    #expect(memory.touches(ofRow: 1) == Int(Int32.max))
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("RowState: row 4 is not in 0..<4") {
      _ = RowState<Float>(tableShape: [4, 2], width: 2).touches(ofRow: 4)
    },
    ProgrammingError("RowState: row -1 is not in 0..<4") {
      _ = RowState<Float>(tableShape: [4, 2], width: 2)[row: -1]
    },
    ProgrammingError("RowState: width 9223372036854775807 is not in 0...2147483647") {
      _ = RowState<Float>(tableShape: [4, 2], width: .max)
    },
    ProgrammingError("RowState: shape [4] is not [v, d]") { _ = RowState<Float>(tableShape: [4], width: 2) },
  ]

  /// Also with several blocks, each of which is copied when it is first written to.
  @Test func isAValueOfManyBlocks() {
    let rows = [Int32](0..<500)
    var adagrad = Adagrads(shape: [500, 1000])
    adagrad.touch(rows)
    let before = adagrad.memory
    #expect(adagrad.memory.byteCount > 500 * 1000 * 8)
    adagrad.touch(rows.filter { $0 % 2 == 0 })
    let squares = rows.indices.map { Double(($0 + 1) * ($0 + 1)) }
    #expect(rows.indices.map { before[row: $0]!.last! } == squares)
    let sums = squares.indices.map { squares[$0] * [2, 1][$0 % 2] }
    #expect(rows.indices.map { adagrad.memory[row: $0]!.last! } == sums)
  }
}
