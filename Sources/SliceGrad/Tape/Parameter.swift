/// A tensor that training changes: a leaf of a model, whose gradient is a tensor.
///
///     let weight = Parameter(Tensor<Float>([[1, 2], [3, 4]]))
///     print(weight)  // Parameter [2, 2]
public struct Parameter<Scalar: TensorScalar>: Equatable, Sendable, CustomStringConvertible {
  var storedValue: Tensor<Scalar>

  /// Where this is in the model that `valueWithGradients` passes to its closure; nil in any other.
  var place: LeafPlace?

  /// A parameter that starts with these numbers.
  public init(_ value: Tensor<Scalar>) { storedValue = value }

  /// The numbers. Traps in a training step, where they would be a constant: nothing computed from them would have a
  /// gradient. Use `variable` there, or `variable.detached()` for a constant.
  public var value: Tensor<Scalar> {
    get {
      place.requireNone("Parameter")
      return storedValue
    }
    _modify {
      place.requireNone("Parameter")
      yield &storedValue
    }
  }

  /// The dimensions.
  public var shape: Shape { storedValue.shape }

  /// The parameter as an operand; in a training step, it is tracked. Traps if its model is used outside of its step.
  public var variable: Variable<Scalar> {
    @specialized(where Scalar == Float)
    get {
      guard let place else { return Variable(storedValue) }
      return Variable(storedValue, tape: place.tape(), index: place.index)
    }
  }

  /// The shape, without the numbers.
  public var description: String { "Parameter \(shape)" }

  public static func == (left: Parameter, right: Parameter) -> Bool { left.storedValue == right.storedValue }
}

extension LeafPlace? {
  /// Traps if a leaf has a place in a training step, where its numbers would be a constant.
  func requireNone(_ type: String) {
    require(
      self == nil,
      "\(type).value in a model of a training step is a constant, without a gradient: take `.variable`, "
        + "or `.variable.detached()` for a constant")
  }
}
