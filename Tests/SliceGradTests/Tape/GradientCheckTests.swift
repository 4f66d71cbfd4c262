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

  /// A tensor on which the function doesn't depend has gradients of 0, of which nothing is uncertain.
  @Test func aTensorThatDoesNotMatter() {
    let check = checkGradients(at: [Tensor<Double>([0.5, -1, 2]), Tensor([3])]) { $0[0].tanh() }
    #expect("\(check)" == "gradients agree with finite differences along 6 directions")
  }

  /// Tensors without names are known by their places.
  @Test func tensorsWithoutNames() throws {
    let tensors = [Tensor<Double>([0.5, -1, 2]), Tensor([3])]
    let check = checkGradients(at: tensors, directions: 2, tolerance: 0.5) { $0[0].tanh() * $0[1] }
    #expect(check.passed && check.tolerance == 0.5)
    #expect(check.directions.map(\.name) == ["tensor 0", "tensor 0", "tensor 1", "tensor 1"])
    let wrong = try #require(checkGradients(at: tensors) { self.square($0[0], wrongAt: 2, factor: 2) * $0[1] }.worst)
    #expect(wrong.name == "tensor 0" && wrong.position == [2])
  }

  @Test func aWrongElementIsNamed() throws {
    let x = Tensor<Double>([[1, 2, 3], [4, 5, 6]])
    let check = checkGradients(at: ["x": x, "other": x]) { v in square(v["x"]!, wrongAt: 5, factor: 1.001) + v["other"]!
    }
    let worst = try #require(check.worst)
    #expect(!check.passed)
    #expect(worst.name == "x" && worst.position == [1, 2])
    #expect(abs(worst.gradient / worst.finiteDifference - 1.001) < 1e-6)
    #expect(abs(worst.error / abs(worst.finiteDifference) - 0.001) < 1e-6)
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

  // MARK: Where differences are hard to take

  /// Kinks within the first step, at the point itself, and both at once.
  @Test(arguments: [[7e-6, 1], [0, 1], [0, 0, 0], [1e-9, -1e-9, 3]])
  func kinks(x: [Double]) {
    let right = checkGradients(at: [Tensor(x)]) { $0[0].relu() }
    #expect(right.passed, "\(right)")
    #expect(checkGradients(at: [Tensor(x)]) { $0[0].relu().sum() }.passed)
    #expect(!checkGradients(at: [Tensor(x)]) { twice($0[0]).relu() }.passed)
    #expect(
      "\(right)".hasSuffix("tensor 0 is at a kink or next to one: compared on either side of it")
        == x.contains { abs($0) < 1e-8 })
  }

  private func twice<Scalar>(_ x: Variable<Scalar>) -> Variable<Scalar> {
    .recorded(x.value, from: x.back { g in g * 2 })
  }

  /// Steps fit the scale of the input, whatever the first one is.
  @Test(arguments: [nil, 1e-2, 1e-9])
  func stepsFit(step: Double?) {
    let functions: [(Double, @Sendable (Variable<Double>) -> Variable<Double>)] = [
      (1e-4, { $0.log() }), (1e-12, { $0.log() }), (1e-6, { $0.sqrt() }), (1e-3, { 1 / $0 }), (-1e-6, { 1 / $0 }),
      (1e6, { $0.power(3) }), (1e-6, { ($0 + 1).exp() }),
    ]
    for (x, function) in functions {
      for point in [Tensor([x]), Tensor([x, 1, 2 * x])] {
        let right = checkGradients(at: [point], step: step) { function($0[0]) }
        #expect(right.passed, "\(x): \(right)")
        #expect(!checkGradients(at: [point], step: step) { twice(function($0[0])) }.passed)
      }
    }
  }

  /// Elements move by about `step` times their root mean square, and along every second direction each by `step` times
  /// its own size.
  @Test func movesAreAsLongAsTheStep() {
    let x = Tensor<Double>([Double](repeating: 0.01, count: 500) + [Double](repeating: 100, count: 500))
    var moves: [Tensor<Double>] = []
    _ = checkGradients(at: [x], directions: 2, step: 1e-3) { v in
      let move = v[0].value - x
      if move.squaredNorm > 0 { moves.append(move) }
      return v[0].sum()
    }
    let expected: [(small: Double, large: Double)] = [
      (0.0707, 0.0707), (0.0707, 0.0707), (0.00001, 0.1), (0.00001, 0.1),
    ]
    #expect(moves.count == expected.count)
    for (move, expected) in zip(moves, expected) {
      func mean(_ range: Range<Int>) -> Double { (move.slice(range, axis: 0).squaredNorm / 500).squareRoot() }
      #expect(abs(mean(0..<500) / expected.small - 1) < 0.1 && abs(mean(500..<1000) / expected.large - 1) < 0.1)
    }
  }

  /// The size of a function's values doesn't count, neither of small ones nor of large ones.
  @Test func sizes() {
    func check<Scalar: TensorScalar>(_ size: Scalar) {
      let x = Tensor<Scalar>([0.5, -1, 2])
      let right = checkGradients(at: [x]) { $0[0].tanh() * size }
      #expect(right.passed, "\(size): \(right)")
      #expect(!checkGradients(at: [x]) { twice($0[0]).tanh() * size }.passed, "\(size)")
    }
    for size in [1e-200, 1e-30, 1e-12, 1e-9, 1e8, 1e100] { check(size) }
    for size in [1e-30, 1e-12, 1e-6, 1e-5, 1e8, 1e16] as [Float] { check(size) }
  }

  @Test func roundingIsNotAnError() {
    let x = Tensor<Double>([0.5, -1, 2])
    for number in [1e4, 1e8, 1e12] {
      for wanted in [false, true] {
        let check = checkGradients(at: [x]) { v in
          (wanted ? v[0] : twice(v[0])).tanh() + number - number
        }
        #expect(check.passed == wanted, "\(number): \(check)")
      }
    }
    let lost = checkGradients(at: [x]) { $0[0].tanh() + 1e15 - 1e15 }
    #expect("\(lost)".contains("; finite differences of tensor 0 are uncertain by "))
  }

  /// At the edge of the domain there is one side only.
  @Test func edges() {
    #expect(checkGradients(at: [Tensor<Double>([0, 0, 0])]) { $0[0].power(1.5) }.passed)
    #expect(checkGradients(at: [Tensor<Double>([0, 2])]) { $0[0].power(2.5) }.passed)
    let atPoint = checkGradients(at: [Tensor<Double>([-1, 1])]) { $0[0].log() }
    #expect(!atPoint.passed && "\(atPoint)" == "the function's value is not finite: \(Double.nan)")
    let beside = checkGradients(at: ["x": Tensor<Double>([0, 1])]) { v in
      let x = v["x"]!
      return .recorded(x.value[0] == 0 ? x.value : x.value * .infinity, from: x.back { $0 })
    }
    #expect(!beside.passed)
    #expect("\(beside)" == "x: next to the point the function or its gradient is not finite, on either side")
  }

  @Test func anotherValueAtEveryEvaluation() {
    var generator = RandomGenerator(seed: 1)
    let check = checkGradients(at: [Tensor<Double>([1, 2])]) { $0[0] * Double.random(in: 1..<2, using: &generator) }
    #expect(!check.passed && "\(check)".hasPrefix("the function has another value at every evaluation"))
  }

  @Test func nothingToCompare() {
    let none = checkGradients(at: [Tensor<Double>(zeros: [0, 3])]) { $0[0] * 2 }
    #expect(none.passed && "\(none)" == "nothing was compared: there are no elements")
    #expect(checkGradients(at: [Tensor<Double>([1, 2])]) { $0[0].slice(0..<0, axis: 0) }.passed)
  }

  // MARK: Where the reason is known

  @Test func aForgottenRecordIsNamed() {
    let x = Tensor<Double>([1, 2])
    let check = checkGradients(at: ["x": x]) { v in Variable(v["x"]!.value * 3) }
    #expect(!check.passed)
    #expect("\(check)".hasPrefix("x[1]: gradient 0.0, finite difference "))
    #expect("\(check)".contains("): the function's result is not recorded: "))
    #expect(!checkGradients(at: BagModel<Double>()) { model in Variable(model.output.weight.variable.value) }.passed)
    #expect(checkGradients(at: ["x": x]) { _ in Variable(Tensor([1, 2])) }.passed)
  }

  /// Rows whose gradients aren't the derivatives by design are left out; all others are compared.
  @Test func rowsWithOtherGradients() {
    let model = TableModel(Tensor([[1, 2], [3, 4], [5, 6], [7, 8]]))
    func check(padding: Int32?, scaled: Bool, _ function: (Variable<Double>) -> Variable<Double>) -> GradientCheck {
      withoutActuallyEscaping(function) { function in
        checkGradients(at: model) { model in
          function(model.table.gather([3, 1, 3, 0], paddingIndex: padding, scalesGradientByFrequency: scaled))
        }
      }
    }
    for (padding, scaled, rows) in [(1, false, "1"), (nil, true, "3"), (1, true, "1, 3")] as [(Int32?, Bool, String)] {
      let right = check(padding: padding, scaled: scaled) { $0.tanh() }
      #expect(right.passed, "\(right)")
      #expect(
        "\(right)".hasSuffix(
          "; left out: row \(rows) of table, whose gradient is by design not the derivative "
            + "(paddingIndex or scalesGradientByFrequency)"))
      #expect(!check(padding: padding, scaled: scaled) { twice($0).tanh() }.passed)
    }
  }

  /// Every evaluation drops the same elements.
  @Test func dropoutIsChecked() {
    let check = checkGradients(at: BagModel<Double>()) { model in
      model.output(model.embedding(RaggedIndices([[1, 2, 1], [5]])).dropout(0.5)).tanh().dropout(0.5)
    }
    #expect(check.passed, "\(check)")
  }
}
