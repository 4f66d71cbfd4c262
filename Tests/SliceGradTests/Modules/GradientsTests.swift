import SliceGrad
import Testing

@Suite struct GradientsTests {
  private let model = BagModel<Double>()

  private func gradients(_ bags: [[Int32]], _ labels: [Int32]) -> Gradients<BagModel<Double>> {
    valueWithGradients(at: model) { model in model.loss(bags, labels) }.gradients
  }

  @Test func keyPaths() throws {
    let gradients = gradients([[1, 2], [1]], [0, 3])
    let table = try #require(gradients[\.embedding.weight, in: model])
    #expect(table.indices == [1, 2])
    #expect(table.isCoalesced)
    #expect(table.denseShape == [6, 3])
    #expect(try #require(gradients[\.output.weight, in: model]).shape == [4, 3])
    let bias = try #require(gradients[\.output.bias!, in: model])
    #expect(abs(bias.sum().scalar) < 1e-15)
  }

  /// The gradients of a sum of losses are the sum of their gradients; rows stay rows, each once.
  @Test func addition() throws {
    let (one, two) = (gradients([[1, 2], [1]], [0, 3]), gradients([[2, 5]], [1]))
    let both = valueWithGradients(at: model) { model in
      model.loss([[1, 2], [1]], [0, 3]) + model.loss([[2, 5]], [1])
    }.gradients
    var sum = one
    sum += two
    #expect(try #require(sum[\.output.weight, in: model]).distance(to: both[\.output.weight, in: model]!) < 1e-15)
    let rows = try #require(sum[\.embedding.weight, in: model])
    #expect(rows.indices == [1, 2, 5])
    #expect(rows.isCoalesced)
    #expect(rows.densified().distance(to: both[\.embedding.weight, in: model]!.densified()) < 1e-15)
  }

  @Test func scaling() {
    let original = gradients([[1, 2], [1]], [0, 3])
    var scaled = original
    scaled *= 3
    #expect(scaled[\.output.weight, in: model] == original[\.output.weight, in: model]! * 3)
    #expect(scaled[\.embedding.weight, in: model] == original[\.embedding.weight, in: model]! * 3)
    #expect(abs(scaled.globalNorm - 3 * original.globalNorm) < 1e-14)
  }

  @Test func globalNorm() {
    let gradients = gradients([[1, 2, 1], [1]], [0, 3])
    let norms = [
      gradients[\.embedding.weight, in: model]!.densified(), gradients[\.output.weight, in: model]!,
      gradients[\.output.bias!, in: model]!,
    ].map(\.squaredNorm)
    #expect(abs(gradients.globalNorm - norms.reduce(0, +).squareRoot()) < 1e-15)
  }

  @Test func firstNonFinite() {
    #expect(gradients([[1]], [0]).firstNonFinite(in: model) == nil)
    var (brokenTable, brokenBias) = (model, model)
    brokenTable.embedding.weight.value[2, 0] = .infinity
    brokenBias.output.bias!.value[1] = .nan
    for (broken, bags, name) in [
      (brokenTable, [[1]], nil), (brokenTable, [[1], [2]], "embedding.weight"), (brokenBias, [[1]], "embedding.weight"),
    ] as [(BagModel<Double>, [[Int32]], String?)] {
      let labels = [Int32](repeating: 0, count: bags.count)
      let gradients = valueWithGradients(at: broken) { $0.loss(bags, labels) }.gradients
      #expect(gradients.firstNonFinite(in: broken) == name)
    }
  }

  /// Parameters that the loss doesn't depend on have no gradient: not zeros.
  @Test func missing() {
    #expect(gradients([[1]], [0]).missing(in: model) == [])
    let (_, partial) = valueWithGradients(at: model) { model in
      model.output.bias!.variable.square().sum()
    }
    #expect(partial.missing(in: model) == ["embedding.weight", "output.weight"])
    #expect(partial[\.output.weight, in: model] == nil)
    #expect(partial[\.embedding.weight, in: model] == nil)
    #expect(partial.globalNorm == partial[\.output.bias!, in: model]!.squaredNorm.squareRoot())
    let full = gradients([[1]], [0])
    var (left, right) = (full, partial)
    left += partial
    right += full
    #expect(left == right)
    #expect(left[\.output.weight, in: model] == full[\.output.weight, in: model])
  }

  @Test func namesAndCounts() {
    #expect(model.parameterNames == ["embedding.weight", "output.weight", "output.bias"])
    #expect(model.parameterCount == 6 * 3 + 4 * 3 + 4)
  }

  private struct Hiding: Module {
    typealias Scalar = Double
    var shown = Parameter(Tensor<Double>(1))
    var hidden = Parameter(Tensor<Double>(1))

    mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) { visit(&shown, "shown") }
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("gradients of 2 leaves have none of leaf 3 of another model") {
      let (_, gradients) = valueWithGradients(at: layers(1)) { $0[0].bias!.variable.sum() }
      _ = gradients[\.[1].bias, in: layers(2)]
    },
    ProgrammingError(
      "\\Hiding.hidden leads to 0 of the parameters that Hiding.visitParameters visits, expected one"
    ) {
      let (_, gradients) = valueWithGradients(at: Hiding()) { $0.shown.variable }
      _ = gradients[\.hidden, in: Hiding()]
    },
  ]
}
