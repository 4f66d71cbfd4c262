import Foundation
import SliceGrad
import Testing

@Suite struct DrawsTests {
  /// Classes are drawn as often as softmax says, at several temperatures, and only among the largest logits.
  @Test(arguments: [(1, nil), (0.5, nil), (3, 2), (1, 1)] as [(Double, Int?)])
  func frequencies(temperature: Double, count: Int?) {
    let logits = Tensor<Double>([[1, -.infinity, 2, 0.5], [0, 0, 3, -1]])
    var generator = RandomGenerator(seed: 1)
    let draws = 20_000
    let repeated = Variable(logits).gather((0..<2 * draws).map { $0 % 2 }).value
    let classes = repeated.drawClasses(temperature: temperature, topK: count, using: &generator)
    for row in 0..<2 {
      // Of equal logits, the first one is among the largest.
      let allowed = Set(logits.row(row).topK(count ?? 4).indices)
      let weights = (0..<4).map { allowed.contains($0) ? exp(logits[row, Int($0)] / temperature) : 0 }
      let total = weights.reduce(0, +)
      for c in 0..<4 {
        let found = Double(stride(from: row, to: 2 * draws, by: 2).count { classes[$0] == Int32(c) })
        let probability = weights[c] / total
        let deviation = (Double(draws) * probability * (1 - probability)).squareRoot()
        #expect(abs(found - Double(draws) * probability) <= 4 * deviation, "row \(row), class \(c)")
      }
    }
  }

  /// Classes that are rare beside another one, but many: in `Float`, 1 and 4e-8 add up to 1.
  @Test func rareClasses() {
    var logits = Tensor<Float>(repeating: log(4e-8), shape: [1, 100_001])
    logits[0, 0] = 0
    var generator = RandomGenerator(state: 237_117)
    #expect(Double.random(in: 0..<1, using: &generator) > 0.998)
    // All of them together have a probability of 0.004.
    generator = RandomGenerator(state: 237_117)
    #expect(logits.drawClasses(using: &generator)[0] > 0)
  }

  @Test func coldDrawsAreTheLargest() {
    var generator = RandomGenerator(seed: 2)
    let logits = Tensor<Float>(normal: [50, 9], using: &generator)
    #expect(logits.drawClasses(temperature: 1e-6, using: &generator) == logits.argmax())
    #expect(Tensor<Float>([3, 1]).drawClasses(topK: 1, using: &generator) == [0])
    #expect(Tensor<Float>(zeros: [0, 4]).drawClasses(using: &generator).isEmpty)
  }

  private static func draw(_ logits: Tensor<Float>, temperature: Float = 1, topK: Int? = nil) {
    var generator = RandomGenerator(seed: 1)
    _ = logits.drawClasses(temperature: temperature, topK: topK, using: &generator)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("drawClasses: temperature 0.0, expected one above 0") { draw(Tensor([1]), temperature: 0) },
    ProgrammingError("drawClasses: logits of shape [], expected […, classes]") { draw(Tensor(1)) },
    ProgrammingError("drawClasses: row 1 has no softmax: NaN, +∞, or nothing but −∞") {
      draw(Tensor([[1, 2], [-.infinity, -.infinity]]))
    },
    ProgrammingError("drawClasses: row 0 has no softmax: NaN, +∞, or nothing but −∞") { draw(Tensor([.nan, 1])) },
    ProgrammingError("topK: 3 is not in 1...2, for shape [2]") { draw(Tensor([1, 2]), topK: 3) },
  ]
}
