import Foundation
import SliceGrad
import Testing

/// How close exp, log, tanh and the like come to Foundation's functions of Double.
@Suite struct ElementaryFunctionTests {
  /// An operation on one element, and the function that it stands for.
  private struct Function<Scalar: TensorScalar> {
    let name: String
    let operation: (Variable<Scalar>) -> Variable<Scalar>
    let exact: (Double) -> Double

    /// Those that are right in all digits, up to rounding.
    static var all: [Function] {
      [
        Function(name: "exp", operation: { $0.exp() }, exact: exp),
        Function(name: "log", operation: { $0.log() }, exact: log),
        Function(name: "sqrt", operation: { $0.sqrt() }, exact: { $0.squareRoot() }),
        Function(name: "tanh", operation: { $0.tanh() }, exact: tanh),
        Function(name: "sigmoid", operation: { $0.sigmoid() }, exact: logistic),
        Function(name: "softplus", operation: { $0.softplus() }, exact: softplus),
      ]
    }

    /// Those that multiply x by a probability, whose digits are counted from 1, not from the first that isn't 0.
    static var gates: [Function] {
      [
        Function(name: "silu", operation: { $0.silu() }, exact: { $0 * logistic($0) }),
        Function(name: "gelu", operation: { $0.gelu() }, exact: { $0 * erfc(-$0 * 0.5.squareRoot()) / 2 }),
        Function(name: "gelu by tanh", operation: { $0.gelu(approximation: .tanh) }, exact: geluByTanh),
      ]
    }

    /// The largest error over some inputs, in units of the last place of the exact result, or of the input if that
    /// is larger. Infinite if an infinity or a NaN is missing or wrong.
    func largestError(over inputs: [Scalar], orOfInput: Bool = false) -> (ulp: Double, input: Scalar) {
      let results = operation(Variable(Tensor(inputs))).value.elements
      return zip(inputs, results).map { input, result in
        let exact = exact(Double(input))
        let rounded = Scalar(exact)
        guard rounded.isFinite else {
          return (result == rounded || result.isNaN && rounded.isNaN ? 0 : .infinity, input)
        }
        let unit = orOfInput ? max(rounded.ulp, input.ulp) : rounded.ulp
        let error = abs(Double(result) - exact) / Double(unit)
        return (error.isNaN ? .infinity : error, input)
      }.max { $0.0 < $1.0 }!
    }
  }

  /// Every 20011th of all floats, NaNs, infinities and subnormal numbers among them.
  private static let floats = stride(from: UInt32(0), through: .max, by: 20011).map(Float.init(bitPattern:))

  /// Doubles of all magnitudes that matter, and special ones.
  private static let doubles: [Double] = {
    var generator = RandomGenerator(seed: 1)
    let magnitudes = (0..<20_000).map { _ in pow(10, Double.random(in: -20...3.2, using: &generator)) }
    return magnitudes.map { Bool.random(using: &generator) ? $0 : -$0 }
      + [0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 710, -745.1, -746]
  }()

  @Test func floatsAreWithinTwoUlp() {
    for function in Function<Float>.all {
      let worst = function.largestError(over: Self.floats)
      #expect(worst.ulp <= 2, "\(function.name) at \(worst.input)")
    }
  }

  @Test func doublesAreWithinFourUlp() {
    for function in Function<Double>.all {
      let worst = function.largestError(over: Self.doubles)
      #expect(worst.ulp <= 4, "\(function.name) at \(worst.input)")
    }
  }

  @Test func gatesAreWithinTwoUlpOfTheirInput() {
    let floats = Self.floats.filter(\.isFinite)
    for function in Function<Float>.gates {
      let worst = function.largestError(over: floats.filter { abs($0) < 1e10 }, orOfInput: true)
      #expect(worst.ulp <= 2, "\(function.name) at \(worst.input)")
    }
    for function in Function<Double>.gates {
      let worst = function.largestError(over: Self.doubles.filter { abs($0) < 1e10 }, orOfInput: true)
      #expect(worst.ulp <= 4, "\(function.name) at \(worst.input)")
    }
  }
}

/// 1 / (1 + e⁻ˣ), without overflow of a Double.
private func logistic(_ x: Double) -> Double { x > 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

/// ln(1 + eˣ), without overflow of a Double.
private func softplus(_ x: Double) -> Double {
  let logarithm: Double = log1p(exp(-abs(x)))
  return max(x, 0) + logarithm
}

/// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2
private func geluByTanh(_ x: Double) -> Double {
  x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) / 2
}
