import Foundation
import SliceGrad
import Testing

@Suite struct NormalizationTests {
  /// Against the definition, over the last one, two or three axes.
  @Test func layerNormalization() {
    var generator = RandomGenerator(seed: 1)
    let x = generator.tensor([3, 2, 4], of: Double.self) * 5 + 2
    for axes in 1...3 {
      let normalized = Shape(x.shape.suffix(axes))
      let count = normalized.elementCount
      let (weight, bias) = (
        generator.tensor(normalized, of: Double.self), generator.tensor(normalized, of: Double.self)
      )
      let result = Variable(x).layerNorm(weight: Variable(weight), bias: Variable(bias), epsilon: 0.01).value
      for row in 0..<x.count / count {
        let elements = Array(x.elements[row * count..<(row + 1) * count])
        let mean = elements.reduce(0, +) / Double(count)
        let variance = elements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        for (i, element) in elements.enumerated() {
          let expected = weight.elements[i] * (element - mean) / sqrt(variance + 0.01) + bias.elements[i]
          #expect(abs(result.elements[row * count + i] - expected) < 1e-13)
        }
      }
    }
  }

  /// Rows are independent, however many are computed together: each one's gradient is that of the row alone, and weight
  /// and bias get the sums.
  @Test(arguments: [1, 4, 7, 8, 64, 65, 130]) func gradientsOfManyRows(rows: Int) {
    var generator = RandomGenerator(seed: 2)
    let (x, factors) = (generator.tensor([rows, 5], of: Double.self), generator.tensor([rows, 5], of: Double.self))
    let (weight, bias) = (generator.tensor([5], of: Double.self), generator.tensor([5], of: Double.self))
    func gradients(_ rows: Range<Int>) -> [Tensor<Double>] {
      let tensors = [x.slice(rows, axis: 0), weight, bias]
      return valueWithGradients(at: tensors) {
        ($0[0].layerNorm(weight: $0[1], bias: $0[2]) * factors.slice(rows, axis: 0)).sum()
      }.gradients
    }
    let all = gradients(0..<rows)
    var sums = [Tensor<Double>(zeros: [5]), Tensor(zeros: [5])]
    for row in 0..<rows {
      let alone = gradients(row..<row + 1)
      #expect(all[0].row(row).distance(to: alone[0].row(0)) < 1e-12)
      for i in 0..<2 { sums[i] += alone[1 + i] }
    }
    for i in 0..<2 { #expect(all[1 + i].distance(to: sums[i]) < 1e-12) }
  }

  /// A large mean must not eat the digits of the variance.
  @Test func largeMeans() {
    let x = Tensor<Float>([[10_000, 10_001, 10_002, 10_003]])
    let result = Variable(x).layerNorm(weight: Variable(Tensor(ones: [4])), bias: Variable(Tensor(zeros: [4]))).value
    let expected = Tensor<Float>([[-1.341636, -0.447212, 0.447212, 1.341636]])
    #expect(result.distance(to: expected) < 1e-5)
  }

  @Test func emptyBatch() {
    let (value, gradients) = valueWithGradients(at: [
      Tensor<Float>(zeros: [0, 3]), Tensor(ones: [3]), Tensor(zeros: [3]),
    ]) {
      $0[0].layerNorm(weight: $0[1], bias: $0[2]).sum()
    }
    #expect(value == 0)
    #expect(gradients == [Tensor(zeros: [0, 3]), Tensor(zeros: [3]), Tensor(zeros: [3])])
    let rootMeanSquare = valueWithGradients(at: [Tensor<Float>(zeros: [0, 3]), Tensor(ones: [3])]) {
      $0[0].rmsNorm(weight: $0[1]).sum()
    }
    #expect(rootMeanSquare.gradients == [Tensor(zeros: [0, 3]), Tensor(zeros: [3])])
  }

  /// Of one number, the root mean square is its magnitude, but for ε: y = w x / √(x² + ε), and the slopes are
  /// w ε / (x² + ε)^1.5 and x / √(x² + ε).
  @Test func rootMeanSquareOfOneElement() {
    let (value, gradients) = valueWithGradients(at: [Tensor<Double>([[-3]]), Tensor([8])]) {
      $0[0].rmsNorm(weight: $0[1], epsilon: 7).sum()
    }
    #expect(value == -6 && gradients == [Tensor([[0.875]]), Tensor([-0.75])])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("layerNorm: input [2, 3], weight [2] and bias [2]; expected […, n…], [n…] and [n…]") {
      _ = Variable(Tensor<Float>(zeros: [2, 3])).layerNorm(
        weight: Variable(Tensor(ones: [2])), bias: Variable(Tensor(zeros: [2])))
    },
    ProgrammingError("layerNorm: epsilon 0.0 is not above 0") {
      _ = Variable(Tensor<Float>(zeros: [2, 3])).layerNorm(
        weight: Variable(Tensor(ones: [3])), bias: Variable(Tensor(zeros: [3])), epsilon: 0)
    },
  ]
}
