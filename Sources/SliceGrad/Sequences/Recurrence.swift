import SliceGradKernels

/// What a recurrent layer does at each time with the state that it carries along.
enum RecurrentCell: Sendable {
  case gru
  case lstm

  /// Gates for each hidden unit: r, z, n, or i, f, g, o.
  var gateCount: Int { self == .gru ? 3 : 4 }

  /// Vectors that make up a state: the hidden state and, of LSTM, the cell.
  var stateCount: Int { self == .gru ? 1 : 2 }

  fileprivate var savedCount: Int { self == .gru ? 4 : 5 }
  var kernel: SliceGradCell { self == .gru ? SliceGradGRU : SliceGradLSTM }
}

extension Sequences {
  /// The loop of a recurrent layer over the time, in one direction. The elements of these sequences are the gates that
  /// follow from its inputs, `[n, gates · h]`.
  ///
  /// - Parameters:
  ///   - weight: `[gates · h, h]`, from the state to its part of the gates.
  ///   - bias: `[gates · h]`, added to that part.
  ///   - initial: the states before the first elements, `[states · count, h]`: all hidden states, then all cells.
  ///   - isReversed: whether each sequence is taken from its last element to its first.
  /// - Returns: the hidden state after each element, `[n, h]`, and the states after the last ones, shaped as initial
  ///   ones. Those of an empty sequence are its initial ones.
  @specialized(where Scalar == Float)
  func recurrence(
    _ cell: RecurrentCell, weight: Variable<Scalar>, bias: Variable<Scalar>, initial: Variable<Scalar>,
    isReversed: Bool
  ) -> (outputs: Sequences, final: Variable<Scalar>) {
    let (h, gates) = (weight.shape[-1], values.shape[-1])
    require(
      weight.shape == [gates, h] && bias.shape == [gates] && gates == cell.gateCount * h
        && initial.shape == [cell.stateCount * count, h],
      "a recurrent layer: gates \(values.shape), weight \(weight.shape), bias \(bias.shape) and initial states "
        + "\(initial.shape), expected [n, \(cell.gateCount) · h], [\(cell.gateCount) · h, h], [\(cell.gateCount) · h] and "
        + "[\(cell.stateCount) · \(count), h]")
    let loop = RecurrentLoop<Scalar>(cell, rowSplits: rowSplits, hidden: weight.shape[1], isReversed: isReversed)
    let (inputs, w, start) = (values.value, weight.value, initial.value)
    let (states, saved) = loop.run(inputs: inputs, weight: w, bias: bias.value, initial: start)
    let result = Variable.recorded(states, from: [values, weight, bias, initial]) { g in
      loop.gradients(g, weight: w, initial: start, outputs: states, saved: saved)
    }
    let n = values.shape[0]
    return (
      Sequences(values: result.slice(0..<n, axis: 0), rowSplits: rowSplits),
      result.slice(n..<states.shape[0], axis: 0)
    )
  }
}

/// A batch of sequences as the kernels go through it.
private struct RecurrentLoop<Scalar: TensorScalar> {
  private let cell: RecurrentCell
  private let rowSplits: [Int32]
  private let hidden: Int
  private let isReversed: Bool
  private let longest: Int
  /// The sequences in parts for the threads. Each part is ordered by length, and has its share of each length.
  private let order: [Int32]
  /// Where the parts begin and end in the order.
  private let partEnds: [Int]

  private var count: Int { rowSplits.count - 1 }
  private var elements: Int { Int(rowSplits.last!) }
  private var stateRows: Int { cell.stateCount * count }

