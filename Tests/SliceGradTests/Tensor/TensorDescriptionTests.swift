import Foundation
import SliceGrad
import Testing

@Suite struct TensorDescriptionTests {
  @Test func scalarsAndVectors() {
    #expect("\(Tensor<Double>(3))" == "3")
    #expect("\(Tensor<Double>([1, -2.5, 0.125]))" == "[1, -2.5, 0.125]")
    #expect("\(Tensor<Double>(zeros: [0]))" == "[]  shape [0]")
  }

  @Test func matricesAndAbove() {
    #expect("\(Tensor<Double>([[1, 2], [3, 4]]))" == "[[1, 2],\n [3, 4]]")
    #expect("\(Tensor<Double>([[1], [2]]))" == "[[1],\n [2]]")
    #expect("\(Tensor<Double>(zeros: [2, 0]))" == "[[],\n []]  shape [2, 0]")
    let cube = Tensor<Double>([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    #expect("\(cube)" == "[[[1, 2],\n  [3, 4]],\n\n [[5, 6],\n  [7, 8]]]")
  }

  @Test func axesOverTenAreCut() {
    #expect("\(Tensor<Double>(zeros: [1, 10]))" == "[[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]")
    #expect("\(Tensor<Double>((0..<11).map(Double.init)))" == "[0, 1, 2, …, 8, 9, 10]  shape [11]")
    #expect(
      "\(Tensor<Double>(shape: [1000, 2], elements: (0..<2000).map(Double.init)))" == """
        [[0, 1],
         [2, 3],
         [4, 5],
         …
         [1994, 1995],
         [1996, 1997],
         [1998, 1999]]  shape [1000, 2]
        """)
  }

  @Test func numbers() {
    #expect("\(Tensor<Double>([.nan, .infinity, -.infinity, -0.0]))" == "[nan, inf, -inf, 0]")
    #expect("\(Tensor<Double>([1.0 / 3, -2.0 / 3, 1e6 / 3, 123456.7]))" == "[0.333333, -0.666667, 333333, 123457]")
    #expect("\(Tensor<Double>([1234567.8, 999999.9, 1e20, 1.5e-7]))" == "[1234570, 1000000, 1e+20, 1.5e-07]")
    #expect("\(Tensor<Double>([.greatestFiniteMagnitude, .leastNonzeroMagnitude]))" == "[1.79769e+308, 5e-324]")
    #expect(
      "\(Tensor<Float>([0.1, 1e10, 1e-30, .greatestFiniteMagnitude]))" == "[0.1, 10000000000, 1e-30, 3.40282e+38]")
  }

  /// Over all magnitudes, the number that is shown is the one that `printf` rounds to.
  @Test func sixSignificantDigits() throws {
    var generator = RandomGenerator(seed: 1)
    for exponent in -307...308 {
      let number = -Double.random(in: 1..<10, using: &generator) * pow(10, Double(exponent - 1))
      let text = "\(Tensor<Double>(number))"
      let expected = try #require(Double(String(format: "%.5e", number)))
      #expect(Double(text) == expected, "\(number) is shown as \(text)")
    }
  }
}
