import Foundation
import SliceGrad
import Testing

@Suite struct PositionsTests {
  @Test func positions() {
    let values = Variable(Tensor<Float>(zeros: [6, 2]))
    #expect(Sequences(values: values, rowSplits: [0, 3, 3, 4, 6]).positions == [0, 1, 2, 0, 0, 1])
    #expect(Sequences(values: values.slice(0..<0, axis: 0), rowSplits: [0]).positions == [])
  }

  /// Against the definition; an odd number of columns ends with a sine.
  @Test(arguments: [0, 1, 6, 7]) func sinusoidalPositions(columns: Int) {
    let table = Tensor<Double>.sinusoidalPositions(length: 500, columns: columns)
    #expect(table.shape == [500, columns])
    for place in [0, 1, 7, 499] {
      for column in 0..<columns {
        let angle = Double(place) / pow(10_000, Double(column / 2 * 2) / Double(columns))
        let expected = column % 2 == 0 ? sin(angle) : cos(angle)
        #expect(abs(table[place, column] - expected) < 1e-12)
      }
    }
    let floats = Tensor<Float>.sinusoidalPositions(length: 500, columns: columns)
    #expect(Array(floats.elements) == table.elements.map(Float.init))
  }

  /// Learnt positions are rows of a table: its gradient is the sum over the sequences that reach so far.
  @Test func learntPositions() {
    let places = Embedding<Double>(weight: Tensor(zeros: [9, 2]))
    let texts = Sequences(values: Variable(Tensor<Double>(ones: [5, 2])), rowSplits: [0, 3, 3, 5])
    let gradients = valueWithGradients(at: places) { places in
      texts.map { $0 + places(texts.positions) }.values.sum()
    }.gradients
    let expected = Tensor<Double>([[2, 2], [2, 2], [1, 1], [0, 0]])
    #expect(gradients[\.weight, in: places]?.densified().slice(0..<4, axis: 0) == expected)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("sinusoidalPositions: length 3 and -1 columns, expected 0 or more of both") {
      _ = Tensor<Float>.sinusoidalPositions(length: 3, columns: -1)
    }
  ]
}
