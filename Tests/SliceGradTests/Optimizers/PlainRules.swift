import Foundation
import SliceGrad

// The rules once more, in Double and one number at a time, written from their papers: what the library's are
// compared with.

/// What SGD remembers of one number.
struct PlainSGD {
  var learningRate = 0.1
  var momentum = 0.0
  var dampening = 0.0
  var weightDecay = 0.0
  var nesterov = false
  var maximize = false
  var buffer: Double?

  mutating func update(_ parameter: inout Double, _ gradient: Double) {
    var direction = (maximize ? -gradient : gradient) + weightDecay * parameter
    if momentum != 0 {
      let velocity = buffer.map { momentum * $0 + (1 - dampening) * direction } ?? direction
      buffer = velocity
      direction = nesterov ? direction + momentum * velocity : velocity
    }
    parameter -= learningRate * direction
  }
}

/// What Adam remembers of one number. `step` is given from outside, where sparse rules differ in what it counts.
struct PlainAdam {
  var learningRate = 0.1
  var beta1 = 0.8
  var beta2 = 0.95
  var epsilon = 0.05
  var isEpsilonCorrected = true
  var l2 = 0.0
  var decay = 0.0
  var amsgrad = false
  var maximize = false
  var m = 0.0
  var v = 0.0
  var largest = 0.0

  mutating func update(_ parameter: inout Double, _ gradient: Double, step: Int) {
    parameter *= 1 - learningRate * decay
    let g = (maximize ? -gradient : gradient) + l2 * parameter
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    largest = max(largest, v)
    let (correction1, correction2) = (1 - pow(beta1, Double(step)), 1 - pow(beta2, Double(step)))
    let second = amsgrad ? largest : v
    if isEpsilonCorrected {
      parameter -= learningRate * (m / correction1) / (sqrt(second / correction2) + epsilon)
    } else {
      parameter -= learningRate * sqrt(correction2) / correction1 * m / (sqrt(second) + epsilon)
    }
  }
}

/// What Adagrad remembers of one number.
struct PlainAdagrad {
  var learningRate = 0.1
  var learningRateDecay = 0.0
  var weightDecay = 0.0
  var sum = 0.0
  var epsilon = 0.05
  var maximize = false

  mutating func update(_ parameter: inout Double, _ gradient: Double, step: Int) {
    let g = (maximize ? -gradient : gradient) + weightDecay * parameter
    sum += g * g
    parameter -= learningRate / (1 + Double(step - 1) * learningRateDecay) * g / (sqrt(sum) + epsilon)
  }
}

/// What row-wise Adagrad remembers of one row.
struct PlainRowwiseAdagrad {
  var learningRate = 0.1
  var weightDecay = 0.0
  var sum = 0.0
  var epsilon = 0.05
  var maximize = false

  mutating func update(_ row: inout [Double], _ gradient: [Double]) {
    let g = zip(gradient, row).map { (maximize ? -$0 : $0) + weightDecay * $1 }
    sum += g.reduce(0) { $0 + $1 * $1 } / Double(g.count)
    for i in row.indices { row[i] -= learningRate / (sqrt(sum) + epsilon) * g[i] }
  }
}

/// What Lion remembers of one number.
struct PlainLion {
  var learningRate = 0.1
  var beta1 = 0.6
  var beta2 = 0.8
  var weightDecay = 0.0
  var maximize = false
  var m = 0.0

  mutating func update(_ parameter: inout Double, _ gradient: Double) {
    let g = maximize ? -gradient : gradient
    let direction = beta1 * m + (1 - beta1) * g
    let sign: Double = direction > 0 ? 1 : direction < 0 ? -1 : 0
    parameter -= learningRate * (sign + weightDecay * parameter)
    m = beta2 * m + (1 - beta2) * g
  }
}

/// What RMSprop remembers of one number.
struct PlainRMSprop {
  var learningRate = 0.1
  var alpha = 0.9
  var epsilon = 0.05
  var weightDecay = 0.0
  var momentum = 0.0
  var centered = false
  var maximize = false
  var square = 0.0
  var mean = 0.0
  var velocity = 0.0

  mutating func update(_ parameter: inout Double, _ gradient: Double) {
    let g = (maximize ? -gradient : gradient) + weightDecay * parameter
    square = alpha * square + (1 - alpha) * g * g
    mean = alpha * mean + (1 - alpha) * g
    let direction = g / (sqrt(centered ? square - mean * mean : square) + epsilon)
    velocity = momentum * velocity + direction
    parameter -= learningRate * velocity
  }
}
