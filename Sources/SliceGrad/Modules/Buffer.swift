/// A tensor that a model keeps and saves but that no gradient changes: running statistics, counters.
///
/// A training step can assign new numbers, which take effect with the optimizer's update:
///
///     struct Centered: Layer {
///       var mean = Buffer(Tensor<Float>(zeros: [2]))
///       var scale = Parameter(Tensor<Float>(ones: [2]))
///
///       func callAsFunction(_ x: Variable<Float>) -> Variable<Float> {
///         mean.assign(mean.value * 0.9 + x.value.mean(over: [0]) * 0.1)
///         return (x - mean.value) * scale.variable
///       }
///
///       mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
///         visit(&mean, "mean")
///         visit(&scale, "scale")
///       }
///     }
///     var layer = Centered()
///     var optimizer = ModelOptimizer(for: layer, dense: SGD(learningRate: 0.1))
///     let (_, gradients) = valueWithGradients(at: layer) { layer in layer(Variable(Tensor([[10, 20]]))).sum() }
///     optimizer.update(&layer, with: gradients)
///     print(layer.mean.value)  // [1, 2]
public struct Buffer<Scalar: TensorScalar>: Equatable, Sendable, CustomStringConvertible {
  var storedValue: Tensor<Scalar>

  /// Where this is in the model that `valueWithGradients` passes to its closure; nil in any other.
  var place: LeafPlace?

  /// A buffer that starts with these numbers.
  public init(_ value: Tensor<Scalar>) { storedValue = value }

  /// The numbers. In a training step, those from before the step.
  public var value: Tensor<Scalar> {
    get { storedValue }
    _modify { yield &storedValue }
  }

  /// Whether this is a buffer of the model of a training step, so that `assign` has an effect.
  public var isInStep: Bool { place != nil }

  /// In a training step, says what the buffer holds after `ModelOptimizer.update` has applied the step's gradients.
  /// Outside of steps it does nothing, so that evaluating a model does not change it. The last assignment counts: with
  /// a `GradientAccumulator`, which adds up several steps, that of the last step. Traps if the shape differs.
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
