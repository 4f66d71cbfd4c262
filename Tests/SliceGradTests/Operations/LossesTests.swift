import Foundation
import SliceGrad
import Testing

@Suite struct LossesTests {
  /// One setting of `softmaxCrossEntropy`, and what a loop over its definition gives.
  struct Setting: Sendable {
    var reduction: LossReduction
    var smoothing: Double
    var classWeights: [Double]?
    var ignoredLabel: Int32

    static let all: [Setting] = [.mean, .sum, .none].flatMap { reduction in
      [0, 0.1, 1].flatMap { smoothing in
        [nil, [0.5, 2, 0, 1]].flatMap { weights in
          [-100, 2].map { ignored in
            Setting(reduction: reduction, smoothing: smoothing, classWeights: weights, ignoredLabel: ignored)
          }
        }
      }
    }

    func plainLoss(_ logits: Tensor<Double>, _ labels: [Int32]) -> [Double] {
      let classes = logits.shape[-1]
      let weights = classWeights ?? [Double](repeating: 1, count: classes)
      var (losses, weightOfLabels) = ([Double](), 0.0)
      for (row, label) in labels.enumerated() {
        guard label != ignoredLabel else {
          losses.append(0)
          continue
        }
        let x = Array(logits.elements[row * classes..<(row + 1) * classes])
        let logSum = log(x.reduce(0) { $0 + exp($1) })
        let everyClass = (0..<classes).reduce(0) { $0 + weights[$1] * (logSum - x[$1]) }
        let own = weights[Int(label)] * (logSum - x[Int(label)])
        losses.append((1 - smoothing) * own + smoothing / Double(classes) * everyClass)
        weightOfLabels += weights[Int(label)]
      }
      switch reduction {
      case .none: return losses
      case .sum: return [losses.reduce(0, +)]
      case .mean: return [losses.reduce(0, +) / weightOfLabels]
      }
    }

    func loss(_ logits: Variable<Double>, _ labels: [Int32]) -> Variable<Double> {
      softmaxCrossEntropy(
        logits, labels, reduction: reduction, classWeights: classWeights.map { Tensor($0) }, labelSmoothing: smoothing,
        ignoredLabel: ignoredLabel)
    }
  }

  @Test(arguments: Setting.all) func settings(setting: Setting) {
    var generator = RandomGenerator(seed: 1)
    let logits = generator.tensor([5, 4], of: Double.self) * 2
    let labels: [Int32] = setting.ignoredLabel == 2 ? [0, 2, 3, 1, 2] : [0, -100, 3, 1, 2]
    let loss = setting.loss(Variable(logits), labels).value
    let expected = setting.plainLoss(logits, labels)
    #expect(loss.shape == (setting.reduction == .none ? [5] : []))
    #expect(Tensor(Array(loss.elements)).distance(to: Tensor(expected)) <= 1e-13)
    let check = checkGradients(at: ["logits": logits]) { setting.loss($0["logits"]!, labels) }
    #expect(check.passed, "\(check)")
  }

  @Test func leadingAxesAreRows() {
    var generator = RandomGenerator(seed: 2)
    let (logits, labels) = (generator.tensor([2, 3, 4], of: Double.self), [0, 1, 2, 3, 0, 1] as [Int32])
    let rows = Variable(logits.reshaped(to: [6, 4]))
    let losses = softmaxCrossEntropy(Variable(logits), labels, reduction: .none)
    #expect(losses.value == softmaxCrossEntropy(rows, labels, reduction: .none).value.reshaped(to: [2, 3]))
    #expect(softmaxCrossEntropy(Variable(Tensor<Double>([0, 0])), [1], reduction: .none).value == Tensor(log(2)))
  }

  /// There is nothing to learn about the only class: no loss, whatever its logit and weight, and no gradient.
  @Test func oneClass() {
    let logits = Tensor<Double>([[3], [-1000], [1e300]])
    for smoothing in [0.0, 0.1, 1] {
      let (loss, gradients) = valueWithGradients(at: [logits]) {
        softmaxCrossEntropy($0[0], [0, 0, -100], classWeights: Tensor([2]), labelSmoothing: smoothing)
      }
      #expect(loss == 0 && gradients[0].distance(to: Tensor(zeros: [3, 1])) < 1e-14)
    }
  }

  @Test func nothingToCount() {
    let logits = Tensor<Double>([[1, 2], [3, 4]])
    let mean = valueWithGradients(at: [logits]) { softmaxCrossEntropy($0[0], [-100, -100]) }
    #expect(mean.value.isNaN)
    let sum = valueWithGradients(at: [logits]) { softmaxCrossEntropy($0[0], [-100, -100], reduction: .sum) }
    #expect(sum.value == 0)
    #expect(sum.gradients == [Tensor(zeros: [2, 2])])
    let empty = valueWithGradients(at: [Tensor<Double>(zeros: [0, 3])]) {
      softmaxCrossEntropy($0[0], [] as [Int32], reduction: .sum)
    }
    #expect(empty.value == 0)
    #expect(empty.gradients[0].shape == [0, 3])
  }

