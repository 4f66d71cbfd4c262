import Foundation
import SliceGrad

/// GRU and LSTM as plain loops in double precision.
struct RecurrentReference {
  private let input: [Double]
  private let hidden: [Double]
  private let inputBias: [Double]
  private let hiddenBias: [Double]
  private let columns: Int
  private let units: Int

  init(_ weights: RecurrentWeights<Float>) {
    func numbers(_ parameter: Parameter<Float>) -> [Double] { parameter.value.elements.map(Double.init) }
    (input, hidden) = (numbers(weights.input), numbers(weights.hidden))
    (inputBias, hiddenBias) = (numbers(weights.inputBias), numbers(weights.hiddenBias))
    (columns, units) = (weights.input.shape[1], weights.hidden.shape[1])
  }

  /// The hidden states after each element of sequences `[length, columns]`.
  func gruOutputs(_ sequences: [[Double]], length: Int) -> [[Double]] {
    sequences.map { sequence in
      var (h, outputs) = ([Double](repeating: 0, count: units), [Double]())
      for t in 0..<length {
        let x = affine(input, inputBias, sequence[t * columns..<(t + 1) * columns])
        let state = affine(hidden, hiddenBias, h[...])
        for j in 0..<units {
          let (r, z) = (sigmoid(x[j] + state[j]), sigmoid(x[units + j] + state[units + j]))
          let n = tanh(x[2 * units + j] + r * state[2 * units + j])
          h[j] = (1 - z) * n + z * h[j]
        }
        outputs += h
      }
      return outputs
    }
  }

  /// The same of LSTM.
  func lstmOutputs(_ sequences: [[Double]], length: Int) -> [[Double]] {
    sequences.map { sequence in
      var (h, outputs) = ([Double](repeating: 0, count: units), [Double]())
      var c = h
      for t in 0..<length {
        let x = affine(input, inputBias, sequence[t * columns..<(t + 1) * columns])
        let state = affine(hidden, hiddenBias, h[...])
        let gates = zip(x, state).map { $0 + $1 }
        for j in 0..<units {
          c[j] = sigmoid(gates[units + j]) * c[j] + sigmoid(gates[j]) * tanh(gates[2 * units + j])
          h[j] = sigmoid(gates[3 * units + j]) * tanh(c[j])
        }
        outputs += h
      }
      return outputs
    }
  }

  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private func affine(_ weight: [Double], _ bias: [Double], _ x: ArraySlice<Double>) -> [Double] {
    bias.indices.map { row in
      var sum = bias[row]
      for (j, number) in x.enumerated() { sum += weight[row * x.count + j] * number }
      return sum
    }
  }
}

/// Convolutions and their maxima over the time as plain loops in double precision.
struct ConvolutionReference {
  private let layers: [(weight: [Double], bias: [Double], shape: Shape)]

  init(_ layers: [Conv1D<Float>]) {
    self.layers = layers.map { layer in
      (
        layer.weight.value.elements.map(Double.init), layer.bias!.value.elements.map(Double.init), layer.weight.shape
      )
    }
  }

  /// For sequences `[time, columns]` the maximum of each layer's each output.
  func maxima(_ sequences: [[Double]], time: Int) -> [[Double]] {
    sequences.map { x in
      layers.flatMap { weight, bias, shape in
        let (columns, length) = (shape[1], shape[2])
        return (0..<shape[0]).map { output in
          (0...time - length).reduce(-Double.infinity) { most, first in
            var sum = bias[output]
            for column in 0..<columns {
              for j in 0..<length {
                sum += weight[(output * columns + column) * length + j] * x[(first + j) * columns + column]
              }
            }
            return max(most, sum)
          }
        }
      }
    }
  }
}
