/// The mean gradient of small batches that stand for a large one which wouldn't fit into memory.
///
///     var accumulator = GradientAccumulator<TextClassifier>()
///     for part in parts {  // of one batch
///       let (_, gradients) = valueWithGradients(at: model) { $0.loss(part) }
///       accumulator.add(gradients, weight: Double(part.count))
///     }
///     optimizer.update(&model, with: accumulator.takeMean())
///
/// For a loss that is a mean over examples, weighted by their number, it is the large batch's gradient up to rounding.
/// A table's gradient stays a few rows: those that any part has, each once. A leaf that only some parts have a gradient
/// for has gradients of zero in the others.
public struct GradientAccumulator<Model: Module>: Sendable {
  private var sum: Gradients<Model>?
  private var weight = 0.0

  /// An accumulator of nothing yet.
  public init() {}

  /// Whether nothing has been added since the start or the last mean.
  public var isEmpty: Bool { sum == nil }

  /// Adds the gradients of one part, which counts by a weight above 0.
  public mutating func add(_ gradients: Gradients<Model>, weight: Double = 1) {
    require(weight > 0 && weight.isFinite, "GradientAccumulator: weight \(weight), expected a number above 0")
    var part = gradients
    part *= Model.Scalar(weight)
    self.weight += weight
    if sum == nil { sum = part } else { sum! += part }
  }

  /// The weighted mean of what was added; the accumulator is empty then. Traps if it was.
  public mutating func takeMean() -> Gradients<Model> {
    guard var mean = sum.take() else { trap("GradientAccumulator: the mean of no gradients") }
    mean *= Model.Scalar(1 / weight)
    weight = 0
    return mean
  }
}
