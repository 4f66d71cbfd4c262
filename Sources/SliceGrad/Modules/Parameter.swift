/// A tensor that training changes: a leaf of a model, whose gradient is a tensor.
public struct Parameter<Scalar: TensorScalar>: Equatable, Sendable {
  /// The numbers.
  public var value: Tensor<Scalar>

  /// Which value of which tape this is in the model that `valueWithGradients` passes to its closure; nil in any other.
  var leaf: Leaf?

  /// A parameter that starts with these numbers.
  public init(_ value: Tensor<Scalar>) { self.value = value }

  /// The parameter as an operand, tracked if it belongs to the tape's training step.
  ///
  /// Traps if it belongs to a training step and the tape is missing, always a forgotten `on: tape`, or another step's.
  @specialized(where Scalar == Float)
  public func variable(on tape: Tape<Scalar>?) -> Variable<Scalar> {
    Variable(value, tape: tape, node: leaf?.number(on: tape))
  }

  public static func == (left: Parameter, right: Parameter) -> Bool { left.value == right.value }
}

/// A table `[v, d]` of which a step reads a few rows: a leaf of a model, whose gradient is `IndexedSlices`.
///
/// Only look-ups differentiate it. A weight that is also used as a matrix is a `Parameter`: its gradient is dense.
public struct EmbeddingTable<Scalar: TensorScalar>: Equatable, Sendable {
  /// The numbers `[v, d]`.
  public var value: Tensor<Scalar>

  /// Which value of which tape this is in the model that `valueWithGradients` passes to its closure; nil in any other.
  var leaf: Leaf?

  /// A table that starts with these numbers. Traps unless they are a matrix `[v, d]`.
  public init(_ value: Tensor<Scalar>) {
    require(value.rank == 2, "EmbeddingTable: shape \(value.shape) is not [v, d]")
    self.value = value
  }

  /// v
  public var rowCount: Int { value.shape[0] }

  /// d
  public var columnCount: Int { value.shape[1] }

  public static func == (left: EmbeddingTable, right: EmbeddingTable) -> Bool { left.value == right.value }
}

/// Where a leaf of a model stands in a training step.
struct Leaf: Equatable, Sendable {
  private let tape: ObjectIdentifier?
  private let number: Int

  /// Value `number` of a tape, or just the number of a leaf in its model.
  init(number: Int, on tape: ObjectIdentifier? = nil) {
    self.tape = tape
    self.number = number
  }

  /// The number of the leaf in its model, for numberings without a tape.
  var numberInModel: Int { number }

  /// The value's number on its tape. Traps if the tape is missing or another one.
  func number<Scalar>(on tape: Tape<Scalar>?) -> Int {
    guard let tape else {
      trap(
        "a parameter of a training step is used without its tape: pass `on: tape` to look-ups, "
          + "inputs as Variable(x, on: tape)")
    }
    require(self.tape == ObjectIdentifier(tape), "a parameter of one training step is used on the tape of another one")
    return number
  }
}
