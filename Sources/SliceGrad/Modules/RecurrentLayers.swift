/// The weights of a recurrent layer in one direction, with PyTorch's shapes: for h hidden units and so many gates.
public struct RecurrentWeights<Scalar: TensorScalar>: Equatable, Sendable {
  /// From the input to the gates, `[gates · h, inputs]`.
  public var input: Parameter<Scalar>

  /// From the hidden state to the gates, `[gates · h, h]`.
  public var hidden: Parameter<Scalar>

  /// Added to the input's part of the gates, `[gates · h]`.
  public var inputBias: Parameter<Scalar>

  /// Added to the hidden state's part of the gates, `[gates · h]`.
  public var hiddenBias: Parameter<Scalar>

  /// Uniformly distributed in ±1/√h.
  init(inputs: Int, hidden: Int, gates: Int, using generator: inout RandomGenerator) {
    let bound = 1 / Scalar(hidden).squareRoot()
    func parameter(_ shape: Shape) -> Parameter<Scalar> {
      Parameter(Tensor(uniform: shape, in: -bound..<bound, using: &generator))
    }
    input = parameter([gates * hidden, inputs])
    self.hidden = parameter([gates * hidden, hidden])
    inputBias = parameter([gates * hidden])
    hiddenBias = parameter([gates * hidden])
  }
}

/// Recurrent layers on each other, in one or both directions: what `GRU` and `LSTM` have in common.
struct RecurrentLayers<Scalar: TensorScalar>: Equatable, Sendable {
  let cell: RecurrentCell
  let isBidirectional: Bool
  var dropout: Scalar
  /// Layer by layer; of each layer first the forward and then the backward direction.
  var weights: [RecurrentWeights<Scalar>] = []

  init(
    _ cell: RecurrentCell, inputs: Int, hidden: Int, layers: Int, isBidirectional: Bool, dropout: Scalar,
    using generator: inout RandomGenerator
  ) {
    require(
      inputs > 0 && hidden > 0 && layers > 0,
      "\(cell.name): \(inputs) inputs, \(hidden) hidden units and \(layers) layers; expected 1 or more of each")
    require(0 <= dropout && dropout < 1, "\(cell.name): dropout \(dropout) is not in 0..<1")
    (self.cell, self.isBidirectional, self.dropout) = (cell, isBidirectional, dropout)
    for layer in 0..<layers {
      for _ in 0..<directions {
        weights.append(
          RecurrentWeights(
            inputs: layer == 0 ? inputs : hidden * directions, hidden: hidden, gates: cell.gateCount, using: &generator)
        )
      }
    }
  }

  var hidden: Int { weights[0].hidden.shape[1] }
  private var directions: Int { isBidirectional ? 2 : 1 }

  /// The outputs of the last layer, and for each layer and direction the states `[states · count, h]` after the last
  /// elements. There is an initial state for each of them as well.
  @specialized(where Scalar == Float)
  func outputs(
    _ sequences: Sequences<Scalar>, initial: [Variable<Scalar>]?
  ) -> (outputs: Sequences<Scalar>, final: [Variable<Scalar>]) {
    let shape = sequences.values.shape
    let inputs = weights[0].input.shape[1]
    require(
      shape.rank == 2 && shape[1] == inputs, "\(cell.name): elements of shape \(shape), expected [n, \(inputs)]")
    let initial = initial ?? weights.map { _ in Variable(Tensor(zeros: [cell.stateCount * sequences.count, hidden])) }
    var (outputs, final): (Sequences, [Variable<Scalar>]) = (sequences, [])
    for first in stride(from: 0, to: weights.count, by: directions) {
      let inputs = first == 0 ? outputs : outputs.map { $0.dropout(dropout) }
      let results = (first..<first + directions).map { i in
        let weights = weights[i]
        return inputs.map { $0.linear(weight: weights.input.variable, bias: weights.inputBias.variable) }
          .recurrence(
            cell, weight: weights.hidden.variable, bias: weights.hiddenBias.variable, initial: initial[i],
            isReversed: i > first)
      }
      final += results.map { $0.final }
      outputs = results[0].outputs
      if isBidirectional { outputs = outputs.map { .concatenate([$0, results[1].outputs.values], axis: 1) } }
    }
    return (outputs, final)
  }

  /// Traps unless states have the shape `[layers · directions, count, h]`.
  @specialized(where Scalar == Float)
  func check(_ states: Variable<Scalar>, of sequences: Sequences<Scalar>) {
    let expected: Shape = [weights.count, sequences.count, hidden]
    require(states.shape == expected, "\(cell.name): initial states of shape \(states.shape), expected \(expected)")
  }

  /// States before the first elements of so many sequences, `[layers · directions, count, h]`.
  func zeros(_ count: Int) -> Tensor<Scalar> { Tensor(zeros: [weights.count, count, hidden]) }

  /// With PyTorch's names: "weight_ih_l0", …, "bias_hh_l1_reverse".
  mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    for i in weights.indices {
      let suffix = "l\(i / directions)\(isBidirectional && i % 2 == 1 ? "_reverse" : "")"
      visit(&weights[i].input, "weight_ih_\(suffix)")
      visit(&weights[i].hidden, "weight_hh_\(suffix)")
      visit(&weights[i].inputBias, "bias_ih_\(suffix)")
      visit(&weights[i].hiddenBias, "bias_hh_\(suffix)")
    }
  }

  var description: String {
    let layers = weights.count / directions
    return "\(cell.name)(\(weights[0].input.shape[1]) → \(hidden * directions)"
      + (layers > 1 ? ", \(layers) layers" : "") + (isBidirectional ? ", both directions)" : ")")
  }
}

extension RecurrentCell {
  var name: String { self == .gru ? "GRU" : "LSTM" }
}