  /// Logits of 10⁴ leave losses and gradients their digits: log 2 is not lost beside 10⁴.
  @Test func largeLogits() {
    let logits = Tensor<Float>([[1e4, -1e4], [1e4, -1e4], [-1e4, -1e4]])
    let (_, gradients) = valueWithGradients(at: [logits]) { x in
      let losses = softmaxCrossEntropy(x[0], [0, 1, 1], reduction: .none)
      #expect(losses.value == Tensor([0, 2e4, log(2)]))
      return losses.sum()
    }
    #expect(gradients == [Tensor([[0, 0], [1, -1], [0.5, -0.5]])])
  }

  /// Impossible classes cost nothing unless they are the label.
  @Test func infiniteLogits() {
    let logits = Tensor<Double>([[0, -.infinity, 0], [0, -.infinity, 0]])
    let (_, gradients) = valueWithGradients(at: [logits]) { x in
      let losses = softmaxCrossEntropy(x[0], [0, 1], reduction: .none)
      #expect(losses.value == Tensor([log(2), .infinity]))
      return losses.slice(0..<1, axis: 0).sum()
    }
    #expect(gradients == [Tensor([[-0.5, 0, 0.5], [0, 0, 0]])])
  }

  /// With one element, all reductions give the same number.
  @Test(arguments: LossReduction.allCases) func ofOneElement(reduction: LossReduction) {
    let one = Tensor<Double>([1])
    let losses: [(String, Tensor<Double>, loss: Double, gradient: Double, (Variable<Double>) -> Variable<Double>)] = [
      ("softmax", Tensor([[7]]), 0, 0, { softmaxCrossEntropy($0, [0], reduction: reduction) }),
      ("sigmoid", Tensor([0]), log(2), -0.5, { sigmoidCrossEntropy($0, one, reduction: reduction) }),
      ("squared", Tensor([3]), 4, 4, { meanSquaredError($0, one, reduction: reduction) }),
      ("absolute", Tensor([3]), 2, 1, { meanAbsoluteError($0, one, reduction: reduction) }),
      ("Huber", Tensor([3]), 0.875, 0.5, { huber($0, one, delta: 0.5, reduction: reduction) }),
      (
        "triplet", Tensor([[3]]), 3, 2,
        { tripletMargin($0, Tensor([[1]]), Tensor([[4]]), margin: 2, reduction: reduction) }
      ),
    ]
    for (name, x, expected, gradient, loss) in losses {
      let (value, gradients) = valueWithGradients(at: [x]) { leaves in
        let result = loss(leaves[0])
        #expect(result.shape == (reduction == .none ? [1] : []), "\(name)")
        return result.sum()
      }
      #expect(abs(value - expected) < 1e-15, "\(name)")
      #expect(gradients[0].distance(to: Tensor(repeating: gradient, shape: x.shape)) < 1e-15, "\(name)")
    }
  }

  @Test func sigmoidCrossEntropyAgainstItsDefinition() {
    var generator = RandomGenerator(seed: 3)
    let logits = generator.tensor([4, 3], of: Double.self) * 4
    let targets = Tensor<Double>(uniform: [4, 3], in: 0..<1, using: &generator)
    let expected = zip(logits.elements, targets.elements).map { x, t in
      -t * log(1 / (1 + exp(-x))) - (1 - t) * log(1 / (1 + exp(x)))
    }
    let losses = sigmoidCrossEntropy(Variable(logits), targets, reduction: .none).value
    #expect(losses.distance(to: Tensor(shape: [4, 3], elements: expected)) < 1e-13)
    let (sum, mean) = (sigmoidCrossEntropy(Variable(logits), targets, reduction: .sum), expected.reduce(0, +) / 12)
    #expect(abs(sum.scalar - 12 * mean) < 1e-13)
    #expect(abs(sigmoidCrossEntropy(Variable(logits), targets).scalar - mean) < 1e-14)
  }

