import Foundation
import SliceGrad

// Functions of tensors, forward and backward.

extension Case {
  static var softmaxCrossEntropy: Case {
    Case(
      name: "softmaxCrossEntropy", details: ["batch": 256, "classes": 10_000],
      prepare: { try prepareSoftmaxCrossEntropy(batch: 256, classes: 10_000) })
  }

  static var layerNorm: Case {
    Case(
      name: "layerNorm", details: ["batch": 256, "columns": 512],
      prepare: { try prepareLayerNorm(batch: 256, columns: 512) })
  }

  private static func prepareSoftmaxCrossEntropy(batch: Int, classes: Int) throws -> PreparedCase {
    var generator = RandomGenerator(seed: 1)
    let logits = Tensor<Float>(normal: [batch, classes], using: &generator)
    let labels = (0..<batch).map { Int32($0 % classes) }
    @discardableResult
    func step() -> (value: Float, gradients: [Tensor<Float>]) {
      valueWithGradients(at: [logits]) { tensors in SliceGrad.softmaxCrossEntropy(tensors[0], labels) }
    }

    let (loss, gradients) = step()
    var expectedLoss = 0.0
    for row in 0..<batch {
      let exponentials = logits.row(row).elements.map { exp(Double($0)) }
      let sum = exponentials.reduce(0, +)
      let label = Int(labels[row])
      expectedLoss -= log(exponentials[label] / sum) / Double(batch)
      for (column, slope) in gradients[0].row(row).elements.enumerated() {
        let expected = (exponentials[column] / sum - (column == label ? 1 : 0)) / Double(batch)
        try expect(
          slope, equals: expected, tolerance: 1e-5 * expected.magnitude, "the gradient's element [\(row), \(column)]")
      }
    }
    try expect(loss, equals: expectedLoss, tolerance: 1e-5 * expectedLoss, "the loss")
    return PreparedCase(step: { step() })
  }

  private static func prepareLayerNorm(batch: Int, columns: Int) throws -> PreparedCase {
    var generator = RandomGenerator(seed: 1)
    let input = Tensor<Float>(normal: [batch, columns], using: &generator)
    let (weight, bias) = (Tensor<Float>(ones: [columns]), Tensor<Float>(zeros: [columns]))
    @discardableResult
    func step() -> (value: Float, gradients: [Tensor<Float>]) {
      valueWithGradients(at: [input, weight, bias]) { tensors in
        tensors[0].layerNorm(weight: tensors[1], bias: tensors[2]).sum()
      }
    }

    let output = Variable(input).layerNorm(weight: Variable(weight), bias: Variable(bias)).value
    let (_, gradients) = step()
    var weightGradient = [Double](repeating: 0, count: columns)
    for row in 0..<batch {
      let numbers = input.row(row).elements.map(Double.init)
      let mean = numbers.reduce(0, +) / Double(columns)
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
      for column in 0..<columns {
        let expected = (numbers[column] - mean) / (variance + 1e-5).squareRoot()
        weightGradient[column] += expected
        try expect(output[row, column], equals: expected, tolerance: 1e-5, "element [\(row), \(column)]")
        // The sum of a normalized row is 0, whatever the input.
        try expect(
          gradients[0][row, column], equals: 0, tolerance: 1e-5, "the gradient's element [\(row), \(column)]")
      }
    }
    for column in 0..<columns {
      try expect(
        gradients[1][column], equals: weightGradient[column], tolerance: 1e-3, "the weight's gradient [\(column)]")
      try expect(gradients[2][column], equals: Double(batch), tolerance: 0, "the bias's gradient [\(column)]")
    }
    return PreparedCase(step: { step() })
  }
}
