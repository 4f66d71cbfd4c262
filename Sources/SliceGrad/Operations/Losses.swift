// Losses: what training minimizes.

/// How the losses of a batch are combined.
public enum LossReduction: String, Hashable, Sendable, CaseIterable {
  /// Their mean; with class weights or an ignored label, the weighted mean over the rows that count, as in PyTorch.
  case mean
  /// Their sum.
  case sum
  /// They are not combined: one for each row or element.
  case none
}

/// The cross-entropy of class logits: −log softmax(logits)[label] for each row, fused and overflow-safe.
///
///     let logits = Variable(Tensor<Double>([[2, 1], [0, 3]]))
///     print(softmaxCrossEntropy(logits, [0, 1]).value)  // 0.180925
///
/// With smoothing s, class weights w and n classes, the loss of a row with label y is the same as in PyTorch's
/// `cross_entropy`:
///
/// (1 − s) w_y nll_y + (s / n) Σ_c w_c nll_c  with nll_c = log Σ eˣ − x_c.
///
/// If no row counts, the mean is NaN.
///
/// Sources: Bishop, “Pattern Recognition and Machine Learning” (2006), equation 4.108; smoothing: Szegedy et al.,
/// “Rethinking the Inception Architecture for Computer Vision” (2016), section 7.
///
/// - Parameters:
///   - logits: `[…, n]`, n ≥ 1.
///   - labels: a class for each row, in `0..<n`, or `ignoredLabel`. Traps on any other label, and unless there is one
///     per row.
///   - reduction: how the losses of a batch are combined.
///   - classWeights: `[n]`, none negative.
///   - labelSmoothing: in `0...1`.
///   - ignoredLabel: rows with this label have no loss and no gradient.
/// - Returns: a scalar, or with reduction `none` one loss per row, `[…]`.
@specialized(where Scalar == Float, Label == Int32)
@specialized(where Scalar == Float, Label == Int)
public func softmaxCrossEntropy<Scalar, Label: RowNumber>(
  _ logits: Variable<Scalar>, _ labels: [Label], reduction: LossReduction = .mean, classWeights: Tensor<Scalar>? = nil,
  labelSmoothing: Scalar = 0, ignoredLabel: Int32 = -100
) -> Variable<Scalar> {
  let (x, labels) = (logits.value, Label.asInt32(labels))
  require(x.rank >= 1 && x.shape[-1] >= 1, "softmaxCrossEntropy: logits of shape \(x.shape), expected […, classes]")
  let classes = x.shape[-1]
  let rowShape = Shape(x.shape.dropLast())
  let rows = rowShape.elementCount
  require(
    labels.count == rows, "softmaxCrossEntropy: \(labels.count) labels for logits of shape \(x.shape), \(rows) rows")
  if let i = labels.firstIndex(where: { $0 != ignoredLabel && !(0..<classes).contains(Int($0)) }) {
    trap("softmaxCrossEntropy: label \(labels[i]) of row \(i) is not in 0..<\(classes)")
  }
  require((0...1).contains(labelSmoothing), "softmaxCrossEntropy: labelSmoothing \(labelSmoothing) is not in 0...1")
  if let shape = classWeights?.shape {
    require(shape == [classes], "softmaxCrossEntropy: class weights of shape \(shape), expected [\(classes)]")
    let negative = classWeights!.elements.firstIndex { !($0 >= 0) }
    require(negative == nil, "softmaxCrossEntropy: the class weight of \(negative ?? 0) is not 0 or more")
  }

  let weightSum = classWeights.map { $0.sum().scalar } ?? Scalar(classes)
  var (losses, logSums) = (Tensor<Scalar>(uninitialized: rowShape), Tensor<Scalar>(uninitialized: rowShape))
  withPointers(x, classWeights) { x, weights in
    withMutablePointers(&losses, &logSums) { losses, logSums in
      Threads.forEachRange(of: rows, operations: 4 * classes) {
        Scalar.Kernels.softmaxCrossEntropy(
          x, labels, weights, labelSmoothing, ignoredLabel, losses, logSums, classes, $0, $1)
      }
    }
  }
  // The gradient of the mean is that of the sum, divided. Either one is the same number for every row.
  let divisor = reduction == .mean ? countedWeight(labels, classWeights, ignoredLabel) : 1
  let result = reduction == .none ? losses : Tensor(Scalar(losses.total) / divisor)
  let wayBack = logits.back { [logSums] g in
    let rowGradient = reduction == .none ? SteppedOperand(g) : .number(g.scalar / divisor)
    return Tensor(shape: x.shape) { out in
      withPointers(x, logSums, rowGradient, classWeights) { x, logSums, g, weights in
        Threads.forEachRange(of: rows, operations: 4 * classes) {
          Scalar.Kernels.softmaxCrossEntropyGradient(
            x, labels, weights, weightSum, labelSmoothing, ignoredLabel, logSums, g.address, g.step, out, classes, $0,
            $1)
        }
      }
    }
  }
  return .recorded(result, from: wayBack)
}

