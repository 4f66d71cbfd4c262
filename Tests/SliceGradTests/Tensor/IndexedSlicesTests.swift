import SliceGrad
import Testing

@Suite struct IndexedSlicesTests {
  /// Random slices with repeats, and the sum of each row's numbers in the order of their positions.
  struct Example {
    var slices: IndexedSlices<Double>
    var order: [Int32] = []
    var sums: [Int32: [Double]] = [:]

    init(rows: Int, columns: Int, count: Int, using generator: inout RandomGenerator) {
      let indices = generator.indices(count: count, tableRows: rows)
      let values = generator.tensor([count, columns], of: Double.self)
      slices = IndexedSlices(indices: indices, values: values, denseShape: [rows, columns])
      for (position, index) in indices.enumerated() {
        if sums[index] == nil {
          order.append(index)
          sums[index] = [Double](repeating: 0, count: columns)
        }
        for column in 0..<columns { sums[index]![column] += values[position, column] }
      }
    }

    static func random(count: Int, seed: UInt64) -> [Example] {
      var generator = RandomGenerator(seed: seed)
      return (0..<count).map { _ in
        Example(
          rows: Int.random(in: 1...40, using: &generator), columns: Int.random(in: 0...5, using: &generator),
          count: Int.random(in: 0...60, using: &generator), using: &generator)
      }
    }
  }

  @Test func coalescingSumsRepeats() {
    for example in Example.random(count: 300, seed: 1) {
      let coalesced = example.slices.coalesced()
      #expect(coalesced.isCoalesced)
      #expect(coalesced.indices == example.order)
      #expect(coalesced.denseShape == example.slices.denseShape)
      #expect(Array(coalesced.values.elements) == example.order.flatMap { example.sums[$0]! })
      #expect(coalesced.coalesced() == coalesced)
    }
  }

  /// Row numbers that fall on one place of the hash table, and the largest there is.
  @Test func coalescingOfScatteredRows() {
    let rows = (0..<200).map { Int32($0) << 20 } + [Int32.max - 1, 0, 5, Int32.max - 1]
    let values = Tensor<Double>(shape: [rows.count, 1], elements: rows.indices.map { Double($0 + 1) })
    let coalesced = IndexedSlices(indices: rows, values: values, denseShape: [Int(Int32.max), 1]).coalesced()
    #expect(coalesced.indices == Array(rows[..<201]) + [5])
    #expect(coalesced.values[0, 0] == 1 + 202)
    #expect(coalesced.values[200, 0] == 201 + 204)
  }

  @Test func densified() {
    for example in Example.random(count: 100, seed: 2) {
      let dense = example.slices.densified()
      #expect(dense.shape == example.slices.denseShape)
      for position in positions(of: dense.shape) {
        #expect(dense.element(broadcastTo: position) == example.sums[Int32(position[0])]?[position[1]] ?? 0)
      }
      #expect(example.slices.coalesced().densified() == dense)
    }
  }

  /// The norm of the matrix, not of the list of rows: repeats count as their sum.
  @Test func squaredNorm() {
    for example in Example.random(count: 100, seed: 3) {
      let expected = example.sums.values.joined().reduce(0) { $0 + $1 * $1 }
      #expect(abs(example.slices.squaredNorm - expected) <= 1e-14 * expected)
    }
    let opposite = IndexedSlices(indices: [4, 4], values: Tensor<Float>([[3], [-3]]), denseShape: [5, 1])
    #expect(opposite.squaredNorm == 0)
  }

  @Test func scaling() {
    for example in Example.random(count: 20, seed: 4) {
      var scaled = example.slices
      scaled *= -3
      #expect(scaled == example.slices * -3)
      #expect(scaled.indices == example.slices.indices)
      #expect(scaled.values == example.slices.values * -3)
    }
  }

  @Test func addition() {
    var generator = RandomGenerator(seed: 5)
    for (leftCount, rightCount) in [(0, 0), (0, 1), (1, 0), (1, 1), (7, 12)] {
      let left = Example(rows: 6, columns: 3, count: leftCount, using: &generator).slices
      let right = Example(rows: 6, columns: 3, count: rightCount, using: &generator).slices
      var sum = left
      sum += right
      #expect(sum == left + right)
      #expect(sum.count == leftCount + rightCount)
      #expect(sum.densified().distance(to: left.densified() + right.densified()) < 1e-14)
      #expect(sum.coalesced().densified().distance(to: sum.densified()) == 0)
    }
  }

  /// Two lists without repeats may have a row in common: their sum is to be coalesced again.
  @Test func sumsOfCoalescedSlicesAreNotCoalesced() {
    let one = IndexedSlices(indices: [2], values: Tensor<Float>([[5]]), denseShape: [3, 1])
    #expect(one.isCoalesced)
    #expect(!(one + one).isCoalesced)
    #expect((one + one).coalesced() == one * 2)
  }

  @Test func empty() {
    let empty = IndexedSlices<Float>(denseShape: [1_000_000, 8])
    #expect(empty.count == 0)
    #expect(empty.isCoalesced)
    #expect(empty.squaredNorm == 0)
    #expect(empty.coalesced() == empty)
    #expect(empty * 2 == empty)
    #expect(empty + empty == empty)
    #expect(IndexedSlices<Float>(denseShape: [2, 3]).densified() == Tensor(zeros: [2, 3]))
    #expect(IndexedSlices<Float>(denseShape: [0, 3]).densified().count == 0)
  }
}
