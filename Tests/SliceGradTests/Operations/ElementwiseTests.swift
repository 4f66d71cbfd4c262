import Foundation
import SliceGrad
import Testing

/// Values and gradients at kinks and extremes; away from them see `GradientTests`.
@Suite struct ElementwiseTests {
  /// The values of an operation at some points, and its slopes there.
  private func evaluate<Scalar>(
    _ operation: (Variable<Scalar>) -> Variable<Scalar>, at points: [Scalar]
  ) -> (values: [Scalar], slopes: [Scalar]) {
    var values: [Scalar] = []
    let (_, gradients) = valueWithGradients(at: [Tensor(points)]) { x in
      let y = operation(x[0])
      values = Array(y.value.elements)
      return y.sum()
    }
    return (values, Array(gradients[0].elements))
  }

  /// Functions of tensors are those of variables; of one number repeated, too.
  @Test func functionsOfTensors() {
    let x = Tensor<Float>([[0.5, 1, 2], [3, 0.25, 7]])
    let constant = Tensor<Float>(0.75).broadcast(to: [2, 3])
    for x in [x, constant, Tensor(zeros: [0, 2]), Tensor(0.5)] {
      for (name, result, expected) in [
        ("exp", x.exp(), { Foundation.exp($0) }), ("log", x.log(), { Foundation.log($0) }),
        ("sqrt", x.sqrt(), { $0.squareRoot() }), ("square", x.square(), { $0 * $0 }),
        ("abs", (x - 1).abs(), { Swift.abs($0 - 1) }), ("sin", x.sin(), { Foundation.sin($0) }),
        ("cos", x.cos(), { Foundation.cos($0) }),
        ("relu", (x - 1).relu(), { max($0 - 1, 0) }), ("tanh", x.tanh(), { Foundation.tanh($0) }),
        ("sigmoid", x.sigmoid(), { 1 / (1 + Foundation.exp(-$0)) }),
        ("silu", x.silu(), { $0 / (1 + Foundation.exp(-$0)) }),
        ("softplus", x.softplus(), { Foundation.log(1 + Foundation.exp($0)) }),
        ("gelu", x.gelu(), { $0 * (1 + erf($0 / Float(2).squareRoot())) / 2 }),
        ("leakyRelu", (x - 1).leakyRelu(slope: 0.1), { $0 < 1 ? 0.1 * ($0 - 1) : $0 - 1 }),
        ("power", x.power(1.5), { pow($0, 1.5) }),
      ] as [(String, Tensor<Float>, (Float) -> Float)] {
        #expect(result.shape == x.shape)
        for (y, x) in zip(result.elements, x.elements) {
          #expect(abs(y - expected(x)) <= 1e-6 * max(1, abs(y)), "\(name)")
        }
      }
    }
  }

  @Test func reluAtItsKink() {
    let (values, slopes) = evaluate({ $0.relu() }, at: [-1, -0.0, 0, 1, .infinity, -.infinity] as [Float])
    #expect(values == [0, 0, 0, 1, .infinity, 0])
    #expect(slopes == [0, 0, 0, 1, 1, 0])
    #expect(evaluate({ $0.relu() }, at: [.nan] as [Float]).values[0].isNaN)
  }

  @Test func absAtItsKink() {
    let (values, slopes) = evaluate({ $0.abs() }, at: [-1, -0.0, 0, 2, -.infinity] as [Float])
    #expect(values == [1, 0, 0, 2, .infinity])
    #expect(slopes == [-1, 0, 0, 1, -1])
  }

  @Test func leakyReluAtItsKink() {
    let (values, slopes) = evaluate({ $0.leakyRelu(slope: 0.25) }, at: [-2, -0.0, 0, 3] as [Double])
    #expect(values == [-0.5, 0, 0, 3])
    #expect(slopes == [0.25, 0.25, 0.25, 1])
    #expect(evaluate({ $0.leakyRelu() }, at: [-1] as [Double]).values == [-0.01])
  }

