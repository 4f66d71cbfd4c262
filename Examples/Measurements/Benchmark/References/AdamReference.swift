/// Adam for some parameters, as Kingma and Ba write it, in Double.
struct AdamReference {
  private(set) var parameters: [Double]
  private(set) var firstMoment: [Double]
  private(set) var secondMoment: [Double]
  private var step = 0
  private let learningRate: Double

  init(_ parameters: some Sequence<Float>, learningRate: Double) {
    self.parameters = parameters.map(Double.init)
    self.learningRate = learningRate
    firstMoment = self.parameters.map { _ in 0 }
    secondMoment = firstMoment
  }

  mutating func update(gradient: [Double]) {
    step += 1
    for (index, slope) in gradient.enumerated() {
      firstMoment[index] = 0.9 * firstMoment[index] + 0.1 * slope
      secondMoment[index] = 0.999 * secondMoment[index] + 0.001 * slope * slope
      let first = firstMoment[index] / (1 - power(0.9))
      let second = secondMoment[index] / (1 - power(0.999))
      parameters[index] -= learningRate * first / (second.squareRoot() + 1e-8)
    }
  }

  private func power(_ base: Double) -> Double {
    var result = 1.0
    for _ in 0..<step { result *= base }
    return result
  }
}
