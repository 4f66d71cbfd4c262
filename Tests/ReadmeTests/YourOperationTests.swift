import Foundation
import SliceGrad
import Testing

// The code of YourOperation.md; the first test compares the two.

func cosine(_ x: Variable<Double>) -> Variable<Double> {
  let v = x.value
  return .recorded(mapped(v, cos), from: x.back { g in mapped(v, sin) * g * -1 })
}

func mapped(_ x: Tensor<Double>, _ function: (Double) -> Double) -> Tensor<Double> {
  Tensor(shape: x.shape, elements: x.elements.map(function))
}

func squaredError(_ x: Variable<Double>, _ y: Variable<Double>) -> Variable<Double> {
  let difference = x.value - y.value
  return .recorded(
    difference.square(), from: x.back { g in g * difference * 2 }, y.back { g in g * difference * -2 })
}

func firstRow(_ x: Variable<Double>) -> Variable<Double> {
  .recorded(x.value.slice(0..<1, axis: 0), from: x.back(adding: { g, sum in sum.add(g, toSlice: 0..<1, axis: 0) }))
}

/// The distances `[n, 1]` of the rows of two matrices `[n, d]`.
func distance(_ x: Variable<Double>, _ y: Variable<Double>) -> Variable<Double> {
  let difference = x.value - y.value
  let distance = difference.square().sum(over: [1], keepingDimensions: true).sqrt()
  return .recorded(distance, from: [x, y]) { g in
    let gradient = g * difference / distance
    return [gradient, gradient * -1]
  }
}

func checkOperations() -> [GradientCheck] {
  let (x, y) = (Tensor<Double>([[0.5, -1, 2], [1, 3, -2]]), Tensor<Double>([[1, 0.5, -1], [0.25, -1, 2]]))
  return [
    checkGradients(at: ["x": x]) { v in cosine(v["x"]!) },
    checkGradients(at: ["x": x, "row": Tensor([0.5, 1, 2])]) { v in squaredError(v["x"]!, v["row"]!) },
    checkGradients(at: ["x": x]) { v in firstRow(v["x"]!).square() },
    checkGradients(at: ["x": x, "y": y]) { v in distance(v["x"]!, v["y"]!) },
  ]
}

struct YourOperationTests {
  @Test("the article on operations is compiled")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/YourOperation.md") }

  @Test("its operations have the right gradients")
  func gradientsAreRight() {
    for check in checkOperations() { #expect(check.passed, "\(check)") }
  }

  @Test("its operations have the right values")
  func valuesAreRight() {
    let (x, y) = (Variable(Tensor<Double>([[0, 3], [1, 1]])), Variable(Tensor<Double>([[4, 0], [1, 3]])))
    #expect(cosine(x).value[0, 0] == 1 && squaredError(x, y).value == Tensor([[16, 9], [0, 4]]))
    #expect(firstRow(x).value == Tensor([[0, 3]]) && distance(x, y).value == Tensor([[5], [2]]))
  }
}
