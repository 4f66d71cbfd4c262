import SliceGrad
import Testing

@Suite struct GradientCheckTests {
  /// x² with a gradient that is off by a factor at one element.
  private func square<Scalar>(_ x: Variable<Scalar>, wrongAt offset: Int, factor: Scalar) -> Variable<Scalar> {
    let value = x.value
    return .recorded(
      value * value,
      from: x.back { g in
        var elements = Array((g * value * 2).elements)
        elements[offset] *= factor
        return Tensor(shape: value.shape, elements: elements)
      })
  }

  @Test func agreement() {
    let check = checkGradients(at: ["x": Tensor<Double>([0.5, -1, 2]), "y": Tensor([3])], directions: 2) { v in
      v["x"]!.tanh() * v["y"]!
    }
    #expect(check.passed)
    #expect(check.worst == nil)
    #expect(check.directions.map(\.name) == ["x", "x", "y", "y"])
    #expect("\(check)" == "gradients agree with finite differences along 4 directions")
  }

  @Test func aWrongElementIsNamed() throws {
    let x = Tensor<Double>([[1, 2, 3], [4, 5, 6]])
    let check = checkGradients(at: ["x": x, "other": x]) { v in square(v["x"]!, wrongAt: 5, factor: 1.001) + v["other"]!
    }
    let worst = try #require(check.worst)
    #expect(!check.passed)
    #expect(worst.name == "x" && worst.position == [1, 2])
    #expect(abs(worst.gradient / worst.finiteDifference - 1.001) < 1e-6)
    #expect("\(check)".hasPrefix("x[1, 2]: gradient \(worst.gradient), finite difference \(worst.finiteDifference) "))
  }

  /// The worst of several, on both sides of every cut in halves.
  @Test(arguments: [0, 777, 1000, 1999])
  func aWrongElementOfALargeTensorIsNamed(offset: Int) throws {
    var generator = RandomGenerator(seed: UInt64(offset))
    let x = generator.tensorAwayFromZero([40, 50])
    let check = checkGradients(at: ["x": x]) { v in square(v["x"]!, wrongAt: offset, factor: 1.5) }
    #expect(try #require(check.worst).position == [offset / 50, offset % 50])
  }

  @Test func aGradientThatIsNotANumberIsNamed() throws {
    for factor in [Double.nan, .infinity] {
      let few = checkGradients(at: ["x": Tensor([1, 2, 3])]) { v in square(v["x"]!, wrongAt: 1, factor: factor) }
      #expect(try #require(few.worst).position == [1])
      let many = checkGradients(at: ["x": Tensor(ones: [2000])]) { v in square(v["x"]!, wrongAt: 1234, factor: factor) }
      #expect(try #require(many.worst).position == [1234])
    }
  }

  /// Forgotten and doubled gradients, the two usual mistakes.
  @Test func forgottenAndDoubledGradientsFail() {
    let x = Tensor<Double>([0.3])
    #expect(!checkGradients(at: ["x": x]) { v in v["x"]! * v["x"]!.detached() }.passed)
    #expect(
      !checkGradients(at: ["x": x]) { v in .recorded(v["x"]!.value, from: v["x"]!.back { $0 }, v["x"]!.back { $0 }) }
        .passed
    )
  }

  /// A wrong gradient of a function whose elements cancel in a plain sum: the cotangent is random.
  @Test func errorsThatCancelInASumAreFound() {
    let check = checkGradients(at: ["x": Tensor<Double>([1, 2])]) { v in
      let x = v["x"]!
      return .recorded(x.value, from: x.back { g in Tensor([g[1], g[0]]) })
    }
    #expect(!check.passed)
  }

  @Test func floats() {
    let x = Tensor<Float>([0.5, -1, 2])
    #expect(checkGradients(at: ["x": x]) { v in v["x"]!.tanh() }.passed)
    #expect(!checkGradients(at: ["x": x]) { v in square(v["x"]!, wrongAt: 1, factor: 1.2) }.passed)
  }

  @Test func models() throws {
    let model = BagModel<Double>()
    let right = checkGradients(at: model) { model in model.loss([[1, 2, 1], [], [5]], [0, 3, 2]) }
    #expect(right.passed, "\(right)")
    #expect(right.directions.count == 9)
    let wrong = checkGradients(at: model) { model in
      let bags = square(model.embedding(RaggedIndices([[1, 2, 1], [5]])), wrongAt: 4, factor: 2)
      return model.output(bags)
    }
    let worst = try #require(wrong.worst)
    #expect(worst.name == "embedding.weight" && worst.position == [5, 1])
  }

  /// Every evaluation drops the same elements.
  @Test func dropoutIsChecked() {
    let check = checkGradients(at: BagModel<Double>()) { model in
      model.output(model.embedding(RaggedIndices([[1, 2, 1], [5]])).dropout(0.5)).tanh().dropout(0.5)
    }
    #expect(check.passed, "\(check)")
  }
}
