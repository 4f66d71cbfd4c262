/// A value in a computation, perhaps recorded on a tape.
///
/// Operations on variables compute at once. If a tape tracks one of their inputs, they also record how a gradient goes
/// back; otherwise they cost what they cost on tensors: inference is the same code without a tape.
///
///     let x = Variable(Tensor<Float>([1, 2, 3]))
///     print((x * x).sum().value)  // 14
public struct Variable<Scalar: TensorScalar> {
  /// The number or numbers.
  public let value: Tensor<Scalar>

  /// The tape of the training step that this value takes part in.
  public let tape: Tape<Scalar>?

  /// The number on the tape, if gradients are to reach this value.
  let node: Int?

  /// A constant, which gets no gradient.
  ///
  /// In a training step, start with the step's tape, so that layers know which one to record on:
  ///
  ///     let output = model(Variable(features, on: tape))
  public init(_ value: Tensor<Scalar>, on tape: Tape<Scalar>? = nil) {
    self.init(value, tape: tape, node: nil)
  }

  init(_ value: Tensor<Scalar>, tape: Tape<Scalar>?, node: Int?) {
    self.value = value
    self.tape = tape
    self.node = node
  }

  /// Whether gradients are to reach this value: whether it is a parameter of a training step or follows from one.
  public var isTracked: Bool { node != nil }

  /// The dimensions of the value.
  public var shape: Shape { value.shape }

  /// The only element of a value that has just one. Traps otherwise.
  public var scalar: Scalar { value.scalar }

  /// The same value as a constant: no gradient flows back through it.
  public func detached() -> Variable { Variable(value, on: tape) }
}

extension Variable {
  /// From the gradient of an operation's result to the gradient of one of its inputs.
  public typealias Pullback = (_ gradient: Tensor<Scalar>) -> Tensor<Scalar>

  /// The result of an operation, together with the way back to each of its inputs. This is how every operation is
  /// written, those of SliceGrad and yours:
  ///
  ///     func cube(_ x: Variable<Double>) -> Variable<Double> {
  ///       let v = x.value
  ///       return .recorded(v * v * v, from: (x, { g in g * v * v * 3 }))
  ///     }
  ///
  /// A pullback gets a gradient of the result's shape. It returns one of its input's shape, or of a shape which that
  /// broadcasts to: the tape sums over the broadcast axes. Inputs that no tape tracks are dropped.
  /// Traps if the inputs are on different tapes.
  public static func recorded(_ value: Tensor<Scalar>, from input: (Variable, Pullback)) -> Variable {
    let result = result(value, on: input.0.tape, isTracked: input.0.isTracked)
    result.record(input)
    return result
  }

  /// The same for two inputs.
  public static func recorded(
    _ value: Tensor<Scalar>, from first: (Variable, Pullback), _ second: (Variable, Pullback)
  ) -> Variable {
    let result = result(
      value, on: commonTape(first.0.tape, second.0.tape), isTracked: first.0.isTracked || second.0.isTracked)
    result.record(first)
    result.record(second)
    return result
  }

  /// The same for three inputs.
  public static func recorded(
    _ value: Tensor<Scalar>, from first: (Variable, Pullback), _ second: (Variable, Pullback),
    _ third: (Variable, Pullback)
  ) -> Variable {
    let tape = commonTape(commonTape(first.0.tape, second.0.tape), third.0.tape)
    let result = result(
      value, on: tape, isTracked: first.0.isTracked || second.0.isTracked || third.0.isTracked)
    result.record(first)
    result.record(second)
    result.record(third)
    return result
  }

  /// The same for any number of inputs.
  public static func recorded(_ value: Tensor<Scalar>, from inputs: [(Variable, Pullback)]) -> Variable {
    let result = result(
      value, on: inputs.reduce(nil) { commonTape($0, $1.0.tape) }, isTracked: inputs.contains { $0.0.isTracked })
    for input in inputs { result.record(input) }
    return result
  }

  /// The result of an operation that computes the gradients of all its inputs at once. The pullback returns one for
  /// each input; nil for those that aren't `isTracked`, if it doesn't compute them.
  public static func recorded(
    _ value: Tensor<Scalar>, from inputs: [Variable],
    jointPullback: @escaping (_ gradient: Tensor<Scalar>) -> [Tensor<Scalar>?]
  ) -> Variable {
    let result = result(
      value, on: inputs.reduce(nil) { commonTape($0, $1.tape) }, isTracked: inputs.contains { $0.isTracked })
    if let node = result.node { result.tape!.append(from: node, to: inputs.map(\.node), jointPullback) }
    return result
  }

  /// A new value of the tape if it is tracked, otherwise a constant.
  private static func result(_ value: Tensor<Scalar>, on tape: Tape<Scalar>?, isTracked: Bool) -> Variable {
    Variable(value, tape: tape, node: isTracked ? tape!.append(value.shape) : nil)
  }

  /// Records the way from this result back to an input.
  private func record(_ input: (Variable, Pullback)) {
    if let node, let inputNode = input.0.node { tape!.append(from: node, to: inputNode, input.1) }
  }

  private static func commonTape(_ left: Tape<Scalar>?, _ right: Tape<Scalar>?) -> Tape<Scalar>? {
    require(left == nil || right == nil || left === right, "an operation's inputs are on two different tapes")
    return left ?? right
  }
}
