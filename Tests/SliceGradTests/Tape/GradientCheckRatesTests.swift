import Foundation
import SliceGrad
import Testing

/// How often `checkGradients` is wrong: about right functions, and about ones with a mistake put in.
@Suite struct GradientCheckRatesTests {
  /// What is done to the gradient of an input.
  enum Mistake: CaseIterable {
    case twice, percent, perMille, flipped, oneElement, forgotten, reversed

    func applied<Scalar>(to g: Tensor<Scalar>) -> Tensor<Scalar> {
      switch self {
      case .twice: return g * 2
      case .percent: return g * 1.01
      case .perMille: return g * 1.001
      case .flipped: return -g
      case .forgotten: return g * 0
      case .reversed: return Tensor(shape: g.shape, elements: g.elements.reversed())
      case .oneElement:
        var elements = Array(g.elements)
        if let largest = elements.indices.max(by: { elements[$0].magnitude < elements[$1].magnitude }) {
          elements[largest] *= 1.5
        }
        return Tensor(shape: g.shape, elements: elements)
      }
    }
  }

  /// Counts checks of one kind of functions.
  private struct Rates {
    var (alarms, right, misses, wrong) = (0, 0, 0, 0)

    /// Checks a function as it is, and with a mistake in the gradient of each input, if that changes it by 0.05 %.
    mutating func count<Scalar>(
      _ inputs: [Tensor<Scalar>], mistakes: [Mistake] = Mistake.allCases, seed: UInt64,
      _ function: @escaping ([Variable<Scalar>]) -> Variable<Scalar>
    ) {
      right += 1
      if !checkGradients(at: inputs, seed: seed, function).passed { alarms += 1 }
      let gradients = valueWithGradients(at: inputs, on: Tape(seed: seed)) { function($0).square().sum() }.gradients
      for (index, gradient) in gradients.enumerated() where gradient.squaredNorm > 0 {
        let mistake = mistakes[(right + index) % mistakes.count]
        let change = mistake.applied(to: gradient) - gradient
        guard change.squaredNorm > gradient.squaredNorm * 2.5e-7 else { continue }
        wrong += 1
        let check = checkGradients(at: inputs, seed: seed) { v in
          var v = v
          let right = v[index]
          v[index] = .recorded(right.value, from: right.back { g in mistake.applied(to: g) })
          return function(v)
        }
        if check.passed { misses += 1 }
      }
    }

    func report(_ name: String) {
      print("\(name): \(alarms) false alarms of \(right), \(misses) misses of \(wrong)")
    }
  }

  /// Every operation, at three sizes of its inputs.
  @Test(arguments: [1, 1e-6, 1e6])
  func operations(size: Double) {
    var rates = Rates()
    for (number, operation) in GradientTests.operations.enumerated() {
      var generator = RandomGenerator(seed: UInt64(number))
      let shapes = operation.shapes[number % operation.shapes.count]
      let inputs = (0..<3).map { index in
        let input = generator.tensorAwayFromZero(index < shapes.count ? shapes[index] : [0]) * size
        return operation.isForPositive ? Tensor(shape: input.shape, elements: input.elements.map { abs($0) }) : input
      }
      let function = { (v: [Variable<Double>]) in operation.function(v[0], v[1], v[2]) }
      guard function(inputs.map { Variable($0) }).value.isFinite else { continue }
      rates.count(inputs, seed: UInt64(number), function)
    }
    rates.report("operations in Double at \(size)")
    #expect(rates.alarms == 0 && rates.misses == 0 && rates.right >= 90 && rates.wrong > 70)
  }

  /// The kinks of some units are always near.
  @Test func networksWithKinks() {
    func rates<Scalar: TensorScalar>(_ mistakes: [Mistake], of type: Scalar.Type) -> Rates {
      var rates = Rates()
      for seed in 0..<8 as Range<UInt64> {
        var generator = RandomGenerator(seed: seed)
        let (units, x) = ([4, 16, 64, 128][Int(seed) % 4], Variable<Scalar>(generator.tensor([8, 6])))
        let weights = [
          Tensor<Scalar>.heUniform([units, 6], using: &generator), generator.tensor([units]) * 0.1,
          .heUniform([3, units], using: &generator),
        ]
        rates.count(weights, mistakes: mistakes, seed: seed) { v in
          let hidden = x.linear(weight: v[0], bias: v[1]).relu()
          return softmaxCrossEntropy(hidden.linear(weight: v[2], bias: nil), [0, 1, 2, 0, 1, 2, 0, 1])
        }
      }
      rates.report("networks in \(Scalar.self)")
      return rates
    }
    let double = rates(Mistake.allCases, of: Double.self)
    #expect(double.alarms == 0 && double.misses == 0)
    let float = rates([.twice, .flipped, .oneElement, .forgotten], of: Float.self)
    #expect(float.alarms == 0 && float.misses == 0)
  }
}
