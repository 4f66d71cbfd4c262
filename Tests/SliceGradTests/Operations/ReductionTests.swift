import Foundation
import SliceGrad
import Testing

@Suite struct ReductionTests {
  /// Some axes of a shape, a few of them negative, or nil.
  private func randomAxes(of shape: Shape, _ generator: inout RandomGenerator) -> [[Int]?] {
    var subsets: [[Int]?] = [nil]
    for bits in 0..<(1 << shape.rank) {
      let axes = (0..<shape.rank).filter { bits >> $0 & 1 == 1 }.shuffled(using: &generator)
      subsets.append(axes.map { Bool.random(using: &generator) ? $0 : $0 - shape.rank })
    }
    return subsets
  }

  /// The elements of each group that a reduction makes one, in row-major order.
  private func groups<Scalar>(_ x: Tensor<Scalar>, _ axes: [Int]?) -> (kept: Shape, removed: Shape, groups: [[Scalar]])
  {
    let reduced = Set((axes ?? Array(0..<x.rank)).map { $0 < 0 ? $0 + x.rank : $0 })
    let kept = Shape((0..<x.rank).map { reduced.contains($0) ? 1 : x.shape[$0] })
    let removed = Shape((0..<x.rank).filter { !reduced.contains($0) }.map { x.shape[$0] })
    var groups: [[Int]: [Scalar]] = [:]
    for position in positions(of: x.shape) {
      let key = (0..<x.rank).map { reduced.contains($0) ? 0 : position[$0] }
      groups[key, default: []].append(x.element(broadcastTo: position))
    }
    return (kept, removed, positions(of: kept).map { groups[$0] ?? [] })
  }

  /// Random tensors of rank 0 to 4 with every subset of their axes, and some of rank 8.
  private func forEachCase(seed: UInt64, _ body: (Tensor<Double>, [Int]?) -> Void) {
    var generator = RandomGenerator(seed: seed)
    for _ in 0..<60 {
      let x = generator.tensor(generator.shape(dimensions: 0...4), of: Double.self)
      for axes in randomAxes(of: x.shape, &generator) { body(x, axes) }
    }
    // As many dimensions as there can be, of which no two neighbours can be treated as one.
    let x = generator.tensor([2, 3, 2, 2, 3, 2, 2, 3], of: Double.self)
    for axes in [[0, 2, 4, 6], [1, 3, 5, 7], [7, -8, 3]] { body(x, axes) }
  }

  @Test func sums() {
    forEachCase(seed: 1) { x, axes in
      let (kept, removed, groups) = groups(x, axes)
      let expected = Tensor<Double>(shape: kept, elements: groups.map { $0.reduce(0, +) })
      let sums = x.sum(over: axes, keepingDimensions: true)
      #expect(sums.distance(to: expected) <= 1e-13, "\(x.shape) over \(axes.map { "\($0)" } ?? "all")")
      #expect(x.sum(over: axes) == sums.reshaped(to: removed))
    }
  }

  @Test func logarithmsOfSums() {
    forEachCase(seed: 3) { x, axes in
      let (kept, removed, groups) = groups(x, axes)
      guard groups.allSatisfy({ !$0.isEmpty }) else { return }
      let expected = Tensor<Double>(
        shape: kept, elements: groups.map { log($0.reduce(0) { sum, x in sum + exp(x) }) })
      let results = x.logSumExp(over: axes, keepingDimensions: true)
      #expect(results.distance(to: expected) <= 1e-13, "\(x.shape) over \(axes.map { "\($0)" } ?? "all")")
      #expect(x.logSumExp(over: axes) == results.reshaped(to: removed))
    }
  }

  /// Sums beyond the largest number, without an element that counts, and infinite ones.
  @Test func logarithmsOfExtremeSums() {
    let infinity = Float.infinity
    let x = Tensor<Float>([[1000, 1000], [-1000, -infinity], [-infinity, -infinity], [infinity, 0]])
    let (_, gradients) = valueWithGradients(at: [x]) { x in
      let result = x[0].logSumExp(over: [1])
      #expect(abs(result.value[0] - 1000.6931) < 1e-3)
      #expect(Array(result.value.elements.dropFirst()) == [-1000, -infinity, infinity])
      return result.slice(0..<3, axis: 0).sum()
    }
    #expect(gradients[0].slice(0..<3, axis: 0) == Tensor([[0.5, 0.5], [1, 0], [0, 0]]))
  }

  @Test func cumulativeSums() {
    var generator = RandomGenerator(seed: 4)
    for shape in [[7], [3, 5], [2, 3, 4], [0, 3], [3, 0]] as [Shape] {
      let x = generator.tensor(shape, of: Double.self)
      for axis in 0..<shape.rank {
        let sums = x.cumulativeSum(axis: axis)
        #expect(sums == x.cumulativeSum(axis: axis - shape.rank))
        for end in 0..<shape[axis] {
          let expected = x.slice(0..<end + 1, axis: axis).sum(over: [axis])
          #expect(sums.slice(end..<end + 1, axis: axis).reshaped(to: expected.shape).distance(to: expected) < 1e-14)
        }
      }
    }
  }

