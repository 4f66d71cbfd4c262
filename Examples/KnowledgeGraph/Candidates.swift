import SliceGrad

/// The entities that a batch's softmax runs over, and which probabilities they should have.
struct Candidates {
  /// Each right tail of the batch once, and then the drawn entities, which are none of them; nil for all entities.
  private(set) var rows: [Int32]?
  /// The probabilities to learn, `[questions, rows]`. The right tails of a question have equal parts of 1 − s, where s
  /// is the label smoothing, and all entities have equal parts of s.
  private(set) var targets: Tensor<Float>
  /// The logarithm of how many entities a row stands for, `[rows]`. If weighted, the drawn ones stand for all others,
  /// so that the softmax's denominator is on average that over all entities. Else each row stands for itself.
  let logWeights: Tensor<Float>

  /// - Parameters:
  ///   - tails: the right tails of each question, at least one.
  ///   - drawnCount: how many other entities are drawn; nil for all entities.
  init(
    forTails tails: [[Int32]], and drawnCount: Int?, by sampler: RowSampler, isWeighted: Bool,
    labelSmoothing: Float, using generator: inout RandomGenerator
  ) {
    var weights = [Float](repeating: 1, count: sampler.rowCount)
    var positions: [Int32: Int] = [:]
    if let drawnCount {
      var right: [Int32] = []
      for tail in tails.joined() where positions.updateValue(positions[tail] ?? right.count, forKey: tail) == nil {
        right.append(tail)
      }
      let others = sampler.draw(drawnCount, using: &generator).filter { positions[$0] == nil }
      let weight = isWeighted ? Float(sampler.rowCount - right.count) / Float(max(others.count, 1)) : 1
      weights = right.map { _ in 1 } + others.map { _ in weight }
      rows = right + others
    } else {
      rows = nil
    }
    let count = weights.count
    let smoothing = labelSmoothing / weights.reduce(0, +)
    var targets = tails.flatMap { _ in weights.map { smoothing * $0 } }
    for (i, tails) in tails.enumerated() {
      for tail in tails {
        targets[i * count + (positions[tail] ?? Int(tail))] += (1 - labelSmoothing) / Float(tails.count)
      }
    }
    self.targets = Tensor(shape: [tails.count, count], elements: targets)
    logWeights = Tensor(weights).log()
  }

  /// The same for some of the questions.
  func ofQuestions(_ range: Range<Int>) -> Candidates {
    var some = self
    some.targets = targets.slice(range, axis: 0)
    return some
  }

  /// The same with a list also of all entities.
  var listed: Candidates {
    var listed = self
    listed.rows = rows ?? Array(0..<Int32(targets.shape[1]))
    return listed
  }
}
