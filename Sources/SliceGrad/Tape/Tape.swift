/// The record of a computation, and the walk back through it: the whole reverse-mode engine.
///
/// Values are numbered in the order in which they are computed, and every way from a result back to one of its inputs
/// is an edge. A result's number is larger than its inputs', so walking through the edges from the last to the first
/// meets each result after all its uses: no sorting, no recursion. The walk consumes the edges, and with them what
/// their pullbacks hold.
///
/// Most programs get a tape from `valueWithGradients`. One made with a seed and used for every step also owns the
/// random numbers of dropout:
///
///     let tape = Tape<Float>(seed: 1)
///     for batch in batches {
///       let (loss, gradients) = valueWithGradients(at: model, on: tape) { model, tape in … }
///     }
public final class Tape<Scalar: TensorScalar> {
  /// The source of an operation's random numbers, if the tape was made with a seed.
  public var generator: RandomGenerator?

  /// A way back from a result to one or more of its inputs.
  private struct Edge {
    let result: Int
    let receiver: Receiver
  }

  private enum Receiver {
    case value(Int, Variable<Scalar>.Pullback)
    case values([Int?], (Tensor<Scalar>) -> [Tensor<Scalar>?])
    indirect case rows(table: Int, RowLookup<Scalar>)
  }

  /// A value of the step and, on the way back, its gradient as far as it has come together.
  private struct Value {
    let shape: Shape
    var gradient: Tensor<Scalar>?
  }

  /// The step's values. Numbers go on from step to step, so that a value kept from an earlier one is known.
  private var values: [Value] = []
  private var firstNumber = 0
  private var edges: [Edge] = []
  private var isRecording = false

  /// A tape. Without a seed, operations that need random numbers trap.
  public init(seed: UInt64? = nil) {
    generator = seed.map { RandomGenerator(seed: $0) }
  }

  // MARK: Recording

  /// Starts a step. Its first values have to be its leaves.
  @specialized(where Scalar == Float)
  func begin() {
    require(!isRecording, "this tape is already recording a step; use another one for the inner step")
    isRecording = true
    values.reserveCapacity(16)
    edges.reserveCapacity(16)
  }

  /// Ends the step, whether it came to its gradients or not.
  @specialized(where Scalar == Float)
  func end() {
    edges.removeAll(keepingCapacity: true)
    firstNumber += values.count
    values.removeAll(keepingCapacity: true)
    isRecording = false
  }

  /// The number of a new value of this shape.
  func append(_ shape: Shape) -> Int {
    require(isRecording, "a variable is used after its training step has ended")
    values.append(Value(shape: shape))
    return firstNumber + values.count - 1
  }

  /// The way from a result's gradient to one input's.
  func append(from result: Int, to input: Int, _ pullback: @escaping Variable<Scalar>.Pullback) {
    edges.append(Edge(result: place(of: result), receiver: .value(place(of: input), pullback)))
  }

  /// The way from a result's gradient to several inputs'; nil stands for one without a number.
  func append(
    from result: Int, to inputs: [Int?], _ pullback: @escaping (Tensor<Scalar>) -> [Tensor<Scalar>?]
  ) {
    edges.append(Edge(result: place(of: result), receiver: .values(inputs.map { $0.map(place) }, pullback)))
  }

  /// The way from the result of a look-up to the rows that it read.
  func append(from result: Int, toTable table: Int, _ lookup: RowLookup<Scalar>) {
    edges.append(Edge(result: place(of: result), receiver: .rows(table: place(of: table), lookup)))
  }

  /// Where a value stands among those of this step. Traps if it is of an earlier one.
  private func place(of number: Int) -> Int {
    require(number >= firstNumber && isRecording, "a variable is used after its training step has ended")
    return number - firstNumber
  }

  // MARK: Walking back

  /// The gradients of the leaves: for each the gradient of Σ seed · output, nil where none arrived.
  @specialized(where Scalar == Float)
  func gradients(of output: Variable<Scalar>, seed: Tensor<Scalar>, leafCount: Int) -> [LeafGradient<Scalar>?] {
    guard let number = output.node, output.tape === self else {
      trap(
        "the result of this step is not recorded on its tape: it depends on no parameter of the model that was passed "
          + "to the closure (pass `on: tape` to look-ups, and inputs as Variable(x, on: tape))")
    }
    // In variables of this function, because each access to an object's is checked for overlapping others.
    var (values, edges): ([Value], [Edge]) = ([], [])
    swap(&values, &self.values)
    swap(&edges, &self.edges)
    defer {
      swap(&values, &self.values)
      swap(&edges, &self.edges)
    }
    var rowGradients: [RowGradient<Scalar>] = []
    values[place(of: number)].gradient = seed
    while let edge = edges.popLast() {
      guard let gradient = values[edge.result].gradient else { continue }
      switch edge.receiver {
      case .value(let input, let pullback):
        accumulate(pullback(gradient), into: &values[input])
      case .values(let inputs, let pullback):
        let contributions = pullback(gradient)
        require(
          contributions.count == inputs.count,
          "a joint pullback returned \(contributions.count) gradients for \(inputs.count) inputs")
        for (input, contribution) in zip(inputs, contributions) {
          guard let input else { continue }
          guard let contribution else { trap("a joint pullback returned no gradient for an input that is tracked") }
          accumulate(contribution, into: &values[input])
        }
      case .rows(let table, let lookup):
        rowGradients.append(RowGradient(table: table, lookup: lookup, gradient: gradient))
      }
      if edges.last?.result != edge.result { values[edge.result].gradient = nil }
    }
    rowGradients.reverse()
    return (0..<leafCount).map { leaf in
      if let gradient = values[leaf].gradient { return .dense(gradient) }
      let parts = rowGradients.filter { $0.table == leaf }
      return parts.isEmpty ? nil : .sparse(IndexedSlices(merging: parts, denseShape: values[leaf].shape))
    }
  }

  /// Adds a contribution to a value's gradient, summed over the axes along which the value was broadcast.
  private func accumulate(_ contribution: Tensor<Scalar>, into value: inout Value) {
    let contribution = contribution.summed(to: value.shape)
    if value.gradient == nil {
      value.gradient = contribution
    } else {
      value.gradient! += contribution
    }
  }
}

/// The gradient of one leaf: a tensor for a `Parameter`, a few rows for an `EmbeddingTable`.
enum LeafGradient<Scalar: TensorScalar>: Equatable, Sendable {
  case dense(Tensor<Scalar>)
  case sparse(IndexedSlices<Scalar>)
}
