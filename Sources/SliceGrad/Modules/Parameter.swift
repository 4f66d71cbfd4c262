/// A tensor that training changes: a leaf of a model, whose gradient is a tensor.
public struct Parameter<Scalar: TensorScalar>: Equatable, Sendable {
  /// The numbers.
  public var value: Tensor<Scalar>

  /// The number of this leaf in the model that `valueWithGradients` passes to its closure; nil in any other.
  var leaf: Int?

  /// A parameter that starts with these numbers.
  public init(_ value: Tensor<Scalar>) { self.value = value }

  /// The parameter as an operand, tracked if it belongs to the tape's training step.
  ///
  /// Traps if it belongs to a training step but there is no tape, which is always a forgotten `on: tape`.
  public func variable(on tape: Tape<Scalar>?) -> Variable<Scalar> {
    require(leaf == nil || tape != nil, missingTape)
    return Variable(value, tape: tape, node: leaf)
  }

  public static func == (left: Parameter, right: Parameter) -> Bool { left.value == right.value }
}

/// A table `[v, d]` of which a step reads a few rows: a leaf of a model, whose gradient is `IndexedSlices`.
///
/// Only look-ups differentiate it. A weight that is also used as a matrix is a `Parameter`: its gradient is dense.
public struct EmbeddingTable<Scalar: TensorScalar>: Equatable, Sendable {
  /// The numbers `[v, d]`.
  public var value: Tensor<Scalar>

  /// The number of this leaf in the model that `valueWithGradients` passes to its closure; nil in any other.
  var leaf: Int?

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

/// What a parameter says that is used in a training step without the step's tape.
let missingTape =
  "a parameter of a training step is used without its tape: pass `on: tape` to look-ups, inputs as Variable(x, on: tape)"
