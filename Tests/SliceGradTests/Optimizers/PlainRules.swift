import Foundation
import SliceGrad

// The rules once more, in Double and one number at a time, written from their papers: what the library's are
// compared with.

/// A rule's plain loop over one row of a table, or over a whole parameter.
protocol PlainRule {
  /// `rate` is the learning rate of this step; steps of the leaf and of the row are counted from 1.
  mutating func update(_ row: inout [Double], _ gradient: [Double], rate: Double, step: Int, rowStep: Int)
}

/// What a rule remembers of one number.
protocol PlainNumberRule {
  mutating func update(_ number: inout Double, _ gradient: Double, rate: Double, step: Int, rowStep: Int)
}

/// A rule that has a plain loop.
protocol PlainlyWritten: Optimizer {
  /// nil where another test has it.
  var plain: (any PlainRule)? { get }
  var learningRate: Double { get }
}

struct EachNumber<Rule: PlainNumberRule>: PlainRule {
  let start: Rule
  var states: [Rule] = []

  init(_ start: Rule) { self.start = start }

  mutating func update(_ row: inout [Double], _ gradient: [Double], rate: Double, step: Int, rowStep: Int) {
    if states.isEmpty { states = Array(repeating: start, count: row.count) }
    for i in row.indices { states[i].update(&row[i], gradient[i], rate: rate, step: step, rowStep: rowStep) }
  }
}

// MARK: The rules

extension SGD: PlainlyWritten {
  private struct Plain: PlainNumberRule {
    let rule: SGD
    var buffer: Double?

    mutating func update(_ number: inout Double, _ gradient: Double, rate: Double, step: Int, rowStep: Int) {
      var direction = gradient + rule.weightDecay * number
      if rule.momentum != 0 {
        let velocity = buffer.map { rule.momentum * $0 + (1 - rule.dampening) * direction } ?? direction
        buffer = velocity
        direction = rule.nesterov ? direction + rule.momentum * velocity : velocity
      }
      number -= rate * direction
    }
  }

  var plain: (any PlainRule)? { EachNumber(Plain(rule: self)) }
}

/// What Adam remembers of one number.
struct PlainAdam: PlainNumberRule {
  var learningRate = 0.1
  var beta1 = 0.8
  var beta2 = 0.95
  var epsilon = 0.05
  var isEpsilonCorrected = true
  var countsRowSteps = false
  var l2 = 0.0
  var decay = 0.0
  var amsgrad = false
  var m = 0.0
  var v = 0.0
  var largest = 0.0

  mutating func update(_ number: inout Double, _ gradient: Double, rate: Double, step: Int, rowStep: Int) {
    learningRate = rate
    update(&number, gradient, step: countsRowSteps ? rowStep : step)
  }

  mutating func update(_ number: inout Double, _ gradient: Double, step: Int) {
    number *= 1 - learningRate * decay
    let g = gradient + l2 * number
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    largest = max(largest, v)
    let (correction1, correction2) = (1 - pow(beta1, Double(step)), 1 - pow(beta2, Double(step)))
    let second = amsgrad ? largest : v
    if isEpsilonCorrected {
      number -= learningRate * (m / correction1) / (sqrt(second / correction2) + epsilon)
    } else {
      number -= learningRate * sqrt(correction2) / correction1 * m / (sqrt(second) + epsilon)
    }
  }
}

extension Adam: PlainlyWritten {
  var plain: (any PlainRule)? {
    var plain = PlainAdam(beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad)
    switch weightDecay {
    case .none: break
    case .l2(let lambda): plain.l2 = lambda
    case .decoupled(let lambda): plain.decay = lambda
    }
    return EachNumber(plain)
  }
}

extension AdamW: PlainlyWritten {
  var plain: (any PlainRule)? { rule.plain }
  var learningRate: Double { rule.learningRate }
}

/// Adam with one second moment for a row.
struct PlainRowAdam: PlainRule {
  let adam: PlainAdam
  var m: [Double] = []
  var v = 0.0
  var largest = 0.0

  mutating func update(_ row: inout [Double], _ gradient: [Double], rate: Double, step: Int, rowStep: Int) {
    if m.isEmpty { m = Array(repeating: 0, count: row.count) }
    let squares = gradient.reduce(0) { $0 + $1 * $1 }
    v = adam.beta2 * v + (1 - adam.beta2) * squares / Double(row.count)
    largest = max(largest, v)
    let second = adam.amsgrad ? largest : v
    let t = Double(adam.countsRowSteps ? rowStep : step)
    let (correction1, correction2) = (1 - pow(adam.beta1, t), 1 - pow(adam.beta2, t))
    let size =
      adam.isEpsilonCorrected
      ? rate / correction1 / (sqrt(second / correction2) + adam.epsilon)
      : rate * sqrt(correction2) / correction1 / (sqrt(second) + adam.epsilon)
    for i in row.indices {
      m[i] = adam.beta1 * m[i] + (1 - adam.beta1) * gradient[i]
      row[i] = row[i] * (1 - rate * adam.decay) - size * m[i]
    }
  }
}

