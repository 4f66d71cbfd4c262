/// A tensor that a model keeps and saves but that no gradient changes: running statistics, counters.
///
/// A step can give it other numbers, which it has after the optimizer's update:
///
///     struct Centered: Layer {
///       var mean = Buffer(Tensor<Float>(zeros: [64]))
///
///       func callAsFunction(_ x: Variable<Float>) -> Variable<Float> {
///         mean.assign(mean.value * 0.9 + x.value.mean(over: [0]) * 0.1)
///         return x - mean.value
///       }
///
///       mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) { visit(&mean, "mean") }
///     }
public struct Buffer<Scalar: TensorScalar>: Equatable, Sendable, CustomStringConvertible {
  var storedValue: Tensor<Scalar>

  /// Where this is in the model that `valueWithGradients` passes to its closure; nil in any other.
  var place: LeafPlace?

  /// A buffer that starts with these numbers.
  public init(_ value: Tensor<Scalar>) { storedValue = value }

  /// The numbers; in a step those from before it.
  public var value: Tensor<Scalar> {
    get { storedValue }
    _modify { yield &storedValue }
  }

  /// In a training step: what the buffer holds after the step, when `ModelOptimizer.update` has taken its gradients.
  /// Outside of steps it does nothing, so that evaluating a model does not change it. The last assignment counts: where
  /// a `GradientAccumulator` adds up several steps, that of the last one. Traps if the shape differs.
  public func assign(_ newValue: Tensor<Scalar>) {
    require(
      newValue.shape == storedValue.shape, "Buffer: shape \(storedValue.shape), assigned one of \(newValue.shape)")
    guard let place else { return }
    let tape: Tape<Scalar> = place.tape()
    tape.assign(newValue, toBuffer: place.index)
  }

  /// The shape, without the numbers.
  public var description: String { "Buffer \(storedValue.shape)" }

  public static func == (left: Buffer, right: Buffer) -> Bool { left.storedValue == right.storedValue }
}
