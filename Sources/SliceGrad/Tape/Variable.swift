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
  @specialized(where Scalar == Float)
  public static func recorded(_ value: Tensor<Scalar>, from inputs: (Variable, Pullback)...) -> Variable {
    recorded(value, from: inputs)
  }

  /// The same for any number of inputs.
  @specialized(where Scalar == Float)
  public static func recorded(_ value: Tensor<Scalar>, from inputs: [(Variable, Pullback)]) -> Variable {
    var tape: Tape<Scalar>?
    var isTracked = false
    for (input, _) in inputs {
      guard let found = input.tape else { continue }
      require(tape == nil || tape === found, "an operation's inputs are on two different tapes")
      tape = found
      if input.node != nil { isTracked = true }
    }
    guard let tape, isTracked else { return Variable(value, on: tape) }
    let node = tape.append(value.shape)
    for (input, pullback) in inputs {
      if let inputNode = input.node { tape.append(from: node, to: inputNode, pullback) }
    }
    return Variable(value, tape: tape, node: node)
  }
}
