import Foundation
import SliceGrad
import Testing

@Suite struct AttentionTests {
  /// What attention takes: sequences by their lengths, columns, heads.
  struct Setting: Sendable, CustomTestStringConvertible {
    let queryLengths: [Int]
    let keyLengths: [Int]
    var columns = 4
    var valueColumns = 2
    let heads: Int
    let isCausal: Bool

    var testDescription: String {
      "\(queryLengths) to \(keyLengths), \(heads) heads\(isCausal ? ", causal" : "")"
    }

    func inputs<Scalar>(_ generator: inout RandomGenerator, of _: Scalar.Type = Scalar.self) -> [Tensor<Scalar>] {
      let (n, m) = (queryLengths.reduce(0, +), keyLengths.reduce(0, +))
      return [generator.tensor([n, columns]), generator.tensor([m, columns]), generator.tensor([m, valueColumns])]
    }

    func attention<Scalar>(of inputs: [Variable<Scalar>]) -> Variable<Scalar> {
      SliceGrad.attention(
        queries: Sequences(values: inputs[0], rowSplits: splits(queryLengths)),
        keys: Sequences(values: inputs[1], rowSplits: splits(keyLengths)),
        values: Sequences(values: inputs[2], rowSplits: splits(keyLengths)), heads: heads, isCausal: isCausal
      ).values
    }
  }

  /// Empty ones, single ones, equal ones; other sequences than one's own; and more queries than are taken at a time.
  static let settings = [1, 2].flatMap { heads in
    [false, true].flatMap { isCausal in
      [
        ([3, 0, 1, 5], [3, 0, 1, 5]), ([4, 4], [4, 4]), ([2, 0, 3, 1, 0], [4, 2, 0, 3, 0]), ([66], [70]), ([], []),
      ].map { Setting(queryLengths: $0, keyLengths: $1, heads: heads, isCausal: isCausal) }
    }
  }

  /// Against the definition, by plain loops.
  @Test(arguments: settings) func agreesWithPlainLoops(_ setting: Setting) {
    var generator = RandomGenerator(seed: 1)
    let inputs = setting.inputs(&generator, of: Double.self)
    let found = setting.attention(of: inputs.map { Variable($0) }).value
    #expect(found.distance(to: plainAttention(setting, inputs)) < 1e-12)
    let floats = setting.attention(
      of: inputs.map { Variable(Tensor<Float>(shape: $0.shape, elements: $0.elements.map(Float.init))) })
    #expect(zip(floats.value.elements, found.elements).allSatisfy { abs(Double($0) - $1) < 1e-5 })
  }

  private func plainAttention(_ setting: Setting, _ inputs: [Tensor<Double>]) -> Tensor<Double> {
    let (q, k, v) = (inputs[0], inputs[1], inputs[2])
    var result = Tensor<Double>(zeros: [q.shape[0], setting.valueColumns])
    let (width, valueWidth) = (setting.columns / setting.heads, setting.valueColumns / setting.heads)
    var (firstQuery, firstKey) = (0, 0)
    for (queries, keys) in zip(setting.queryLengths, setting.keyLengths) {
      for head in 0..<setting.heads {
        for i in 0..<queries {
          let seen = setting.isCausal ? min(i + 1, keys) : keys
          let weights = (0..<seen).map { j in
            exp(
              (head * width..<(head + 1) * width).reduce(0.0) { $0 + q[firstQuery + i, $1] * k[firstKey + j, $1] }
                / sqrt(Double(width)))
          }
          for column in head * valueWidth..<(head + 1) * valueWidth {
            for j in 0..<seen {
              result[firstQuery + i, column] += weights[j] / weights.reduce(0, +) * v[firstKey + j, column]
            }
          }
        }
      }
      firstQuery += queries
      firstKey += keys
    }
    return result
  }

  @Test(arguments: settings) func gradientsAgreeWithFiniteDifferences(_ setting: Setting) {
    var generator = RandomGenerator(seed: 2)
    let check = checkGradients(at: setting.inputs(&generator, of: Double.self)) { setting.attention(of: $0) }
    #expect(check.passed, "\(check)")
    #expect(check.directions.count == (setting.queryLengths.isEmpty ? 0 : 9))
  }

