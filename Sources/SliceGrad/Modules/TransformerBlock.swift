/// A layer of a transformer: elements attend to each other, and then a small network treats each of them alone.
///
/// Both parts add to their input, and normalize either the sum or, if `isNormFirst`, their input:
///
/// ```text
/// x ← norm1(x + self_attn(x))      or    x ← x + self_attn(norm1(x))
/// x ← norm2(x + network(x))              x ← x + network(norm2(x))
///
/// network(x) = linear2(activation(linear1(x)))
/// ```
///
/// Weights, their order and names are PyTorch's, so that the `state_dict` of a `torch.nn.TransformerEncoderLayer` can
/// be loaded, if it has biases, as by default. With `isCausal` it is the layer of a language model. It doesn't see the
/// order of the elements: add their `Sequences.positions` before the first block.
///
///     let block = TransformerBlock<Float>(columns: 8, heads: 2, hidden: 32, using: &generator)
///     let texts = Sequences(values: Variable(Tensor<Float>(ones: [5, 8])), rowSplits: [0, 2, 2, 5])
///     print(block(texts, isCausal: true).values.shape)  // [5, 8]
///     print(block)  // TransformerBlock(8, 2 heads, 32 hidden)
///
/// - Input: sequences of n elements altogether, `[n, d]`.
/// - Output: sequences of the same lengths, `[n, d]`.
///
/// Sources: Vaswani et al., “Attention Is All You Need” (2017), section 3.1; norms first: Xiong et al., “On Layer
/// Normalization in the Transformer Architecture” (2020).
public struct TransformerBlock<Scalar: TensorScalar>: Module, Equatable, CustomStringConvertible {
  /// What activates the hidden units.
  public enum Nonlinearity: Sendable {
    case relu
    case gelu
  }

  /// The first part, which lets elements attend to each other.
  public var attention: MultiHeadAttention<Scalar>

  /// The two layers of the network, the second part: d → hidden → d.
  public var (linear1, linear2): (Dense<Scalar>, Dense<Scalar>)

  /// The normalizations of both parts.
  public var (norm1, norm2): (LayerNorm<Scalar>, LayerNorm<Scalar>)

  /// The dropout probability, applied to both parts' outputs and to the hidden units; see `Variable.dropout`. Unlike in
  /// PyTorch, attention weights are not dropped.
  public var dropout: Scalar

  /// The function between the two layers of the network.
  public var activation: Nonlinearity

  /// Whether each part normalizes its input instead of its sum. Deep models learn more easily then.
  public var isNormFirst: Bool

  /// A block for d = `columns`, whose parts begin as `MultiHeadAttention`, `Dense` and `LayerNorm` do. Traps unless
  /// there are one or more heads, columns and hidden units and the heads divide the columns, and on dropout outside of
  /// `0..<1`.
  @specialized(where Scalar == Float)
  public init(
    columns: Int, heads: Int, hidden: Int, dropout: Scalar = 0, activation: Nonlinearity = .relu,
    isNormFirst: Bool = false, using generator: inout RandomGenerator
  ) {
    require(hidden > 0, "TransformerBlock: \(hidden) hidden units, expected 1 or more")
    require(0 <= dropout && dropout < 1, "TransformerBlock: dropout \(dropout) is not in 0..<1")
    attention = MultiHeadAttention(columns: columns, heads: heads, using: &generator)
    linear1 = Dense(inputs: columns, outputs: hidden, using: &generator)
    linear2 = Dense(inputs: hidden, outputs: columns, using: &generator)
    (norm1, norm2) = (LayerNorm([columns]), LayerNorm([columns]))
    (self.dropout, self.activation, self.isNormFirst) = (dropout, activation, isNormFirst)
  }

  /// The block's result. If `isCausal` is true, no element depends on later ones. Traps unless elements have the shape
  /// `[n, d]`.
  @specialized(where Scalar == Float)
  public func callAsFunction(_ sequences: Sequences<Scalar>, isCausal: Bool = false) -> Sequences<Scalar> {
    func attended(_ x: Variable<Scalar>) -> Variable<Scalar> {
      attention(Sequences(values: x, rowSplits: sequences.rowSplits), isCausal: isCausal).values.dropout(dropout)
    }
    func treated(_ x: Variable<Scalar>) -> Variable<Scalar> {
      let hidden = linear1(x)
      return linear2((activation == .relu ? hidden.relu() : hidden.gelu()).dropout(dropout)).dropout(dropout)
    }
    return sequences.map { x in
      if isNormFirst {
        let y = x + attended(norm1(x))
        return y + treated(norm2(y))
      }
      let y = norm1(x + attended(x))
      return norm2(y + treated(y))
    }
  }

  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&attention, "self_attn")
    visit(&linear1, "linear1")
    visit(&linear2, "linear2")
    visit(&norm1, "norm1")
    visit(&norm2, "norm2")
  }

  public var description: String {
    "TransformerBlock(\(norm1.weight.shape[0]), \(attention.heads) heads, \(linear1.weight.shape[0]) hidden"
      + (activation == .gelu ? ", gelu" : "") + (isNormFirst ? ", norms first)" : ")")
  }
}
