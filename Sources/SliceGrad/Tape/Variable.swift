/// A value in a computation, perhaps recorded on a tape.
///
/// Operations on variables compute at once. If a tape tracks one of their inputs, they also record how the gradient
/// goes back. Otherwise they cost what they cost on tensors: inference is the same code without a tape.
///
///     let x = Variable(Tensor<Float>([1, 2, 3]))
///     print((x * x).sum().value)  // 14
public struct Variable<Scalar: TensorScalar> {
  /// The numbers.
  public let value: Tensor<Scalar>

  /// The tape of the training step that this value takes part in.
  public let tape: Tape<Scalar>?

  /// The index on the tape, if gradients are to reach this value.
  let index: Int?

  /// A constant, which gets no gradient.
  ///
  ///     let layer = Dense<Float>(weight: Tensor([[1, 2]]), bias: nil)
  ///     print(layer(Variable(Tensor([[10, 20]]))).value)  // [[50]]
  ///
  /// It takes part in no step, unless it is put on the step's tape. That is needed for `dropout` of data, whose random
  /// numbers come from the tape.
  public init(_ value: Tensor<Scalar>, on tape: Tape<Scalar>? = nil) {
    self.init(value, tape: tape, index: nil)
  }

  init(_ value: Tensor<Scalar>, tape: Tape<Scalar>?, index: Int?) {
    self.value = value
    self.tape = tape
    self.index = index
  }

  /// Whether gradients are to reach this value: whether it is a parameter in a training step, or computed from one.
  public var isTracked: Bool { index != nil }

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

  /// One input of an operation, and how the gradient of the result goes back to it. Made by `back`.
  public struct WayBack {
    let input: Variable
    /// nil if nothing is tracked, so that nothing goes back.
    let kind: Kind?

    enum Kind {
      case pullback(Pullback)
      case adding((_ gradient: Tensor<Scalar>, _ sum: inout Tensor<Scalar>) -> Void)
      indirect case rows(RowLookup<Scalar>)
    }
  }

  /// The way back to this input. The pullback gets a gradient of the result's shape. It returns one of this input's
  /// shape, or of a shape to which this input broadcasts: the tape sums over the broadcast axes.
  public func back(_ pullback: @escaping Pullback) -> WayBack { WayBack(input: self, kind: .pullback(pullback)) }

  /// The way back to this input for an operation that reads a part of it. `add` adds what the gradient contributes to
  /// `sum`, in place. `sum` is this input's gradient as summed so far, and has the input's shape.
  public func back(adding add: @escaping (_ gradient: Tensor<Scalar>, _ sum: inout Tensor<Scalar>) -> Void) -> WayBack {
    WayBack(input: self, kind: .adding(add))
  }

  /// The result of an operation, together with the way back to its input. This is how every operation is written, those
  /// of SliceGrad and yours:
  ///
  ///     func cube(_ x: Variable<Double>) -> Variable<Double> {
  ///       let v = x.value
  ///       return .recorded(v * v * v, from: x.back { g in g * v * v * 3 })
  ///     }
  ///     print(valueWithGradients(at: [Tensor([2])]) { x in cube(x[0]).sum() })  // (value: 8.0, gradients: [[12]])
  ///
  /// There may be up to three inputs. Those that no tape tracks are dropped. Traps if tracked inputs are on different
  /// tapes.
  public static func recorded(
    _ value: Tensor<Scalar>, from first: WayBack, _ second: WayBack? = nil, _ third: WayBack? = nil
  ) -> Variable {
    // Without an array, which would be one more allocation.
    let result = result(value, from: leading(leading(first.input, second?.input), third?.input))
    result.record(first)
    if let second { result.record(second) }
    if let third { result.record(third) }
    return result
  }

  /// The same for any number of inputs.
  public static func recorded(_ value: Tensor<Scalar>, from inputs: [WayBack]) -> Variable {
    let result = result(value, from: inputs.map(\.input))
    for input in inputs { result.record(input) }
    return result
  }

  /// The result of an operation that computes the gradients of all its inputs at once. The pullback returns one for
  /// each input; it may return nil for an input that isn't tracked.
  public static func recorded(
    _ value: Tensor<Scalar>, from inputs: [Variable],
    jointPullback: @escaping (_ gradient: Tensor<Scalar>) -> [Tensor<Scalar>?]
  ) -> Variable {
    let result = result(value, from: inputs)
    if let index = result.index { result.tape!.record(index, from: .joint(inputs.map(\.index), jointPullback)) }
    return result
  }

  private static func result(_ value: Tensor<Scalar>, from inputs: [Variable]) -> Variable {
    guard let first = inputs.first else { return Variable(value) }
    return result(value, from: inputs.dropFirst().reduce(first) { leading($0, $1) })
  }

  /// A new value on the input's tape if the input is tracked, otherwise a constant.
  private static func result(_ value: Tensor<Scalar>, from input: Variable) -> Variable {
    Variable(value, tape: input.tape, index: input.isTracked ? input.tape!.newIndex(of: value.shape) : nil)
  }

  /// Records the way from this result back to an input.
  private func record(_ wayBack: WayBack) {
    guard let index, let input = wayBack.input.index, let kind = wayBack.kind else { return }
    tape!.record(index, from: .one(input, kind))
  }

  /// The one of two inputs whose tape counts: one that is tracked, or else one that has a tape. Traps if both are
  /// tracked, on different tapes.
  private static func leading(_ left: Variable, _ right: Variable?) -> Variable {
    guard let right else { return left }
    require(
      !left.isTracked || !right.isTracked || left.tape === right.tape,
      "an operation's inputs are on two different tapes")
    return right.isTracked || left.tape == nil ? right : left
  }
}
