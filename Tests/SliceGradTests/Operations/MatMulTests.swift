import SliceGrad
import Testing

@Suite struct MatMulTests {
  /// Σ_p a[i, p] b[p, j] in Double for matrices stored as the flags say, and Σ_p |a[i, p] b[p, j]|, which
  /// bounds the rounding.
  private func plainProduct<Scalar>(
    _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, transposeLeft: Bool, transposeRight: Bool
  ) -> (product: [Double], magnitude: [Double]) {
    let (m, depth) = transposeLeft ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let n = transposeRight ? b.shape[0] : b.shape[1]
    var (product, magnitude) = ([Double](repeating: 0, count: m * n), [Double](repeating: 0, count: m * n))
    // A large product in a debug build needs addresses; the loops are the plain ones.
    _ = a.elements.withContiguousStorageIfAvailable { a in
      _ = b.elements.withContiguousStorageIfAvailable { b in
        for i in 0..<m {
          for j in 0..<n {
            for p in 0..<depth {
              let left = Double(a[transposeLeft ? p * m + i : i * depth + p])
              let term = left * Double(b[transposeRight ? j * depth + p : p * n + j])
              product[i * n + j] += term
              magnitude[i * n + j] += abs(term)
            }
          }
        }
      }
    }
    return (product, magnitude)
  }

  /// Every sum is off by at most a rounding a term.
  private func check<Scalar: TensorScalar>(
    _ m: Int, _ depth: Int, _ n: Int, of type: Scalar.Type, _ generator: inout RandomGenerator
  ) {
    for (transposeLeft, transposeRight) in [(false, false), (false, true), (true, false), (true, true)] {
      let a = generator.tensor(transposeLeft ? [depth, m] : [m, depth], of: Scalar.self)
      let b = generator.tensor(transposeRight ? [n, depth] : [depth, n], of: Scalar.self)
      let result = a.matmul(b, transposeLeft: transposeLeft, transposeRight: transposeRight)
      let (product, magnitude) = plainProduct(a, b, transposeLeft: transposeLeft, transposeRight: transposeRight)
      #expect(result.shape == [m, n])
      let rounding = Double(max(depth, 1)) * Double(Scalar.ulpOfOne)
      let wrong = product.indices.count {
        !(abs(Double(result.elements[$0]) - product[$0]) <= rounding * magnitude[$0])
      }
      #expect(wrong == 0, "[\(m), \(depth)] · [\(depth), \(n)], transposed: \(transposeLeft), \(transposeRight)")
    }
  }

  @Test func smallMatrices() {
    var generator = RandomGenerator(seed: 1)
    for m in 0...5 {
      for depth in 0...5 {
        for n in 0...5 { check(m, depth, n, of: Double.self, &generator) }
      }
    }
  }

  /// Sizes beside those of a single row, of a register tile (8 rows, 16 or 48 columns), of a block of the depth (256)
  /// or of rows (512), and of packing (256 rows, 8,192 scalars).
  @Test(arguments: [
    [1, 1, 49], [1, 300, 35], [7, 3, 15], [8, 16, 16], [9, 17, 17], [17, 2, 48], [10, 30, 97], [70, 13, 90],
    [3, 256, 20], [5, 257, 33], [257, 3, 20], [513, 20, 49], [1030, 2, 17],
  ])
  func sizesAtTheKernelsEdges(size: [Int]) {
    var generator = RandomGenerator(seed: 2)
    check(size[0], size[1], size[2], of: Float.self, &generator)
    check(size[0], size[1], size[2], of: Double.self, &generator)
  }

  @Test func largerMatrices() {
    var generator = RandomGenerator(seed: 3)
    check(70, 130, 90, of: Float.self, &generator)
  }

  /// Batches of random shapes that broadcast, matrix by matrix.
  @Test func batchesBroadcast() {
    var generator = RandomGenerator(seed: 4)
    for _ in 0..<200 {
      let batch = generator.shape(ranks: 0...3, dimensions: 0...3)
      let (leftBatch, rightBatch) = (generator.shape(broadcastingTo: batch), generator.shape(broadcastingTo: batch))
      let (transposeLeft, transposeRight) = (Bool.random(using: &generator), Bool.random(using: &generator))
      let (left, right): (Shape, Shape) = (transposeLeft ? [4, 2] : [2, 4], transposeRight ? [3, 4] : [4, 3])
      let a = generator.tensor(Shape(Array(leftBatch) + left), of: Double.self)
      let b = generator.tensor(Shape(Array(rightBatch) + right), of: Double.self)
      let result = a.matmul(b, transposeLeft: transposeLeft, transposeRight: transposeRight)
      let resultBatch = Shape(result.shape.dropLast(2))
      #expect(resultBatch == (Tensor<Double>(zeros: leftBatch) + Tensor(zeros: rightBatch)).shape)
      let expected = positions(of: resultBatch).flatMap { position in
        let product = plainProduct(
          a.matrix(at: position), b.matrix(at: position), transposeLeft: transposeLeft, transposeRight: transposeRight)
        return product.product
      }
      #expect(result.distance(to: Tensor(shape: result.shape, elements: expected)) <= 1e-14 * Double(expected.count))
    }
  }

