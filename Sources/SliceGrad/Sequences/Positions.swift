extension Sequences {
  /// The place of each element in its sequence, from 0 on: `[n]`.
  ///
  /// With learnt positions, an `Embedding` has a vector for each place:
  ///
  ///     let texts = Sequences(values: Variable(Tensor<Float>(zeros: [5, 2])), rowSplits: [0, 3, 3, 5])
  ///     print(texts.positions)  // [0, 1, 2, 0, 1]
  ///     let places = Embedding<Float>(rows: 512, columns: 2, using: &generator)
  ///     print(texts.map { $0 + places(texts.positions) }.values.shape)  // [5, 2]
  ///
  /// For fixed ones see `Tensor.sinusoidalPositions`.
  public var positions: [Int32] {
    zip(rowSplits, rowSplits.dropFirst()).flatMap { 0..<($1 - $0) }
  }
}

extension Tensor {
  /// A vector for each place in a sequence, made of waves whose lengths grow from 2π to 2π · 10000: `[length,
  /// columns]`.
  ///
  /// ```text
  /// positions[p, 2 i]     = sin(p / 10000^(2 i / columns))
  /// positions[p, 2 i + 1] = cos(p / 10000^(2 i / columns))
  /// ```
  ///
  /// They are added to the elements of sequences:
  ///
  ///     let texts = Sequences(values: Variable(Tensor<Float>(zeros: [3, 2])), rowSplits: [0, 2, 3])
  ///     let places = Tensor<Float>.sinusoidalPositions(length: 512, columns: 2)
  ///     print(texts.map { $0 + Variable(places).gather(texts.positions) }.values.value)
  ///     // [[0, 1],
  ///     //  [0.841471, 0.540302],
  ///     //  [0, 1]]
  ///
  /// Source: Vaswani et al., “Attention Is All You Need” (2017), section 3.5.
  ///
  /// Traps on a length or a number of columns below 0.
  public static func sinusoidalPositions(length: Int, columns: Int) -> Tensor {
    require(
      length >= 0 && columns >= 0,
      "sinusoidalPositions: length \(length) and \(columns) columns, expected 0 or more of both")
    let logarithm = 9.210340371976184  // of 10000
    let waves = (columns + 1) / 2
    let exponents = (0..<waves).map { Double(-2 * $0) / Double(columns) * logarithm }
    let places = Tensor<Double>(shape: [length, 1], elements: (0..<length).map(Double.init))
    let angles = places * Tensor<Double>(exponents).exp()
    let pairs = Tensor<Double>.stack([angles.sin(), angles.cos()], axis: -1).reshaped(to: [length, 2 * waves])
    return Tensor(
      shape: [length, columns], elements: pairs.slice(0..<columns, axis: 1).elements.map { Scalar($0) })
  }
}