  @Test func rootsAndLogarithmsAtZeroAndBelow() {
    let root = evaluate({ $0.sqrt() }, at: [0, 4, -1] as [Double])
    #expect(root.values[..<2] == [0, 2])
    #expect(root.slopes[..<2] == [.infinity, 0.25])
    #expect(root.values[2].isNaN)
    let logarithm = evaluate({ $0.log() }, at: [0, 1, -1] as [Double])
    #expect(logarithm.values[..<2] == [-.infinity, 0])
    #expect(logarithm.slopes[..<2] == [.infinity, 1])
    #expect(logarithm.values[2].isNaN)
  }

  @Test func powersOfZeroAndBelow() {
    #expect(evaluate({ $0.power(3) }, at: [-2, 0, 2] as [Double]) == ([-8, 0, 8], [12, 0, 12]))
    #expect(evaluate({ $0.power(1) }, at: [-2, 0, 2] as [Double]) == ([-2, 0, 2], [1, 1, 1]))
    #expect(evaluate({ $0.power(0) }, at: [-2, 0, 2] as [Double]) == ([1, 1, 1], [0, 0, 0]))
    #expect(evaluate({ $0.power(-1) }, at: [-2, 2] as [Double]) == ([-0.5, 0.5], [-0.25, -0.25]))
    #expect(evaluate({ $0.power(0.5) }, at: [-1] as [Double]).values[0].isNaN)
  }

  @Test(arguments: [1000, 1e30, .infinity] as [Float])
  func saturation(size: Float) {
    #expect(evaluate({ $0.sigmoid() }, at: [size, -size]) == ([1, 0], [0, 0]))
    #expect(evaluate({ $0.tanh() }, at: [size, -size]) == ([1, -1], [0, 0]))
    #expect(evaluate({ $0.softplus() }, at: [size, -size]) == ([size, 0], [1, 0]))
    #expect(evaluate({ $0.exp() }, at: [size, -size]) == ([.infinity, 0], [.infinity, 0]))
  }

  /// Far out the gates are x and 0, and their slopes 1 and 0. (At −∞ they are ∞ · 0.)
  @Test(arguments: [100, 1000, 1e10] as [Float])
  func saturationOfGates(size: Float) {
    let gates: [(Variable<Float>) -> Variable<Float>] = [
      { $0.silu() }, { $0.gelu() }, { $0.gelu(approximation: .tanh) },
    ]
    for gate in gates {
      let (values, slopes) = evaluate(gate, at: [size, -size, 0])
      #expect(abs(values[0] / size - 1) <= 1e-6)
      #expect(abs(values[1]) <= 1e-38)
      #expect(values[2] == 0)
      #expect(abs(slopes[0] - 1) <= 1e-6 && abs(slopes[1]) <= 1e-38 && abs(slopes[2] - 0.5) <= 1e-7)
    }
  }

  /// Where eˣ is small, softplus and sigmoid are eˣ to the last digits: 1 + eˣ must not have been rounded.
  @Test func smallResultsKeepTheirDigits() {
    let points = stride(from: -700.0, to: -40, by: 10).map { $0 }
    let softplus = evaluate({ $0.softplus() }, at: points)
    let sigmoid = evaluate({ $0.sigmoid() }, at: points)
    for (i, x) in points.enumerated() {
      for result in [softplus.values[i], softplus.slopes[i], sigmoid.values[i], sigmoid.slopes[i]] {
        #expect(abs(result / exp(x) - 1) < 1e-15)
      }
    }
  }

  /// The kernels' vector bodies and their tails compute the same bits.
  @Test func countsDontChangeBits() {
    var generator = RandomGenerator(seed: 1)
    let points = Array((generator.tensor([67], of: Float.self) * 3).elements)
    let operations: [(Variable<Float>) -> Variable<Float>] = [
      { $0.exp() }, { $0.square().log() }, { $0.tanh() }, { $0.sigmoid() }, { $0.softplus() }, { $0.gelu() },
      { $0.silu() },
    ]
    for operation in operations {
      let whole = evaluate(operation, at: points)
      for (i, point) in points.enumerated() {
        #expect(evaluate(operation, at: [point]) == ([whole.values[i]], [whole.slopes[i]]))
      }
    }
  }
}
