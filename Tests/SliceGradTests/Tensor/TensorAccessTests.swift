import SliceGrad
import Testing

@Suite struct TensorAccessTests {
  @Test func subscriptsAreRowMajor() {
    var tensor = Tensor<Double>(shape: [2, 3, 4], elements: (0..<24).map(Double.init))
    let (matrix, vector) = (tensor.reshaped(to: [6, 4]), tensor.reshaped(to: [24]))
    let rank5 = tensor.reshaped(to: [1, 2, 3, 4, 1])
    for i in 0..<2 {
      for j in 0..<3 {
        for k in 0..<4 {
          let offset = 12 * i + 4 * j + k
          #expect(tensor[i, j, k] == Double(offset) && tensor[[i, j, k]] == Double(offset))
          #expect(tensor[i - 2, j - 3, k - 4] == tensor[i, j, k])
          #expect(matrix[3 * i + j, k] == Double(offset) && matrix[3 * i + j - 6, k - 4] == Double(offset))
          #expect(vector[offset] == Double(offset) && vector[offset - 24] == Double(offset))
          #expect(rank5[0, i, j, k, 0] == Double(offset))
        }
      }
    }
    #expect(Tensor<Double>(5)[] == 5)
    tensor[1, -1, 0] = -7
    #expect(tensor.elements.enumerated().allSatisfy { $1 == ($0 == 20 ? -7 : Double($0)) })
    #expect(matrix[5, 0] == 20, "written to a copy")
  }

  @Test func writing() {
    var vector = Tensor<Float>(zeros: [2])
    vector[0] = 1
    vector[-1] += 2
    #expect(vector == Tensor([1, 2]))
    var matrix = Tensor<Float>(zeros: [2, 2])
    let before = matrix
    matrix[1, 0] = 3
    matrix[[0, 1]] = 4
    #expect(matrix == Tensor([[0, 4], [3, 0]]) && before == Tensor(zeros: [2, 2]))
    var constant = Tensor<Float>(2).broadcast(to: [1, 2, 2])
    constant[0, 1, 0] = 9
    #expect(constant == Tensor([[[2, 2], [9, 2]]]))
    var scalar = Tensor<Float>(2)
    scalar[] = 3
    #expect(scalar.scalar == 3)
  }

  @Test func rows() {
    let x = Tensor<Float>([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    #expect(x.row(1) == Tensor([[5, 6], [7, 8]]))
    #expect(x.row(1 as Int32).row(0) == Tensor([5, 6]) && x.row(0).row(1).row(1) == Tensor(4))
  }

  @Test func buffers() {
    var x = Tensor<Float>([[1, 2], [3, 4]])
    let before = x
    #expect(x.withUnsafeBufferPointer { $0.reduce(0, +) } == 10)
    x.withUnsafeMutableBufferPointer { for i in $0.indices { $0[i] *= 2 } }
    #expect(x == Tensor([[2, 4], [6, 8]]) && before == Tensor([[1, 2], [3, 4]]))
    #expect(Tensor<Float>(3).broadcast(to: [4]).withUnsafeBufferPointer { Array($0) } == [3, 3, 3, 3])
    let squares = Tensor<Float>(shape: [2, 2]) { (out: UnsafeMutableBufferPointer) in
      for i in out.indices { out[i] = Float(i * i) }
    }
    #expect(squares == Tensor([[0, 1], [4, 9]]))
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("subscript: [0] is outside of shape [0]") { _ = Tensor<Float>(zeros: [0])[0] },
    ProgrammingError("subscript: [1, -4] is outside of shape [2, 3]") { _ = Tensor<Float>(zeros: [2, 3])[1, -4] },
    ProgrammingError("subscript: [0, 0, 2] is outside of shape [1, 1, 2]") {
      var x = Tensor<Float>(zeros: [1, 1, 2])
      x[0, 0, 2] = 1
    },
    ProgrammingError("subscript: [0, 0, 0, 1] is outside of shape [1, 1, 1, 1]") {
      _ = Tensor<Float>(zeros: [1, 1, 1, 1])[0, 0, 0, 1]
    },
    ProgrammingError("subscript: 1 indices for shape [2, 3]") { _ = Tensor<Float>(zeros: [2, 3])[1] },
    ProgrammingError("subscript: 0 indices for shape [2, 3]") { _ = Tensor<Float>(zeros: [2, 3])[] },
    ProgrammingError("row: 2 is not an index of the first axis of shape [2, 3]") {
      _ = Tensor<Float>(zeros: [2, 3]).row(2)
    },
  ]
}
