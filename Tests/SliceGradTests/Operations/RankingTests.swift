import SliceGrad
import Testing

@Suite struct RankingTests {
  /// Against sorting, with many ties.
  @Test func largestElements() {
    var generator = RandomGenerator(seed: 1)
    for _ in 0..<100 {
      let shape = generator.shape(ranks: 1...3, dimensions: 1...6)
      let x = Tensor<Float>(
        shape: shape, elements: (0..<shape.elementCount).map { _ in Float(Int.random(in: 0..<4, using: &generator)) })
      let (n, count) = (shape[-1], Int.random(in: 1...shape[-1], using: &generator))
      let (values, indices) = x.topK(count)
      #expect(Array(values.shape) == shape.dropLast() + [count] && indices.count == values.count)
      for row in 0..<x.count / n {
        let elements = Array(x.elements[row * n..<(row + 1) * n])
        let sorted = (0..<n).sorted { (-elements[$0], $0) < (-elements[$1], $1) }.prefix(count)
        #expect(indices[row * count..<(row + 1) * count].map(Int.init) == Array(sorted))
        #expect(Array(values.elements[row * count..<(row + 1) * count]) == sorted.map { elements[$0] })
      }
    }
  }

  @Test func positionsOfMaxima() {
    var generator = RandomGenerator(seed: 2)
    for _ in 0..<50 {
      let x = generator.tensor(generator.shape(ranks: 1...4, dimensions: 1...4), of: Double.self)
      for axis in -x.rank..<x.rank {
        let (indices, maxima) = (x.argmax(axis: axis), x.max(over: [axis]))
        let resolved = axis < 0 ? axis + x.rank : axis
        for (n, position) in positions(of: maxima.shape).enumerated() {
          var whole = position
          whole.insert(Int(indices[n]), at: resolved)
          #expect(x.element(broadcastTo: whole) == maxima.element(broadcastTo: position))
        }
      }
    }
    #expect(Tensor<Float>([[1, 3, 3], [2, 0, 2]]).argmax() == [1, 0])
    #expect(Tensor<Float>([[1, 3, 3], [2, 0, 2]]).argmax(axis: 0) == [1, 0, 0])
    #expect(Tensor<Float>(zeros: [0, 3]).argmax() == [])
  }

  @Test func notANumberIsTheLargest() {
    let x = Tensor<Float>([1, .nan, .infinity, .nan])
    #expect(x.argmax() == [1])
    #expect(x.topK(3).indices == [1, 3, 2])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("argmax: axis 1 of shape [2, 0] has no elements") { _ = Tensor<Float>(zeros: [2, 0]).argmax() },
    ProgrammingError("topK: 4 is not in 1...3, for shape [2, 3]") { _ = Tensor<Float>(zeros: [2, 3]).topK(4) },
    ProgrammingError("topK: a scalar has no axis") { _ = Tensor<Float>(3).topK(1) },
    ProgrammingError("topK: 0 is not in 1...3, for shape [2, 3]") { _ = Tensor<Float>(zeros: [2, 3]).topK(0) },
  ]
}