/// What the mean divides by: the number of rows that count, or the sum of their classes' weights.
private func countedWeight<Scalar: TensorScalar>(
  _ labels: [Int32], _ classWeights: Tensor<Scalar>?, _ ignoredLabel: Int32
) -> Scalar {
  guard let classWeights else { return Scalar(labels.count { $0 != ignoredLabel }) }
  let weights = classWeights.elements
  return labels.reduce(0) { $1 == ignoredLabel ? $0 : $0 + weights[Int($1)] }
}

/// The cross-entropy of independent probabilities given as logits: −t log σ(x) − (1 − t) log(1 − σ(x)) for each element
/// with logit x and target t.
///
///     let logits = Variable(Tensor<Double>([0, 2]))
///     print(sigmoidCrossEntropy(logits, Tensor([1, 0])).value)  // 1.41004
///
/// It is computed as max(x, 0) − x t + log(1 + e^−|x|), which doesn't overflow, as in TensorFlow's
/// `sigmoid_cross_entropy_with_logits`. PyTorch calls it `binary_cross_entropy_with_logits`.
///
/// Source: Bishop, “Pattern Recognition and Machine Learning” (2006), equation 4.90.
///
/// - Parameters:
///   - logits: x, of any shape.
///   - targets: t, of the logits' shape, usually in `0...1`. Traps on any other shape. A gradient flows to them if they
///     are a variable; a tensor is a constant.
///   - reduction: how the losses of a batch are combined.
///   - positiveWeights: p, one for each column `[n]` of logits `[…, n]`, all above 0, for targets in `0...1`. The first
///     term is multiplied by it, so that elements with the target 1 count more if p is above 1. The mean is still that
///     of the number of elements. PyTorch calls it `pos_weight`.
/// - Returns: a scalar, or with reduction `none` one loss per element.
public func sigmoidCrossEntropy<Scalar>(
  _ logits: Variable<Scalar>, _ targets: some Elementwise<Scalar>, reduction: LossReduction = .mean,
  positiveWeights: Tensor<Scalar>? = nil
) -> Variable<Scalar> {
  let targets = targets.asVariable
  let (x, t) = (logits.value, targets.value)
  require(x.shape == t.shape, "sigmoidCrossEntropy: logits \(x.shape) and targets \(t.shape) differ")
  if let positiveWeights {
    checkPositiveWeights(positiveWeights, for: x.shape)
    // p t a + (1 − t) b = w (t′ a + (1 − t′) b)  with w = p t + 1 − t and t′ = p t / w.
    let positive = targets * positiveWeights
    let weights = positive + (1 - targets)
    let losses = sigmoidCrossEntropy(logits, positive / weights, reduction: .none)
    return (losses * weights).reduced(reduction)
  }
  let losses = Tensor<Scalar>(shape: x.shape) { y in
    withPointers(x, t) { x, t in
      Threads.forEachRange(of: logits.value.count, operations: 4) {
        Scalar.Kernels.sigmoidCrossEntropy(x, t, y, $0, $1)
      }
    }
  }
  let wayBack = logits.back { g in
    Tensor(shape: g.shape) { out in
      withPointers(x, t, SteppedOperand(g)) { [count = x.count] x, t, g in
        Threads.forEachRange(of: count, operations: 4) {
          Scalar.Kernels.sigmoidCrossEntropyGradient(x, t, g.address, g.step, out, $0, $1)
        }
      }
    }
  }
  return Variable.recorded(losses, from: wayBack, targets.back { g in -(g * x) }).reduced(reduction)
}

private func checkPositiveWeights<Scalar>(_ weights: Tensor<Scalar>, for shape: Shape) {
  require(
    shape.rank >= 1 && weights.shape == [shape[-1]],
    "sigmoidCrossEntropy: positive weights of shape \(weights.shape) for logits \(shape), expected one a column")
  let wrong = weights.elements.firstIndex { !($0 > 0) }
  require(wrong == nil, "sigmoidCrossEntropy: the positive weight of \(wrong ?? 0) is not above 0")
}

extension Variable {
  func reduced(_ reduction: LossReduction) -> Variable {
    switch reduction {
    case .mean: mean()
    case .sum: sum()
    case .none: self
    }
  }
}