  /// Weights of 1 change no bit, and at targets of 1 a weight is a factor.
  @Test func positiveWeights() {
    var generator = RandomGenerator(seed: 4)
    let (logits, targets) = (generator.tensor([2, 3], of: Float.self), Tensor<Float>([[1, 0, 1], [0, 1, 0.3]]))
    func losses(_ weights: Tensor<Float>?) -> Tensor<Float> {
      sigmoidCrossEntropy(Variable(logits), targets, reduction: .none, positiveWeights: weights).value
    }
    let plain = losses(nil)
    #expect(losses(Tensor([1, 1, 1])) == plain)
    let weighted = losses(Tensor([0.5, 3, 1000]))
    #expect(Array(weighted.elements.prefix(5)) == zip(plain.elements, [0.5, 1, 1000, 1, 3]).map(*))
    let (t, x) = (0.3, Double(logits[1, 2]))
    let expected = 1000 * t * Foundation.log1p(Foundation.exp(-x)) + (1 - t) * Foundation.log1p(Foundation.exp(x))
    #expect(abs(Double(weighted[1, 2]) / expected - 1) < 1e-6)
  }

  /// Against log(1 + e^−x) and −e^−x, to the last digits although x and x t nearly cancel.
  @Test func sigmoidCrossEntropyOfConfidentLogits() {
    for x in [1.0, 10, 20, 40, 300] {
      let (loss, gradients) = valueWithGradients(at: [Tensor<Double>([x, -x])]) {
        sigmoidCrossEntropy($0[0], Tensor([1, 0]), reduction: .sum)
      }
      let expected = x < 30 ? Foundation.log1p(Foundation.exp(-x)) : Foundation.exp(-x)
      let slope = 1 / (1 + Foundation.exp(x))
      #expect(abs(loss / (2 * expected) - 1) < 1e-14)
      #expect(abs(gradients[0][0] / -slope - 1) < 1e-14 && abs(gradients[0][1] / slope - 1) < 1e-14)
    }
  }

  @Test func sigmoidCrossEntropyOfLargeLogits() {
    let targets = Tensor<Float>([0, 1, 0, 1])
    let (value, gradients) = valueWithGradients(at: [Tensor<Float>([1e4, 1e4, -1e4, -1e4])]) { x in
      sigmoidCrossEntropy(x[0], targets, reduction: .sum)
    }
    #expect(value == 2e4)
    #expect(gradients == [Tensor([1, 0, 0, -1])])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("softmaxCrossEntropy: label 3 of row 1 is not in 0..<3") {
      _ = softmaxCrossEntropy(Variable(Tensor<Float>(zeros: [2, 3])), [0, 3])
    },
    ProgrammingError("softmaxCrossEntropy: label -1 of row 0 is not in 0..<3") {
      _ = softmaxCrossEntropy(Variable(Tensor<Float>(zeros: [2, 3])), [-1, 0])
    },
    ProgrammingError("softmaxCrossEntropy: 1 labels for logits of shape [2, 3], 2 rows") {
      _ = softmaxCrossEntropy(Variable(Tensor<Float>(zeros: [2, 3])), [0])
    },
    ProgrammingError("softmaxCrossEntropy: logits of shape [], expected […, classes]") {
      _ = softmaxCrossEntropy(Variable(Tensor<Float>(0)), [0])
    },
    ProgrammingError("softmaxCrossEntropy: logits of shape [2, 0], expected […, classes]") {
      _ = softmaxCrossEntropy(Variable(Tensor<Float>(zeros: [2, 0])), [-100, -100])
    },
    ProgrammingError("softmaxCrossEntropy: labelSmoothing 1.5 is not in 0...1") {
      _ = softmaxCrossEntropy(Variable(Tensor<Float>(zeros: [1, 3])), [0], labelSmoothing: 1.5)
    },
    ProgrammingError("softmaxCrossEntropy: class weights of shape [2], expected [3]") {
      _ = softmaxCrossEntropy(Variable(Tensor<Float>(zeros: [1, 3])), [0], classWeights: Tensor([1, 2]))
    },
    ProgrammingError("softmaxCrossEntropy: the class weight of 1 is not 0 or more") {
      _ = softmaxCrossEntropy(Variable(Tensor<Float>(zeros: [1, 2])), [0], classWeights: Tensor([1, -1]))
    },
    ProgrammingError("sigmoidCrossEntropy: logits [2] and targets [3] differ") {
      _ = sigmoidCrossEntropy(Variable(Tensor<Float>(zeros: [2])), Tensor(zeros: [3]))
    },
    ProgrammingError("sigmoidCrossEntropy: positive weights of shape [3] for logits [3, 2], expected one a column") {
      let logits = Tensor<Float>(zeros: [3, 2])
      _ = sigmoidCrossEntropy(Variable(logits), logits, positiveWeights: Tensor([1, 1, 1]))
    },
    ProgrammingError("sigmoidCrossEntropy: the positive weight of 1 is not above 0") {
      let logits = Tensor<Float>(zeros: [3, 2])
      _ = sigmoidCrossEntropy(Variable(logits), logits, positiveWeights: Tensor([1, 0]))
    },
  ]
}
