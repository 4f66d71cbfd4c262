import SliceGrad
import Testing

@Suite struct ShapingTests {
  @Test func reshaping() {
    let x = Tensor<Float>([[1, 2, 3], [4, 5, 6]])
    #expect(x.reshaped(to: [3, 2]) == Tensor([[1, 2], [3, 4], [5, 6]]))
    #expect(x.reshaped(to: [6]).elements == x.elements)
    #expect(Tensor<Float>([7]).reshaped(to: []) == Tensor(7))
    #expect(Tensor<Float>(zeros: [2, 0]).reshaped(to: [0, 5, 3]).shape == [0, 5, 3])
    #expect(x.reshaped(to: [-1]).elements == x.elements && x.reshaped(to: [3, -1]) == x.reshaped(to: [3, 2]))
    #expect(Tensor<Float>(zeros: [2, 0]).reshaped(to: [5, -1, 3]).shape == [5, 0, 3])
  }

  @Test func broadcasting() {
    var generator = RandomGenerator(seed: 1)
    for _ in 0..<100 {
      let whole = generator.shape()
      let x = generator.tensor(generator.shape(broadcastingTo: whole), of: Float.self)
      let expected = positions(of: whole).map { x.element(broadcastTo: $0) }
      #expect(x.broadcast(to: whole) == Tensor(shape: whole, elements: expected))
    }
  }

  /// Every permutation of every shape of rank 0 to 3 with dimensions 0 to 3, axes counted from the front and the back.
  @Test func transposing() {
    let permutations: [[[Int]]] = [
      [[]], [[0]], [[0, 1], [1, 0]], [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]],
    ]
    var generator = RandomGenerator(seed: 2)
    for rank in 0...3 {
      for dimensions in positions(of: Shape(repeatElement(4, count: rank))) {
        let x = generator.tensor(Shape(dimensions), of: Float.self)
        for axes in permutations[rank] {
          let result = x.transposed(axes)
          #expect(Array(result.shape) == axes.map { x.shape[$0] })
          let expected = positions(of: result.shape).map { position in
            var original = [Int](repeating: 0, count: rank)
            for (axis, index) in zip(axes, position) { original[axis] = index }
            return x.element(broadcastTo: original)
          }
          #expect(Array(result.elements) == expected)
          #expect(x.transposed(axes.map { $0 - rank }) == result)
        }
        if rank >= 2 { #expect(x.transposed() == x.transposed(permutations[rank][1])) }
      }
    }
    #expect(generator.tensor([2, 3, 4, 5], of: Float.self).transposed([3, 1, 0, 2]).shape == [5, 3, 2, 4])
    let x = generator.tensor([2, 3, 1, 2, 2, 3, 2, 2], of: Float.self)
    let reversed = x.transposed([7, 6, 5, 4, 3, 2, 1, 0])
    for position in positions(of: x.shape) {
      #expect(x.element(broadcastTo: position) == reversed.element(broadcastTo: position.reversed()))
    }
  }

  @Test func slicing() {
    var generator = RandomGenerator(seed: 3)
    for _ in 0..<100 {
      let x = generator.tensor(generator.shape(ranks: 1...4), of: Float.self)
      let axis = Int.random(in: 0..<x.rank, using: &generator)
      let start = Int.random(in: 0...x.shape[axis], using: &generator)
      let range = start..<Int.random(in: start...x.shape[axis], using: &generator)
      let part = x.slice(range, axis: axis)
      var shape = x.shape
      shape[axis] = range.count
      let expected = positions(of: shape).map { position in
        var original = position
        original[axis] += start
        return x.shape[axis] == 1 ? x.element(broadcastTo: position) : x.element(broadcastTo: original)
      }
      #expect(part == Tensor(shape: shape, elements: expected))
      #expect(x.slice(range, axis: axis - x.rank) == part)
    }
  }

  @Test func splitting() {
    let x = Tensor<Float>([[1, 2, 3, 4], [5, 6, 7, 8]])
    #expect(x.split(into: 2, axis: 1) == [Tensor([[1, 2], [5, 6]]), Tensor([[3, 4], [7, 8]])])
    #expect(x.split(into: 2, axis: 0) == [Tensor([[1, 2, 3, 4]]), Tensor([[5, 6, 7, 8]])])
    #expect(x.split(sizes: [1, 0, 3], axis: -1).map(\.shape) == [[2, 1], [2, 0], [2, 3]])
    #expect(Tensor.concatenate(x.split(sizes: [1, 0, 3], axis: -1), axis: 1) == x)
    #expect(x.unstacked() == [Tensor([1, 2, 3, 4]), Tensor([5, 6, 7, 8])])
    #expect(x.unstacked(axis: -1).count == 4 && x.unstacked(axis: -1)[2] == Tensor([3, 7]))
    #expect(Tensor.stack(x.unstacked(axis: 1), axis: 1) == x)
    let variable = Variable(x)
    #expect(variable.split(into: 2, axis: 1).map(\.value) == x.split(into: 2, axis: 1))
    #expect(variable.split(sizes: [3, 1], axis: 1).map(\.value) == x.split(sizes: [3, 1], axis: 1))
    #expect(variable.unstacked(axis: 1).map(\.value) == x.unstacked(axis: 1))
  }

  /// Against adding element by element.
  @Test func addingToSlices() {
    var generator = RandomGenerator(seed: 5)
    for _ in 0..<100 {
      let x = generator.tensor(generator.shape(ranks: 1...4, dimensions: 1...4), of: Float.self)
      let axis = Int.random(in: 0..<x.rank, using: &generator)
      let start = Int.random(in: 0...x.shape[axis], using: &generator)
      let range = start..<Int.random(in: start...x.shape[axis], using: &generator)
      let addend = generator.tensor(x.slice(range, axis: axis).shape, of: Float.self)
      var (sum, expected) = (x, x)
      sum.add(addend, toSlice: range, axis: axis - x.rank)
      for position in positions(of: addend.shape) {
        var whole = position
        whole[axis] += start
        expected[whole] += addend[position]
      }
      #expect(sum.hasSameBits(as: expected))
    }
  }