  /// A row of the result has the same bits alone as among others, wherever its matrix is transposed or packed. Its 70
  /// columns are tiles of several vectors, of one and of a part of one.
  @Test func rowsDontChangeBits() {
    var generator = RandomGenerator(seed: 5)
    for (transposeLeft, transposeRight) in [(false, false), (false, true), (true, false), (true, true)] {
      let a = generator.tensor(transposeLeft ? [300, 31] : [31, 300], of: Float.self)
      let b = generator.tensor(transposeRight ? [70, 300] : [300, 70], of: Float.self)
      func product(_ rows: Range<Int>) -> Tensor<Float> {
        a.slice(rows, axis: transposeLeft ? 1 : 0)
          .matmul(b, transposeLeft: transposeLeft, transposeRight: transposeRight)
      }
      let whole = product(0..<31)
      for row in 0..<31 { #expect(product(row..<row + 1) == whole.slice(row..<row + 1, axis: 0)) }
    }
  }

  @Test func linear() {
    let x = Variable(Tensor<Double>([[[1, 2]], [[3, 4]], [[0, 1]]]))
    let weight = Variable(Tensor<Double>([[1, 10], [2, 20], [3, 30]]))
    let bias = Variable(Tensor<Double>([0.5, 0.25, 0]))
    #expect(x.linear(weight: weight, bias: nil).value == Tensor([[[21, 42, 63]], [[43, 86, 129]], [[10, 20, 30]]]))
    #expect(x.linear(weight: weight, bias: bias).value.slice(2..<3, axis: 0) == Tensor([[[10.5, 20.25, 30]]]))
    #expect(Variable(Tensor<Double>([1, 2])).linear(weight: weight, bias: bias).value == Tensor([21.5, 42.25, 63]))
    #expect(Variable(Tensor<Double>(zeros: [4, 0, 2])).linear(weight: weight, bias: bias).shape == [4, 0, 3])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("matmul: [3, 4] · [5, 6]: inner dimensions 4 and 5 differ") {
      _ = Tensor<Float>(zeros: [3, 4]).matmul(Tensor(zeros: [5, 6]))
    },
    ProgrammingError("matmul: [3, 4]ᵀ · [4, 6]ᵀ: inner dimensions 3 and 6 differ") {
      _ = Tensor<Float>(zeros: [3, 4]).matmul(Tensor(zeros: [4, 6]), transposeLeft: true, transposeRight: true)
    },
    ProgrammingError("matmul: [4] · [4, 6]: both need at least 2 dimensions") {
      _ = Tensor<Float>(zeros: [4]).matmul(Tensor(zeros: [4, 6]))
    },
    ProgrammingError("matmul: [2, 3, 4] · [3, 4, 6]: batch dimensions [2] and [3] don't broadcast") {
      _ = Tensor<Float>(zeros: [2, 3, 4]).matmul(Tensor(zeros: [3, 4, 6]))
    },
    ProgrammingError("linear: input [2, 3] and weight [3, 4], expected […, k] and [n, k]") {
      _ = Variable(Tensor<Float>(zeros: [2, 3])).linear(weight: Variable(Tensor(zeros: [3, 4])), bias: nil)
    },
    ProgrammingError("linear: input [2, 3] and weight [4, 3, 5], expected […, k] and [n, k]") {
      _ = Variable(Tensor<Float>(zeros: [2, 3])).linear(weight: Variable(Tensor(zeros: [4, 3, 5])), bias: nil)
    },
    ProgrammingError("linear: input [] and weight [4, 3], expected […, k] and [n, k]") {
      _ = Variable(Tensor<Float>(1)).linear(weight: Variable(Tensor(zeros: [4, 3])), bias: nil)
    },
    ProgrammingError("linear: bias [3] for weight [4, 3], expected [n] and [n, k]") {
      _ = Variable(Tensor<Float>(zeros: [2, 3])).linear(
        weight: Variable(Tensor(zeros: [4, 3])), bias: Variable(Tensor(zeros: [3])))
    },
  ]
}

extension Tensor {
  /// The matrix that broadcasting puts at a position of the batch.
  fileprivate func matrix(at position: [Int]) -> Tensor {
    let matrixShape = Shape(shape.suffix(2))
    return Tensor(
      shape: matrixShape,
      elements: positions(of: matrixShape).map { inner in
        var offset = 0
        let whole = Array(position.suffix(rank - 2)) + inner
        for axis in 0..<rank { offset = offset * shape[axis] + (axis < rank - 2 && shape[axis] == 1 ? 0 : whole[axis]) }
        return elements[offset]
      })
  }
}
