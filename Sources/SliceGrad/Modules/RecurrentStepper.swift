/// Recurrent layers that read sequences as these come into being, an element of each at a time, without gradients: for
/// generating texts and for streams.
///
///     var stepper = GRU<Float>(inputs: 3, hidden: 4, layers: 2, using: &generator).stepper(sequences: 5)
///     let output = stepper(Tensor<Float>(ones: [5, 3]))
///     print(output.shape)  // [5, 4]
///
/// It is made by `stepper(sequences:)` and `stepper(from:)` of a `GRU` or an `LSTM`, with the weights that the layer
/// has then, and holds the states after the elements read so far. As a value, it is all that a text in progress is: a
/// copy goes on by itself, and copies share the weights.
///
/// What it returns has the same bits as the layer's outputs for the same elements. A step of one sequence took less
/// than half as long as the layer's (64 inputs, 128 hidden units): the weights are stored as the product reads them
/// fastest, and nothing is recorded or, for one sequence whose last output isn't needed any more, allocated.
public struct RecurrentStepper<Scalar: TensorScalar>: Sendable {
  private let cell: RecurrentCell
  private var layers: [Layer]

  /// A layer's weights, transposed, and its states `[sequences, h]`.
  fileprivate struct Layer {
    let inputWeight: Tensor<Scalar>  // [inputs, gates · h]
    let inputBias: Tensor<Scalar>
    let stateWeight: Tensor<Scalar>  // [h, gates · h]
    let stateBias: Tensor<Scalar>
    var hidden: Tensor<Scalar>
    var cell: Tensor<Scalar>?
  }

  /// With states `[layers, sequences, h]`: the hidden ones and, of LSTM, the cells.
  init(_ layers: RecurrentLayers<Scalar>, hidden: Tensor<Scalar>, cell: Tensor<Scalar>?) {
    let name = layers.cell.name
    require(!layers.isBidirectional, "\(name): a stepper for both directions; expected the forward one alone")
    let expected: Shape = [layers.weights.count, hidden.rank > 1 ? hidden.shape[1] : 0, layers.hidden]
    for states in [hidden, cell ?? hidden] {
      require(states.shape == expected, "\(name): states of shape \(states.shape) for a stepper, expected \(expected)")
    }
    self.cell = layers.cell
    self.layers = layers.weights.enumerated().map { i, weights in
      Layer(
        inputWeight: weights.input.value.transposed(), inputBias: weights.inputBias.value,
        stateWeight: weights.hidden.value.transposed(), stateBias: weights.hiddenBias.value, hidden: hidden.row(i),
        cell: cell?.row(i))
    }
  }

  /// How many sequences are read at once.
  public var sequenceCount: Int { layers[0].hidden.shape[0] }

  /// Reads the next element of each sequence. Returns the last layer's hidden states, `[sequences, hidden]`.
  ///
  /// - Parameter x: an element for each sequence, `[sequences, inputs]`. Traps on another shape.
  /// - Complexity: O(sequences · hidden · (inputs + hidden)) for each layer.
  @specialized(where Scalar == Float)
  public mutating func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let (count, inputs) = (sequenceCount, layers[0].inputWeight.shape[0])
    require(
      x.rank == 2 && x.shape[0] == count && x.shape[1] == inputs,
      "\(cell.name): elements of shape \(x.shape) for a stepper, expected [\(count), \(inputs)]")
    var input = x
    for i in layers.indices {
      layers[i].step(cell, input)
      input = layers[i].hidden
    }
    return input
  }

  /// Goes on with these sequences alone, numbered from now on in this order. One that is named twice goes on as two.
  ///
  /// So texts that have ended leave a batch, and a beam search follows the best ones. Traps on numbers outside of
  /// `0..<sequenceCount`.
  public mutating func keep(_ sequences: [some RowNumber]) {
    let rows = type(of: sequences).Element.asInt32(sequences)
    if let problem = rows.problem(tableRows: sequenceCount) { trap("\(cell.name): sequences to keep: \(problem)") }
    for i in layers.indices {
      let shape: Shape = [rows.count, layers[i].hidden.shape[1]]
      layers[i].hidden = layers[i].hidden.gatheringRows(rows, shape: shape)
      layers[i].cell = layers[i].cell?.gatheringRows(rows, shape: shape)
    }
  }
}

extension RecurrentStepper.Layer {
  @specialized(where Scalar == Float)
  fileprivate mutating func step(_ kind: RecurrentCell, _ x: Tensor<Scalar>) {
    let (count, inputs, h) = (x.shape[0], x.shape[1], stateWeight.shape[0])
    let operations = kind.gateCount * h * (inputs + h)
    let kernel = kind.kernel
    x.withPointer { x in
      withPointers(inputWeight, inputBias, stateWeight, stateBias) { w, b, u, c in  // w x + b + u h + c
        withMutablePointers(&hidden, &cell) { hidden, cell in
          // A product of few rows is slow, for each reads all weights.
          Threads.forEachRange(of: count, operations: operations, multiplesOf: 4) {
            Scalar.Kernels.recurrentStep(kernel, x, w, b, u, c, hidden, cell, inputs, h, $0, $1)
          }
        }
      }
    }
  }
}