  @Test func means() {
    forEachCase(seed: 2) { x, axes in
      let (kept, removed, groups) = groups(x, axes)
      let means = x.mean(over: axes, keepingDimensions: true)
      #expect(means.shape == kept)
      #expect(x.mean(over: axes).shape == removed)
      for (mean, group) in zip(means.elements, groups) {
        let expected = group.reduce(0, +) / Double(group.count)
        #expect(group.isEmpty ? mean.isNaN : abs(mean - expected) <= 1e-14)
      }
    }
  }

  @Test func maxima() {
    forEachCase(seed: 3) { x, axes in
      let (kept, removed, groups) = groups(x, axes)
      guard groups.allSatisfy({ !$0.isEmpty }) else { return }
      let maxima = x.max(over: axes, keepingDimensions: true)
      #expect(maxima == Tensor(shape: kept, elements: groups.map { $0.max()! }))
      #expect(x.max(over: axes) == maxima.reshaped(to: removed))
    }
  }

  /// Adding a million numbers one by one in Float would be off by one in a hundred: parts are summed in double.
  @Test func longSums() {
    let x = Tensor<Float>(repeating: 0.1, shape: [1_000_000])
    #expect(abs(x.sum().scalar / 100_000 - 1) < 1e-5)
    #expect(abs(x.mean().scalar / 0.1 - 1) < 1e-5)
  }

  /// A running Float sum of so many would be off by parts in a hundred.
  @Test func longSumsOverAnyAxes() {
    let long = Tensor<Float>(repeating: 0.1, shape: [40_000, 2])
    for (x, axes) in [
      (long, [0]), (long.reshaped(to: [2, 20_000, 2]), [1]), (long.reshaped(to: [200, 2, 200]), [0, 2]),
    ] {
      let sums = x.sum(over: axes)
      let expected = 0.1 * Float(x.count / sums.count)
      #expect(sums.elements.allSatisfy { abs($0 / expected - 1) < 1e-5 }, "\(axes): \(sums)")
    }
  }

  @Test func maximaOfSpecialNumbers() {
    let infinity = Float.infinity
    let x = Tensor<Float>([
      [-infinity, -infinity, -infinity], [1, infinity, 2], [.nan, 5, infinity], [5, .nan, 1], [3, 1, .nan],
      [-0.0, -1, -2],
    ])
    for maxima in [x.max(over: [1]), x.transposed().max(over: [0])] {
      #expect(maxima[0] == -infinity)
      #expect(maxima[1] == infinity)
      #expect(maxima[2].isNaN && maxima[3].isNaN && maxima[4].isNaN)
      #expect(maxima[5] == 0)
    }
  }

  /// The gradient of maxima over rows and over columns, which run through different loops.
  private func maximumGradients(_ rows: [[Double]]) -> (overRows: Tensor<Double>, overColumns: Tensor<Double>) {
    let x = Tensor(rows)
    let weights = Variable(Tensor(shape: [rows.count], elements: rows.indices.map { Double($0 + 1) }))
    let overRows = valueWithGradients(at: [x]) { ($0[0].max(over: [1]) * weights).sum() }.gradients[0]
    let overColumns = valueWithGradients(at: [x.transposed()]) { ($0[0].max(over: [0]) * weights).sum() }.gradients[0]
    return (overRows, overColumns.transposed())
  }

  @Test func tiesGoToTheFirst() {
    let infinity = Double.infinity
    let (overRows, overColumns) = maximumGradients([
      [1, 3, 3], [2, 2, 2], [0, -0.0, -1], [-infinity, -infinity, -infinity], [infinity, 0, infinity], [1, .nan, .nan],
    ])
    let expected = Tensor<Double>([[0, 1, 0], [2, 0, 0], [3, 0, 0], [4, 0, 0], [5, 0, 0], [0, 6, 0]])
    #expect(overRows == expected)
    #expect(overColumns == expected)
    let all = valueWithGradients(at: [Tensor<Double>([[1, 7], [7, 2]])]) { $0[0].max() * 5 }
    #expect(all.gradients[0] == Tensor([[0, 5], [0, 0]]))
  }

  @Test func norms() {
    let x = Tensor<Double>([[3, 4], [0, 0], [-2, 0]])
    #expect(x.norm(over: [1]) == Tensor([5, 0, 2]) && x.norm(over: [1], keepingDimensions: true).shape == [3, 1])
    #expect(abs(x.norm().scalar - 29.squareRoot()) < 1e-15)
    let (value, gradients) = valueWithGradients(at: [x]) { ($0[0].norm(over: [1]) * Tensor([1, 1, 10])).sum() }
    #expect(value == 25)
    #expect(gradients[0].distance(to: Tensor([[0.6, 0.8], [0, 0], [-10, 0]])) < 1e-15)
    #expect(valueWithGradients(at: [Tensor<Double>(zeros: [2])]) { $0[0].norm() }.gradients == [Tensor([0, 0])])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("max: shape [2, 0] has no elements") { _ = Tensor<Float>(zeros: [2, 0]).max(over: [1]) },
    ProgrammingError("axis 2 is not in -2..<2, the axes of shape [3, 4]") {
      _ = Variable(Tensor<Float>(zeros: [3, 4])).sum(over: [2])
    },
  ]
}
