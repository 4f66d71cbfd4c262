import SliceGrad
import Testing

@Suite struct GradientAccumulatorTests {
  private let model = BagModel<Double>()

  private func gradients(_ bags: ArraySlice<[Int32]>, _ labels: ArraySlice<Int32>) -> Gradients<BagModel<Double>> {
    valueWithGradients(at: model) { $0.loss(Array(bags), Array(labels)) }.gradients
  }

  /// Parts of different sizes give the gradient of the whole batch, and its rows.
  @Test(arguments: [[8], [3, 5], [1, 1, 6], [2, 2, 2, 2], [1, 1, 1, 1, 1, 1, 1, 1]])
  func partsGiveTheWhole(sizes: [Int]) throws {
    var generator = RandomGenerator(seed: 7)
    let bags = (0..<8).map { _ in generator.indices(count: 2, tableRows: 5) }
    let labels = generator.indices(count: 8, tableRows: 4)
    let whole = gradients(bags[...], labels[...])
    var (accumulator, start) = (GradientAccumulator<BagModel<Double>>(), 0)
    #expect(accumulator.isEmpty)
    for size in sizes {
      accumulator.add(
        gradients(bags[start..<start + size], labels[start..<start + size]), weight: Double(size))
      start += size
    }
    #expect(!accumulator.isEmpty)
    let mean = accumulator.takeMean()
    #expect(accumulator.isEmpty)
    let rows = try #require(mean[\.embedding.weight, in: model])
    let wholeRows = try #require(whole[\.embedding.weight, in: model])
    #expect(rows.isCoalesced && Set(rows.indices) == Set(wholeRows.indices))
    #expect(rows.densified().distance(to: wholeRows.densified()) < 1e-15)
    #expect(mean[\.output.weight, in: model]!.distance(to: whole[\.output.weight, in: model]!) < 1e-15)
    #expect(mean[\.output.bias!, in: model]!.distance(to: whole[\.output.bias!, in: model]!) < 1e-15)
  }

  /// What was taken doesn't come again, and a leaf that only one part has counts by that part's weight.
  @Test func partsWithoutAGradient() {
    let full = gradients([[1, 2]], [0])
    let (_, partial) = valueWithGradients(at: model) { model in
      model.output.bias!.variable.square().sum()
    }
    var accumulator = GradientAccumulator<BagModel<Double>>()
    accumulator.add(partial)
    #expect(accumulator.takeMean() == partial)
    accumulator.add(full)
    accumulator.add(partial, weight: 3)
    let mean = accumulator.takeMean()
    #expect(mean[\.output.weight, in: model] == full[\.output.weight, in: model]! * 0.25)
    let bias = full[\.output.bias!, in: model]! + partial[\.output.bias!, in: model]! * 3
    #expect(mean[\.output.bias!, in: model]!.distance(to: bias * 0.25) < 1e-15)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("GradientAccumulator: the mean of no gradients") {
      var accumulator = GradientAccumulator<BagModel<Double>>()
      _ = accumulator.takeMean()
    },
    ProgrammingError("GradientAccumulator: weight 0.0, expected a number above 0") {
      var accumulator = GradientAccumulator<BagModel<Double>>()
      accumulator.add(GradientAccumulatorTests().gradients([[1]], [0]), weight: 0)
    },
  ]
}
