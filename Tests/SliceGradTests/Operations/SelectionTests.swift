import SliceGrad
import Testing

/// Broadcasting is tested in `ArithmeticTests`, gradients away from ties in `GradientTests`.
@Suite struct SelectionTests {
  private let nan = Double.nan

  @Test func nothingIsComparableWithNaN() {
    let (x, y) = (Tensor<Double>([nan, 1, nan]), Tensor<Double>([1, nan, nan]))
    for mask in [x .> y, x .>= y, x .< y, x .<= y, x .== y] { #expect(mask == Tensor([0, 0, 0])) }
    #expect((x .!= y) == Tensor([1, 1, 1]))
    for extreme in [maximum(x, y), minimum(x, y)] { #expect(extreme.elements.allSatisfy { $0.isNaN }) }
    #expect(x.clamped(to: 0...2).elements[0].isNaN)
  }

  /// What isn't chosen doesn't matter: neither its value nor its gradient, which are infinite or NaN here.
  @Test func whatIsReplacedDoesNotMatter() {
    let (_, gradients) = valueWithGradients(at: [Tensor<Double>([0, 4]), Tensor<Double>([3, 5])]) { x in
      x[0].log().replacing(with: x[1], where: x[0].value .<= Tensor(0)).sum()
    }
    #expect(gradients[1] == Tensor([1, 0]) && gradients[0][1] == 0.25)
    let infinite = Tensor<Double>([.infinity, 1])
    #expect(infinite.replacing(with: Tensor(7), where: Tensor([1, 0])) == Tensor([7, 1]))
  }

  /// As PyTorch has them.
  @Test func gradientsOfTies() {
    let (x, y) = (Tensor<Double>([1, 2, 3, nan]), Tensor<Double>([1, 3, 2, 1]))
    let (_, larger) = valueWithGradients(at: [x, y]) { (maximum($0[0], $0[1]) * 2).sum() }
    #expect(larger == [Tensor([1, 0, 2, 2]), Tensor([1, 2, 0, 2])])
    let (_, smaller) = valueWithGradients(at: [x, y]) { (minimum($0[0], $0[1]) * 2).sum() }
    #expect(smaller == [Tensor([1, 2, 0, 2]), Tensor([1, 0, 2, 2])])
    let (_, relu) = valueWithGradients(at: [Tensor<Double>([-1, 0, 1])]) { maximum($0[0], Tensor(0)).sum() }
    #expect(relu == [Tensor([0, 0.5, 1])])
  }

  /// As PyTorch has them: bounds are inside.
  @Test func gradientsAtBounds() {
    let x = Tensor<Double>([-1, 0, 0.5, 2, 3])
    #expect(x.clamped(to: 0...2) == Tensor([0, 0, 0.5, 2, 2]))
    #expect(valueWithGradients(at: [x]) { $0[0].clamped(to: 0...2).sum() }.gradients == [Tensor([0, 1, 1, 1, 0])])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("[2] .> [3]: the shapes don't broadcast to one another") {
      let mask = Tensor<Float>(zeros: [2]) .> Tensor(zeros: [3])
      fatalError("\(mask)")
    },
    ProgrammingError("replacing: shapes [2], [1] and [3] of the mask don't broadcast to one another") {
      _ = Tensor<Float>(zeros: [2]).replacing(with: Tensor([1]), where: Tensor(zeros: [3]))
    },
  ]
}
