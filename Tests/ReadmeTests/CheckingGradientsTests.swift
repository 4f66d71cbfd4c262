import SliceGrad
import Testing

// The code of CheckingGradients.md; the first test compares the two.

/// x / (1 + |x|), whose derivative is 1 / (1 + |x|)².
func softSign(_ x: Variable<Double>) -> Variable<Double> {
  let scale = 1 / (x.value.abs() + 1)
  return .recorded(x.value * scale, from: x.back { gradient in gradient * scale * scale })
}

func wrongSoftSign(_ x: Variable<Double>) -> Variable<Double> {
  let scale = 1 / (x.value.abs() + 1)
  return .recorded(x.value * scale, from: x.back { gradient in gradient * scale })
}

func checkSoftSigns() -> (GradientCheck, GradientCheck) {
  let x = Tensor<Double>([0.5, -1, 2])
  return (
    checkGradients(at: ["x": x]) { v in softSign(v["x"]!) },
    checkGradients(at: ["x": x]) { v in wrongSoftSign(v["x"]!) }
  )
}

struct CheckingGradientsTests {
  @Test("the code of the article is the code here, and so is what it prints")
  func articleIsCompiled() throws {
    let article = "Sources/SliceGrad/SliceGrad.docc/CheckingGradients.md"
    try expectCompiled(article)
    let (right, wrong) = checkSoftSigns()
    try expectPrinted("\(right)\n\(wrong)", article)
  }

  @Test("the right gradient passes, and the wrong one is named")
  func findsTheWrongOne() {
    let (right, wrong) = checkSoftSigns()
    #expect(right.passed && !wrong.passed && wrong.worst?.name == "x")
  }
}
