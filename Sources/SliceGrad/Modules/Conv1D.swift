/// A convolution over time: at each place of a window over a sequence, a dense layer of the elements in it.
///
///     let layer = Conv1D<Float>(inputs: 2, outputs: 3, length: 2, padding: .same, using: &generator)
///     let texts = Sequences(values: Variable(Tensor<Float>(ones: [5, 2])), rowSplits: [0, 4, 5])
///     print(layer(texts).values.shape)  // [5, 3]
///     print(layer.maximum(over: texts).shape)  // [2, 3]
///     print(layer)  // Conv1D(2 → 3, length 2)
///
/// - Input: sequences of elements `[n, inputs]`.
/// - Output: sequences of elements `[windows, outputs]`; see `Sequences.windows`.
///
/// Weight and bias have the shapes and names of PyTorch's `Conv1d`. Like that, this is a cross-correlation: element j
/// of a window is multiplied by `weight[_, _, j]`.
///
/// Source for texts: Kim, “Convolutional Neural Networks for Sentence Classification” (2014).
public struct Conv1D<Scalar: TensorScalar>: Module, Equatable, CustomStringConvertible {
  /// `[outputs, inputs, length]`
  public var weight: Parameter<Scalar>

  /// `[outputs]`
  public var bias: Parameter<Scalar>?

  /// From the beginning of one window to that of the next.
  public var stride: Int

  /// From one element in a window to the next.
  public var dilation: Int

  /// Zeros around each sequence.
  public var padding: WindowPadding

  /// A layer with weights and bias that are uniformly distributed in ±1/√(inputs · length). Traps unless all numbers
  /// are 1 or more.
  public init(
    inputs: Int, outputs: Int, length: Int, stride: Int = 1, dilation: Int = 1, padding: WindowPadding = .valid,
    hasBias: Bool = true, using generator: inout RandomGenerator
  ) {
    require(
      inputs > 0 && outputs > 0 && length > 0 && stride > 0 && dilation > 0,
      "Conv1D: inputs \(inputs), outputs \(outputs), length \(length), stride \(stride) and dilation \(dilation), "
        + "expected 1 or more of each")
    let bound = 1 / Scalar(inputs * length).squareRoot()
    weight = Parameter(Tensor(uniform: [outputs, inputs, length], in: -bound..<bound, using: &generator))
    bias = hasBias ? Parameter(Tensor(uniform: [outputs], in: -bound..<bound, using: &generator)) : nil
    (self.stride, self.dilation, self.padding) = (stride, dilation, padding)
  }

  /// The layer's output at each place of the window. Traps unless elements are `[n, inputs]`.
  public func callAsFunction(_ sequences: Sequences<Scalar>) -> Sequences<Scalar> {
    windows(of: sequences).map { $0.linear(weight: matrix, bias: bias?.variable) }
  }

  /// The maximum of each output over time, `[sequences, outputs]`; 0 where there is no window. This is
  /// `self(sequences).max()`, several times as fast in training: see `Sequences.maximum`.
  public func maximum(over sequences: Sequences<Scalar>) -> Variable<Scalar> {
    windows(of: sequences).maximum(ofLinear: matrix, bias: bias?.variable)
  }

  private func windows(of sequences: Sequences<Scalar>) -> Sequences<Scalar> {
    let (shape, inputs, length) = (sequences.values.shape, weight.shape[1], weight.shape[2])
    require(shape.rank == 2 && shape[1] == inputs, "Conv1D: elements of shape \(shape), expected [n, \(inputs)]")
    return sequences.windows(length: length, stride: stride, dilation: dilation, padding: padding)
  }

  /// The weights in the order of a window's elements: one after another, each with all its columns.
  private var matrix: Variable<Scalar> {
    weight.variable.transposed([0, 2, 1]).reshaped(to: [weight.shape[0], weight.shape[1] * weight.shape[2]])
  }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&weight, "weight")
    visit(&bias, "bias")
  }

  public var description: String { "Conv1D(\(weight.shape[1]) → \(weight.shape[0]), length \(weight.shape[2]))" }
}
