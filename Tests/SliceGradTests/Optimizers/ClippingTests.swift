import SliceGrad
import Testing

/// Clipping by the global norm is also checked against PyTorch, see `ScheduleFixtureTests`.
@Suite struct ClippingTests {
  private let model = BagModel<Double>()

  private func gradients(_ bags: [[Int32]], _ labels: [Int32]) -> Gradients<BagModel<Double>> {
    valueWithGradients(at: model) { model in model.loss(bags, labels) }.gradients
  }

  /// Row 1 stands in three places; the norm is that of the whole table, not of its parts.
  @Test func globalNormOfRepeatedRows() throws {
    var clipped = gradients([[1, 2, 1], [1]], [0, 3])
    let original = clipped
    let table = try #require(original[\.embedding.weight, in: model]).densified()
    let others =
      original[\.output.weight, in: model]!.squaredNorm + original[\.output.bias!, in: model]!.squaredNorm
    let norm = (table.squaredNorm + others).squareRoot()
    #expect(abs(clipped.clip(toGlobalNorm: norm / 2) - norm) < 1e-14)
    #expect(abs(clipped.globalNorm - norm / 2) < 1e-6)
    #expect(clipped[\.embedding.weight, in: model]!.densified().distance(to: table * 0.5) < 1e-6)
    clipped = original
    #expect(abs(clipped.clip(toGlobalNorm: 2 * norm) - norm) < 1e-14)
    #expect(clipped == original)
  }

  @Test func value() throws {
    var clipped = gradients([[1, 2, 1], [1]], [0, 3])
    let original = clipped
    let limit = 0.1
    clipped.clip(toValue: limit)
    func clamp(_ x: Tensor<Double>) -> [Double] { x.elements.map { min(max($0, -limit), limit) } }
    let table = original[\.embedding.weight, in: model]!.densified()
    #expect(clamp(table) != Array(table.elements) && clamp(table).contains { abs($0) < limit })
    #expect(Array(clipped[\.embedding.weight, in: model]!.densified().elements) == clamp(table))
    #expect(clipped[\.embedding.weight, in: model]!.indices == [1, 2])
    #expect(
      Array(clipped[\.output.weight, in: model]!.elements) == clamp(original[\.output.weight, in: model]!))
  }

  /// A gradient that is broken stays so, to be found by `firstNonFinite`.
  @Test func valueLeavesNaN() {
    var broken = model
    broken.output.bias!.value[1] = .nan
    var gradients = valueWithGradients(at: broken) { $0.loss([[1]], [0]) }.gradients
    gradients.clip(toValue: 1e-3)
    #expect(gradients.firstNonFinite(in: broken) == "embedding.weight")
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("clip: the maximum norm 0.0 is not above 0") {
      var gradients = ClippingTests().gradients([[1]], [0])
      gradients.clip(toGlobalNorm: 0)
    },
    ProgrammingError("clip: the maximum -1.0 is not above 0") {
      var gradients = ClippingTests().gradients([[1]], [0])
      gradients.clip(toValue: -1)
    },
  ]
}
