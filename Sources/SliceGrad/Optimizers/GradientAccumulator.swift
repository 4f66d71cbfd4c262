/// The mean gradient of the parts of a batch that is too large for the memory.
///
///     let layer = Dense<Double>(weight: Tensor([[1]]), bias: nil)
///     var accumulator = GradientAccumulator<Dense<Double>>()
///     for part in [Tensor([[1], [2]]), Tensor([[6]])] {
///       let (_, gradients) = valueWithGradients(at: layer) { layer in layer(Variable(part)).mean() }
///       accumulator.add(gradients, weight: Double(part.count))
///     }
///     print(accumulator.takeMean()[\.weight, in: layer]!)  // [[3]]
///
/// If the loss is a mean over examples, and each part is weighted by the number of its examples, this is the gradient
/// of the whole batch up to rounding. The gradient of a table stays a few rows: those that any part has, each once.
/// Where a part has no gradient for a leaf, it counts as zero.
public struct GradientAccumulator<Model: Module>: Sendable {
  private var sum: Gradients<Model>?
  private var weight = 0.0

  /// An empty accumulator.
  public init() {}

  /// Whether nothing has been added since the start or the last mean.
  public var isEmpty: Bool { sum == nil }

  /// Adds the gradients of one part, times a weight above 0. Traps on other weights.
  ///
  /// - Complexity: O(n) for n numbers in these gradients and in the sum so far.
  public mutating func add(_ gradients: Gradients<Model>, weight: Double = 1) {
    require(weight > 0 && weight.isFinite, "GradientAccumulator: weight \(weight), expected a number above 0")
    var part = gradients
    part *= Model.Scalar(weight)
    self.weight += weight
    if sum == nil { sum = part } else { sum! += part }
  }

  /// The weighted mean of what was added. The accumulator is then empty again. Traps if nothing was added.
  public mutating func takeMean() -> Gradients<Model> {
    guard var mean = sum.take() else { trap("GradientAccumulator: the mean of no gradients") }
    mean *= Model.Scalar(1 / weight)
    weight = 0
    return mean
  }
}