  @specialized(where Scalar == Float)
  init(_ cell: RecurrentCell, rowSplits: [Int32], hidden: Int, isReversed: Bool) {
    (self.cell, self.rowSplits, self.hidden, self.isReversed) = (cell, rowSplits, hidden, isReversed)
    func length(_ sequence: Int32) -> Int32 { rowSplits[Int(sequence) + 1] - rowSplits[Int(sequence)] }
    let byLength = (0..<Int32(rowSplits.count - 1)).sorted { length($0) > length($1) }
    longest = byLength.first.map { Int(length($0)) } ?? 0
    // A product of few rows is slow, for each reads all weights. Whichever part a sequence is in, it has the same bits.
    let count = Swift.max(Swift.min(Threads.count, byLength.count / 4), 1)
    var (order, ends): ([Int32], [Int]) = ([], [0])
    for part in 0..<count {
      order += stride(from: part, to: byLength.count, by: count).map { byLength[$0] }
      ends.append(order.count)
    }
    (self.order, partEnds) = (order, ends)
  }

  /// The hidden states after all elements `[n, h]`, behind them the final states, and what the way back needs.
  @specialized(where Scalar == Float)
  func run(
    inputs: Tensor<Scalar>, weight: Tensor<Scalar>, bias: Tensor<Scalar>, initial: Tensor<Scalar>
  ) -> (states: Tensor<Scalar>, saved: Tensor<Scalar>) {
    var states = Tensor<Scalar>(uninitialized: [elements + stateRows, hidden])
    var saved = Tensor<Scalar>(uninitialized: [elements, cell.savedCount * hidden])
    // A single step reads the weights once, where they lie.
    let transposes = longest < 2
    withPointers(inputs, transposes ? weight : weight.transposed(), bias, initial) { inputs, weight, bias, initial in
      withMutablePointers(&states, &saved) { states, saved in
        forEachPart {
          Scalar.Kernels.recurrence($0, inputs, weight, transposesWeight: transposes, bias, initial, states, saved)
        }
      }
    }
    return (states, saved)
  }

  /// From the gradient of the states to those of inputs, weight, bias and initial states.
  @specialized(where Scalar == Float)
  func gradients(
    _ g: Tensor<Scalar>, weight: Tensor<Scalar>, initial: Tensor<Scalar>, outputs: Tensor<Scalar>,
    saved: Tensor<Scalar>
  ) -> [Tensor<Scalar>] {
    let (gates, kernel) = (cell.gateCount * hidden, Scalar.Kernels.recurrenceGradient)
    var inputSlope = Tensor<Scalar>(uninitialized: [elements, gates])
    var recurrentSlope = Tensor<Scalar>(uninitialized: cell == .lstm ? [0] : [elements, gates])
    var before = Tensor<Scalar>(uninitialized: [elements, hidden])
    var initialSlope = Tensor<Scalar>(uninitialized: [stateRows, hidden])
    g.withPointer { g in
      withPointers(weight, initial, outputs, saved) { weight, initial, outputs, saved in
        withMutablePointers(&inputSlope, &recurrentSlope, &before, &initialSlope) { inputs, gates, before, start in
          forEachPart { kernel($0, g, weight, initial, outputs, saved, inputs, gates, before, start) }
        }
      }
    }
    let gateSlope = cell == .lstm ? inputSlope : recurrentSlope
    return [inputSlope, gateSlope.matmul(before, transposeLeft: true), gateSlope.sum(over: [0]), initialSlope]
  }

  /// Calls the body for each part, possibly concurrently.
  @specialized(where Scalar == Float)
  private func forEachPart(_ body: (SliceGradRecurrence) -> Void) {
    let operations = elements / (partEnds.count - 1) * hidden * hidden
    rowSplits.withUnsafeBufferPointer { splits in
      order.withUnsafeBufferPointer { order in
        guard let splits = splits.baseAddress, let order = order.baseAddress else { return }
        Threads.forEachRange(of: partEnds.count - 1, operations: operations) { first, end in
          for part in first..<end { body(recurrence(of: partEnds[part]..<partEnds[part + 1], order, splits)) }
        }
      }
    }
  }

  private func recurrence(
    of taken: Range<Int>, _ order: UnsafePointer<Int32>, _ splits: UnsafePointer<Int32>
  ) -> SliceGradRecurrence {
    SliceGradRecurrence(
      cell: cell.kernel, isReversed: isReversed, splits: splits, order: order + taken.lowerBound, count: count,
      taken: taken.count, hidden: hidden)
  }
}