  /// One value as queries, keys and values.
  @Test func selfAttention() {
    var generator = RandomGenerator(seed: 3)
    let check = checkGradients(at: [generator.tensor([5, 4], of: Double.self)]) { x in
      let words = Sequences(values: x[0], rowSplits: [0, 2, 5])
      return attention(queries: words, keys: words, values: words, heads: 2).values
    }
    #expect(check.passed, "\(check)")
  }

  /// A sequence is computed alone: its bits don't depend on the others, nor on which place it has.
  @Test func sequencesAreIndependent() {
    let together = Setting(queryLengths: [7, 3], keyLengths: [7, 3], heads: 2, isCausal: true)
    let alone = Setting(queryLengths: [3], keyLengths: [3], heads: 2, isCausal: true)
    var generator = RandomGenerator(seed: 4)
    let inputs = together.inputs(&generator, of: Float.self)
    let results = [(together, inputs), (alone, inputs.map { $0.slice(7..<10, axis: 0) })].map { setting, inputs in
      setting.attention(of: inputs.map { Variable($0) }).value
    }
    #expect(results[0].slice(7..<10, axis: 0).hasSameBits(as: results[1]))
  }

  /// Where there is nothing to see, nothing is found, and nothing goes back.
  @Test func withoutKeys() {
    let setting = Setting(queryLengths: [2, 1], keyLengths: [0, 1], heads: 1, isCausal: false)
    var generator = RandomGenerator(seed: 5)
    let inputs = setting.inputs(&generator, of: Float.self)
    let (_, gradients) = valueWithGradients(at: inputs) { inputs in
      let result = setting.attention(of: inputs)
      #expect(result.value.slice(0..<2, axis: 0) == Tensor(zeros: [2, 2]))
      #expect(result.value.row(2).distance(to: inputs[2].value.row(0)) < 1e-6)
      return result.square().sum()
    }
    #expect(gradients[0].slice(0..<2, axis: 0) == Tensor(zeros: [2, 4]))
    #expect(gradients[0].distance(to: Tensor(zeros: [3, 4])) < 1e-6, "a query that has one key has no choice")
  }

  /// Scores of a thousand and more: the maximum is taken off before there are exponentials.
  @Test func largeScores() {
    let x = Sequences(values: Variable(Tensor<Float>([[100, 0], [0, 100], [90, 0]])), rowSplits: [0, 3])
    let (value, gradients) = valueWithGradients(at: [x.values.value]) { inputs in
      let words = x.map { _ in inputs[0] }
      return attention(queries: words, keys: words, values: words).values.sum()
    }
    #expect(abs(value - 300) < 1e-3 && gradients[0].isFinite)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("attention: queries [2, 4], keys [2, 3] and values [2, 4], expected [n, d], [m, d] and [m, e]") {
      _ = attention(queries: sequences([2, 4]), keys: sequences([2, 3]), values: sequences([2, 4]))
    },
    ProgrammingError("attention: keys and values are sequences of different lengths") {
      _ = attention(queries: sequences([2, 4]), keys: sequences([2, 4]), values: sequences([3, 4]))
    },
    ProgrammingError("attention: 1 sequences of queries and 2 of keys") {
      let keys = Sequences(values: Variable(Tensor<Float>(zeros: [2, 4])), rowSplits: [0, 1, 2])
      _ = attention(queries: sequences([2, 4]), keys: keys, values: keys)
    },
    ProgrammingError("attention: 3 heads for 4 columns of keys and 6 of values; expected to divide both") {
      _ = attention(queries: sequences([2, 4]), keys: sequences([2, 4]), values: sequences([2, 6]), heads: 3)
    },
    ProgrammingError("attention: 0 heads for 4 columns of keys and 4 of values; expected to divide both") {
      _ = attention(queries: sequences([2, 4]), keys: sequences([2, 4]), values: sequences([2, 4]), heads: 0)
    },
  ]

  private static func sequences(_ shape: Shape) -> Sequences<Float> {
    Sequences(values: Variable(Tensor(zeros: shape)), rowSplits: [0, Int32(shape[0])])
  }
}

/// Where sequences of these lengths begin and end.
func splits(_ lengths: [Int]) -> [Int32] {
  lengths.reduce(into: [0]) { $0.append($0.last! + Int32($1)) }
}
