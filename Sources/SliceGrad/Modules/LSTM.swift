/// Long short-term memory: layers that read sequences element by element and carry a hidden state and a cell along.
///
/// Each layer computes for each element x, with the hidden state h and the cell c from the element before:
///
/// ```text
/// i = σ(W_ii x + b_ii + W_hi h + b_hi)
/// f = σ(W_if x + b_if + W_hf h + b_hf)
/// g = tanh(W_ig x + b_ig + W_hg h + b_hg)
/// o = σ(W_io x + b_io + W_ho h + b_ho)
/// c ← f c + i g
/// h ← o tanh c
/// ```
///
/// Weights, their order and names are PyTorch's, so that the `state_dict` of a `torch.nn.LSTM` can be loaded, if it has
/// biases and no projections, as by default.
///
///     let layer = LSTM<Float>(inputs: 3, hidden: 4, layers: 2, using: &generator)
///     let texts = Sequences(values: Variable(Tensor<Float>(ones: [5, 3])), rowSplits: [0, 2, 2, 5])
///     let (outputs, final) = layer(texts)
///     print(outputs.values.shape, final.cell.shape)  // [5, 4] [2, 3, 4]
///     print(layer)  // LSTM(3 → 4, 2 layers)
///
/// - Input: sequences of n elements altogether, `[n, inputs]`.
/// - Output: sequences of the same lengths, `[n, hidden]`, or `[n, 2 · hidden]` with both directions, first the forward
///   one; and the final states.
///
/// Source: Hochreiter and Schmidhuber, “Long Short-Term Memory” (1997), with the forget gate of Gers, Schmidhuber and
/// Cummins, “Learning to Forget” (2000).
public struct LSTM<Scalar: TensorScalar>: Module, Equatable, CustomStringConvertible {
  /// What the layers carry along, `[layers · directions, sequences, hidden]` both.
  public struct State {
    /// h
    public var hidden: Variable<Scalar>
    /// c
    public var cell: Variable<Scalar>

    /// A state with these hidden states and cells.
    public init(hidden: Variable<Scalar>, cell: Variable<Scalar>) { (self.hidden, self.cell) = (hidden, cell) }
  }

  private var layers: RecurrentLayers<Scalar>

  /// Layers with weights and biases that are uniformly distributed in ±1/√hidden. Traps unless there are one or more
  /// inputs, hidden units and layers, and on dropout outside of `0..<1`.
  ///
  /// - Parameters:
  ///   - inputs: how many numbers an element has.
  ///   - hidden: how many hidden units each layer has.
  ///   - layers: how many; each but the first reads the outputs of the one before.
  ///   - isBidirectional: whether each layer also reads the sequences from their ends to their beginnings.
  ///   - dropout: between layers, in training steps, whose tape then needs a seed; see `Variable.dropout`.
  ///   - generator: what draws the weights; it is advanced.
  public init(
    inputs: Int, hidden: Int, layers: Int = 1, isBidirectional: Bool = false, dropout: Scalar = 0,
    using generator: inout RandomGenerator
  ) {
    self.layers = RecurrentLayers(
      .lstm, inputs: inputs, hidden: hidden, layers: layers, isBidirectional: isBidirectional, dropout: dropout,
      using: &generator)
  }

  /// The weights, layer by layer; of each layer first the forward and then the backward direction.
  public var weights: [RecurrentWeights<Scalar>] {
    get { layers.weights }
    _modify { yield &layers.weights }
  }

  /// The hidden states after each element, and the final states: the forward direction's after the last element, the
  /// backward direction's after the first.
  ///
  /// - Parameters:
  ///   - sequences: of elements `[n, inputs]`. Traps if they have another shape.
  ///   - initial: the states before the first elements; zeros if nil. Traps unless both parts have the shape
  ///     `[layers · directions, sequences, hidden]`. An empty sequence's final states equal its initial ones.
  @specialized(where Scalar == Float)
  public func callAsFunction(
    _ sequences: Sequences<Scalar>, initial: State? = nil
  ) -> (outputs: Sequences<Scalar>, final: State) {
    if let initial {
      layers.check(initial.hidden, of: sequences)
      layers.check(initial.cell, of: sequences)
    }
    let states = initial.map { state in
      zip(state.hidden.unstacked(), state.cell.unstacked()).map { Variable.concatenate([$0, $1], axis: 0) }
    }
    let (outputs, final) = layers.outputs(sequences, initial: states)
    let pairs = Variable<Scalar>.stack(final).reshaped(to: [final.count, 2, sequences.count, layers.hidden])
    let parts = pairs.unstacked(axis: 1)
    return (outputs, State(hidden: parts[0], cell: parts[1]))
  }

  /// What reads so many sequences element by element, without gradients, from states of zeros. Traps if the layers read
  /// both directions, and in a training step.
  ///
  /// - Complexity: O(weights), which are copied.
  public func stepper(sequences: Int = 1) -> RecurrentStepper<Scalar> {
    RecurrentStepper(layers, hidden: layers.zeros(sequences), cell: layers.zeros(sequences))
  }

  /// The same from states that the layers returned: they have read what each sequence begins with at once.
  ///
  /// - Parameter states: `[layers, sequences, hidden]` both. Traps on another shape, and if the layers read both
  ///   directions.
  public func stepper(from states: State) -> RecurrentStepper<Scalar> {
    RecurrentStepper(layers, hidden: states.hidden.value, cell: states.cell.value)
  }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) { layers.visitParameters(&visit) }

  public var description: String { layers.description }
}
