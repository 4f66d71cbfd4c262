import Foundation
import SliceGrad

/// `Network` with a cross-entropy loss, forward and backward by plain loops in Double.
struct NetworkReference {
  /// The hidden layer's weight and bias, then the output layer's.
  var parameters: [[Double]]

  init(_ network: Network) {
    parameters = [network.hidden, network.output].flatMap { layer in
      [layer.weight.value.elements.map(Double.init), layer.bias!.value.elements.map(Double.init)]
    }
  }

  /// The mean loss of a batch and its gradients, in the shapes of `parameters` and of the inputs.
  func lossAndGradients(
    _ batch: [[Double]], _ labels: [Int32]
  ) -> (loss: Double, parameters: [[Double]], inputs: [[Double]]) {
    var loss = 0.0
    var gradients = parameters.map { $0.map { _ in 0.0 } }
    var inputGradients: [[Double]] = []
    for (input, label) in zip(batch, labels) {
      let hidden = linear(input, layer: 0)
      let active = hidden.map { max($0, 0) }
      let exponentials = linear(active, layer: 1).map { exp($0) }
      let sum = exponentials.reduce(0, +)
      loss -= log(exponentials[Int(label)] / sum) / Double(batch.count)

      let outputGradient = exponentials.enumerated().map { index, exponential in
        (exponential / sum - (index == label ? 1 : 0)) / Double(batch.count)
      }
      let activeGradient = pullBack(outputGradient, layer: 1, at: active, addingTo: &gradients)
      let hiddenGradient = zip(activeGradient, hidden).map { $1 > 0 ? $0 : 0 }
      inputGradients.append(pullBack(hiddenGradient, layer: 0, at: input, addingTo: &gradients))
    }
    return (loss, gradients, inputGradients)
  }

  private func linear(_ input: [Double], layer: Int) -> [Double] {
    let (weight, bias) = (parameters[2 * layer], parameters[2 * layer + 1])
    return bias.indices.map { output in
      input.indices.reduce(bias[output]) { $0 + weight[output * input.count + $1] * input[$1] }
    }
  }

  /// Adds to the gradients of a layer's weight and bias, and returns that of its input.
  private func pullBack(
    _ gradient: [Double], layer: Int, at input: [Double], addingTo gradients: inout [[Double]]
  ) -> [Double] {
    let weight = parameters[2 * layer]
    var inputGradient = input.map { _ in 0.0 }
    for (output, slope) in gradient.enumerated() {
      gradients[2 * layer + 1][output] += slope
      for index in input.indices {
        gradients[2 * layer][output * input.count + index] += slope * input[index]
        inputGradient[index] += slope * weight[output * input.count + index]
      }
    }
    return inputGradient
  }
}
