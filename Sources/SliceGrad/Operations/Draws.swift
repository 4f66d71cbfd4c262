// Classes drawn by their probabilities, as a language model draws its next word.

extension Tensor {
  /// A class for each row of logits, drawn with the probabilities softmax(x / temperature). The lower the temperature,
  /// the more often it is the one with the largest logit; `argmax` always takes that one.
  ///
  ///     var generator = RandomGenerator(seed: 1)
  ///     let logits = Tensor<Float>([[0, 1, -.infinity], [0, 9, 8]])
  ///     print(logits.drawClasses(temperature: 0.5, topK: 2, using: &generator))  // [1, 1]
  ///
  /// Sources: Ackley, Hinton and Sejnowski, “A Learning Algorithm for Boltzmann Machines” (1985), equation 5; top-k:
  /// Fan, Lewis and Dauphin, “Hierarchical Neural Story Generation” (2018), section 5.4.
  ///
  /// - Parameters:
  ///   - temperature: above 0.
  ///   - count: only so many of the largest logits of a row are drawn, in `1...n`; nil: all.
  ///   - generator: what draws; it is advanced.
  /// - Returns: for logits `[…, n]` one class in `0..<n` for each row. Traps if a row has a NaN or +∞, or nothing but
  ///   −∞.
  /// - Complexity: O(n) for each row, and what `topK(_:)` takes.
  public func drawClasses(
    temperature: Scalar = 1, topK count: Int? = nil, using generator: inout RandomGenerator
  ) -> [Int32] {
    require(temperature > 0 && temperature.isFinite, "drawClasses: temperature \(temperature), expected one above 0")
    require(rank >= 1 && shape[-1] >= 1, "drawClasses: logits of shape \(shape), expected […, classes]")
    let largest = count.map { topK($0) }
    let logits = largest?.values ?? self
    let (rows, columns) = logits.shape.rowsAndColumns
    let differences = logits - logits.max(over: [-1], keepingDimensions: true)
    // In double precision, lest many rare classes are lost beside a frequent one.
    let sums = Tensor<Double>((differences / temperature).exp()).cumulativeSum().elements
    return (0..<rows).map { row in
      let (first, last) = (row * columns, (row + 1) * columns - 1)
      require(sums[last] > 0, "drawClasses: row \(row) has no softmax: NaN, +∞, or nothing but −∞")
      let mark = Double.random(in: 0..<sums[last], using: &generator)
      // The first sum above the mark.
      var (low, high) = (first, last)
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] > mark { high = middle } else { low = middle + 1 }
      }
      return largest?.indices[low] ?? Int32(low - first)
    }
  }
}