extension SparseAdam: PlainlyWritten {
  /// nil for what rows without a gradient make up for: see `InactiveRowTests` and `CaughtUpRowTests`.
  var plain: (any PlainRule)? {
    guard inactiveRows == .frozen else { return nil }
    var plain = PlainAdam(
      beta1: beta1, beta2: beta2, epsilon: epsilon, isEpsilonCorrected: epsilonPlacement == .corrected,
      countsRowSteps: biasCorrection == .activeSteps, amsgrad: amsgrad)
    switch weightDecay {
    case .none: break
    case .touchedRows(let lambda): plain.decay = lambda
    case .caughtUp: return nil
    }
    return secondMoment == .perRow ? PlainRowAdam(adam: plain) : EachNumber(plain)
  }
}

extension Adagrad: PlainlyWritten {
  private struct Plain: PlainNumberRule {
    let rule: Adagrad
    var sum: Double

    mutating func update(_ number: inout Double, _ gradient: Double, rate: Double, step: Int, rowStep: Int) {
      let g = gradient + rule.weightDecay * number
      sum += g * g
      number -= rate / (1 + Double(step - 1) * rule.learningRateDecay) * g / (sqrt(sum) + rule.epsilon)
    }
  }

  var plain: (any PlainRule)? { EachNumber(Plain(rule: self, sum: initialAccumulator)) }
}

extension RowwiseAdagrad: PlainlyWritten {
  private struct Plain: PlainRule {
    let rule: RowwiseAdagrad
    var sum: Double

    mutating func update(_ row: inout [Double], _ gradient: [Double], rate: Double, step: Int, rowStep: Int) {
      let g = zip(gradient, row).map { $0 + rule.weightDecay * $1 }
      sum += g.reduce(0) { $0 + $1 * $1 } / Double(g.count)
      for i in row.indices { row[i] -= rate / (sqrt(sum) + rule.epsilon) * g[i] }
    }
  }

  var plain: (any PlainRule)? { Plain(rule: self, sum: initialAccumulator) }
}

extension Lion: PlainlyWritten {
  private struct Plain: PlainNumberRule {
    let rule: Lion
    var m = 0.0

    mutating func update(_ number: inout Double, _ gradient: Double, rate: Double, step: Int, rowStep: Int) {
      let direction = rule.beta1 * m + (1 - rule.beta1) * gradient
      let sign: Double = direction > 0 ? 1 : direction < 0 ? -1 : 0
      number -= rate * (sign + rule.weightDecay * number)
      m = rule.beta2 * m + (1 - rule.beta2) * gradient
    }
  }

  var plain: (any PlainRule)? { EachNumber(Plain(rule: self)) }
}

extension RMSprop: PlainlyWritten {
  private struct Plain: PlainNumberRule {
    let rule: RMSprop
    var square = 0.0
    var mean = 0.0
    var velocity = 0.0

    mutating func update(_ number: inout Double, _ gradient: Double, rate: Double, step: Int, rowStep: Int) {
      let g = gradient + rule.weightDecay * number
      square = rule.alpha * square + (1 - rule.alpha) * g * g
      mean = rule.alpha * mean + (1 - rule.alpha) * g
      let direction = g / (sqrt(rule.centered ? square - mean * mean : square) + rule.epsilon)
      velocity = rule.momentum * velocity + direction
      number -= rate * velocity
    }
  }

  var plain: (any PlainRule)? { EachNumber(Plain(rule: self)) }
}

extension Maximizing: PlainlyWritten {
  private struct Plain: PlainRule {
    var rule: any PlainRule

    mutating func update(_ row: inout [Double], _ gradient: [Double], rate: Double, step: Int, rowStep: Int) {
      rule.update(&row, gradient.map { -$0 }, rate: rate, step: step, rowStep: rowStep)
    }
  }

  var plain: (any PlainRule)? { (rule as? any PlainlyWritten)?.plain.map { Plain(rule: $0) } }
  var learningRate: Double { (rule as! any PlainlyWritten).learningRate }
}

extension LimitingRowNorms: PlainlyWritten {
  private struct Plain: PlainRule {
    var rule: any PlainRule
    let limit: Double

    mutating func update(_ row: inout [Double], _ gradient: [Double], rate: Double, step: Int, rowStep: Int) {
      rule.update(&row, gradient, rate: rate, step: step, rowStep: rowStep)
      let norm = sqrt(row.reduce(0) { $0 + $1 * $1 })
      if norm > limit { row = row.map { $0 * limit / norm } }
    }
  }

  var plain: (any PlainRule)? { (rule as? any PlainlyWritten)?.plain.map { Plain(rule: $0, limit: limit) } }
  var learningRate: Double { (rule as! any PlainlyWritten).learningRate }
}
