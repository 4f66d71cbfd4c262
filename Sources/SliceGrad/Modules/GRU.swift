/// Gated recurrent units: layers that read sequences element by element and carry a hidden state along.
///
/// Each layer computes for each element x, with the hidden state h from the element before:
///
/// ```text
/// r = σ(W_ir x + b_ir + W_hr h + b_hr)
/// z = σ(W_iz x + b_iz + W_hz h + b_hz)
/// n = tanh(W_in x + b_in + r · (W_hn h + b_hn))
/// h ← (1 − z) n + z h
/// ```
///
/// Weights, their order and names are PyTorch's, so that the `state_dict` of a `torch.nn.GRU` can be loaded, if it has
/// biases, as by default.
///
///     let layer = GRU<Float>(inputs: 3, hidden: 4, isBidirectional: true, using: &generator)
///     let texts = Sequences(values: Variable(Tensor<Float>(ones: [5, 3])), rowSplits: [0, 2, 2, 5])
///     let (outputs, final) = layer(texts)
///     print(outputs.values.shape, final.shape)  // [5, 8] [2, 3, 4]
///     print(layer)  // GRU(3 → 8, both directions)
///
/// - Input: sequences of n elements altogether, `[n, inputs]`.
/// - Output: sequences of the same lengths, `[n, hidden]`, or `[n, 2 · hidden]` with both directions, first the forward
///   one; and the final states `[layers · directions, sequences, hidden]`.
///
/// Source: Cho et al., “Learning Phrase Representations using RNN Encoder–Decoder for Statistical Machine Translation”
/// (2014), with r applied after the product as in version 1.
public struct GRU<Scalar: TensorScalar>: Module, Equatable, CustomStringConvertible {
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
      .gru, inputs: inputs, hidden: hidden, layers: layers, isBidirectional: isBidirectional, dropout: dropout,
      using: &generator)
  }

  /// The weights, layer by layer; of each layer first the forward and then the backward direction.
  public var weights: [RecurrentWeights<Scalar>] {
    get { layers.weights }
    _modify { yield &layers.weights }
  }

  /// The hidden states after each element, and the final ones: the forward direction's after the last element, the
  /// backward direction's after the first.
  ///
  /// - Parameters:
  ///   - sequences: of elements `[n, inputs]`. Traps if they have another shape.
  ///   - initial: the hidden states before the first elements, `[layers · directions, sequences, hidden]`; nil: zeros.
  ///     Traps if they have another shape. An empty sequence's final states equal its initial ones.
  @specialized(where Scalar == Float)
  public func callAsFunction(
    _ sequences: Sequences<Scalar>, initial: Variable<Scalar>? = nil
  ) -> (outputs: Sequences<Scalar>, final: Variable<Scalar>) {
    if let initial { layers.check(initial, of: sequences) }
    let (outputs, final) = layers.outputs(sequences, initial: initial?.unstacked())
    return (outputs, .stack(final))
  }

  /// What reads so many sequences element by element, without gradients, from states of zeros. Traps if the layers read
  /// both directions, and in a training step.
  ///
  /// - Complexity: O(weights), which are copied.
  public func stepper(sequences: Int = 1) -> RecurrentStepper<Scalar> {
    RecurrentStepper(layers, hidden: layers.zeros(sequences), cell: nil)
  }

  /// The same from states that the layers returned: they have read what each sequence begins with at once.
  ///
  /// - Parameter states: `[layers, sequences, hidden]`. Traps on another shape, and if the layers read both
  ///   directions.
  public func stepper(from states: Variable<Scalar>) -> RecurrentStepper<Scalar> {
    RecurrentStepper(layers, hidden: states.value, cell: nil)
  }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) { layers.visitParameters(&visit) }

  public var description: String { layers.description }
}
