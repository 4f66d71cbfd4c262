import Foundation
import SliceGrad
import Testing

@Suite struct SoftmaxTests {
  /// Along every axis of random tensors, against the definition; the rest of the position stays.
  @Test func alongEveryAxis() {
    var generator = RandomGenerator(seed: 1)
    for _ in 0..<40 {
      let x = generator.tensor(generator.shape(ranks: 1...4, dimensions: 0...4), of: Double.self) * 3
      for axis in -x.rank..<x.rank {
        let (softmax, logSoftmax) = (Variable(x).softmax(axis: axis).value, Variable(x).logSoftmax(axis: axis).value)
        #expect(softmax.shape == x.shape && logSoftmax.shape == x.shape)
        #expect(x.softmax(axis: axis) == softmax && x.logSoftmax(axis: axis) == logSoftmax)
        let column = axis < 0 ? axis + x.rank : axis
        for position in positions(of: x.shape) {
          let exponentials = (0..<x.shape[axis]).map { index in
            var other = position
            other[column] = index
            return exp(x.element(broadcastTo: other))
          }
          let expected = exponentials[position[column]] / exponentials.reduce(0, +)
          #expect(abs(softmax.element(broadcastTo: position) - expected) <= 1e-15)
          #expect(abs(logSoftmax.element(broadcastTo: position) - log(expected)) <= 1e-14)
        }
      }
    }
  }

  @Test func largeLogits() {
    let x = Tensor<Float>([[1e4, 0, -1e4], [-1e4, -1e4, -1e4 - 1], [3e38, 3e38, -3e38]])
    let softmax = x.softmax()
    #expect(softmax.slice(0..<1, axis: 0) == Tensor([[1, 0, 0]]))
    #expect(abs(softmax[1, 2] - 1 / (1 + 2 * exp(Float(1)))) < 1e-7)
    #expect(softmax.slice(2..<3, axis: 0) == Tensor([[0.5, 0.5, 0]]))
    let logSoftmax = x.logSoftmax()
    #expect(logSoftmax.slice(0..<1, axis: 0) == Tensor([[0, -1e4, -2e4]]))
    #expect(logSoftmax.isFinite == false && logSoftmax[2, 2] == -.infinity)
  }

  /// The largest logit of a row decides, whatever its place among those that are compared at once; and adding a number
  /// to all logits changes no bit.
  @Test(arguments: [1, 2, 15, 16, 17, 33, 64, 65, 130]) func rowsOfAnyLength(columns: Int) {
    func check<Scalar: TensorScalar>(_ type: Scalar.Type) {
      for largest in 0..<columns {
        var elements = [Scalar](repeating: -1000, count: columns)
        elements[largest] = 1000
        var (certain, logarithms) = (elements.map { _ in Scalar(0) }, elements.map { _ in Scalar(-2000) })
        (certain[largest], logarithms[largest]) = (1, 0)
        let x = Tensor(elements)
        #expect(x.softmax() == Tensor(certain) && x.logSoftmax() == Tensor(logarithms))
        #expect(softmaxCrossEntropy(Variable(x), [largest]).scalar == 0)
      }
      let x = Tensor((0..<columns).map { Scalar($0 * 37 % 61) / 8 })
      #expect((x + 4096).softmax() == x.softmax() && (x - 4096).logSoftmax() == x.logSoftmax())
    }
    check(Float.self)
    check(Double.self)
  }

  /// A logit of −∞ has probability 0, and no gradient. All of them −∞, or one +∞, leave nothing defined.
  @Test func infiniteLogits() {
    let x = Tensor<Double>([0, -.infinity, 0])
    #expect(x.softmax() == Tensor([0.5, 0, 0.5]))
    let half: Double = log(0.5)
    #expect(x.logSoftmax() == Tensor<Double>([half, -.infinity, half]))
    let weights = Variable(Tensor<Double>([1, 2, 4]))
    #expect(valueWithGradients(at: [x]) { ($0[0].softmax() * weights).sum() }.gradients == [Tensor([-0.75, 0, 0.75])])
    let logGradient = valueWithGradients(at: [x]) { $0[0].logSoftmax().slice(0..<1, axis: 0).sum() }.gradients[0]
    #expect(logGradient == Tensor([0.5, 0, -0.5]))
    for undefined: Tensor<Double> in [Tensor([-.infinity, -.infinity]), Tensor([.infinity, 0]), Tensor([.nan, 0])] {
      #expect(undefined.softmax().elements.allSatisfy { $0.isNaN })
      #expect(undefined.logSoftmax().elements.contains { $0.isNaN })
    }
  }

  @Test func emptyAxes() {
    #expect(Tensor<Float>(zeros: [3, 0]).softmax().shape == [3, 0])
    #expect(Tensor<Float>(zeros: [0, 3]).logSoftmax().shape == [0, 3])
    #expect(Variable(Tensor<Float>(zeros: [3, 0])).softmax(axis: 0).shape == [3, 0])
  }
}