  /// What is cut into parts and put together again is what it was.
  @Test func concatenating() {
    var generator = RandomGenerator(seed: 4)
    for _ in 0..<100 {
      let x = generator.tensor(generator.shape(ranks: 1...4), of: Float.self)
      let axis = Int.random(in: -x.rank..<x.rank, using: &generator)
      let cuts = ([0, x.shape[axis]] + (0..<3).map { _ in Int.random(in: 0...x.shape[axis], using: &generator) })
        .sorted()
      let parts = zip(cuts, cuts.dropFirst()).map { x.slice($0..<$1, axis: axis) }
      #expect(Tensor.concatenate(parts, axis: axis) == x)
    }
    let (a, b) = (Tensor<Float>([[1, 2], [3, 4]]), Tensor<Float>([[5], [6]]))
    #expect(Tensor.concatenate([a, b, a], axis: 1) == Tensor([[1, 2, 5, 1, 2], [3, 4, 6, 3, 4]]))
  }

  @Test func stacking() {
    let (a, b) = (Tensor<Float>([[1, 2], [3, 4]]), Tensor<Float>([[5, 6], [7, 8]]))
    #expect(Tensor.stack([a, b]) == Tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]))
    #expect(Tensor.stack([a, b], axis: 1) == Tensor([[[1, 2], [5, 6]], [[3, 4], [7, 8]]]))
    #expect(Tensor.stack([a, b], axis: -1) == Tensor([[[1, 5], [2, 6]], [[3, 7], [4, 8]]]))
    #expect(Tensor.stack([a, b], axis: 2) == Tensor.stack([a, b], axis: -1))
    #expect(Tensor.stack([Tensor<Float>(1), Tensor(2)]) == Tensor([1, 2]))
    #expect(Tensor.stack([Tensor<Float>(zeros: [0]), Tensor(zeros: [0])]).shape == [2, 0])
  }

  /// Products of dimensions that can't be counted are of no account beside a dimension of 0.
  @Test func hugeEmptyTensors() {
    let empty = Tensor<Float>(zeros: [0, 2_147_483_647, 2_147_483_647, 2_147_483_647])
    #expect("\(empty)".hasSuffix("shape \(empty.shape)"))
    #expect(empty.slice(0..<0, axis: 0).count == 0 && empty.transposed([3, 2, 1, 0]).count == 0)
    #expect(Variable(empty).gather([Int32]()).value.count == 0)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("reshaped: [2, 3] to [4]: 6 elements, expected 4") {
      _ = Tensor<Float>(zeros: [2, 3]).reshaped(to: [4])
    },
    ProgrammingError("reshaped: the 6 elements of shape [2, 3] can't be shared out to 4 places of the others") {
      _ = Tensor<Float>(zeros: [2, 3]).reshaped(to: [4, -1])
    },
    ProgrammingError("reshaped: the 0 elements of shape [0] can't be shared out to 0 places of the others") {
      _ = Tensor<Float>(zeros: [0]).reshaped(to: [0, -1])
    },
    ProgrammingError("Shape: dimension -1 is not in 0...2147483647") {
      _ = Tensor<Float>(zeros: [6]).reshaped(to: [-1, 2, -1])
    },
    ProgrammingError("broadcast: shape [2, 3] doesn't broadcast to [3]") {
      _ = Tensor<Float>(zeros: [2, 3]).broadcast(to: [3])
    },
    ProgrammingError("transposed: shape [3] has fewer than 2 axes") { _ = Tensor<Float>(zeros: [3]).transposed() },
    ProgrammingError("transposed: [0, 0] are not the axes of shape [2, 3], each once") {
      _ = Tensor<Float>(zeros: [2, 3]).transposed([0, 0])
    },
    ProgrammingError("slice: 1..<4 is not within axis 1 of shape [2, 3]") {
      _ = Variable(Tensor<Float>(zeros: [2, 3])).slice(1..<4, axis: -1)
    },
    ProgrammingError("slice: [2, 1] is added to a part of shape [2, 2] of [2, 3]") {
      var x = Tensor<Float>(zeros: [2, 3])
      x.add(Tensor(zeros: [2, 1]), toSlice: 0..<2, axis: 1)
    },
    ProgrammingError("split: sizes [1, 1] don't make up axis -1 of shape [2, 3]") {
      _ = Variable(Tensor<Float>(zeros: [2, 3])).split(sizes: [1, 1], axis: -1)
    },
    ProgrammingError("split: axis 1 of shape [2, 3] doesn't have 2 equal parts") {
      _ = Tensor<Float>(zeros: [2, 3]).split(into: 2, axis: 1)
    },
    ProgrammingError("concatenate: no tensors") { _ = Tensor<Float>.concatenate([], axis: 0) },
    ProgrammingError("concatenate: shapes [2, 3] and [2, 4] differ off axis 0") {
      _ = Tensor<Float>.concatenate([Tensor(zeros: [2, 3]), Tensor(zeros: [2, 4])], axis: 0)
    },
    ProgrammingError("stack: no tensors") { _ = Tensor<Float>.stack([]) },
    ProgrammingError("stack: shapes [2] and [3] differ") {
      _ = Tensor<Float>.stack([Tensor(zeros: [2]), Tensor(zeros: [3])])
    },
    ProgrammingError("axis 2 is not in -2...1") { _ = Tensor<Float>.stack([Tensor(zeros: [2])], axis: 2) },
  ]
}
