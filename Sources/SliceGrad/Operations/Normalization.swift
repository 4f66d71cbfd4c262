extension Variable {
  /// Layer normalization: weight · (x − mean) / √(variance + epsilon) + bias. Mean and (biased) variance are those over
  /// the last axes, as many as `weight` has.
  ///
  ///     let (ones, zeros) = (Variable(Tensor<Double>(ones: [2])), Variable(Tensor<Double>(zeros: [2])))
  ///     print(Variable(Tensor([[1, 3], [5, -5]])).layerNorm(weight: ones, bias: zeros).value)
  ///     // [[-0.999995, 0.999995],
  ///     //  [1, -1]]
  ///
  /// Source: Ba, Kiros and Hinton, “Layer Normalization” (2016).
  ///
  /// - Parameters:
  ///   - weight: of the shape of the last axes, one or more of them. Traps if they differ.
  ///   - bias: of the weight's shape.
  ///   - epsilon: above 0.
  @specialized(where Scalar == Float)
  public func layerNorm(weight: Variable, bias: Variable, epsilon: Scalar = 1e-5) -> Variable {
    let normalized = weight.shape
    require(
      normalized.rank >= 1 && Shape(shape.suffix(normalized.rank)) == normalized && bias.shape == normalized,
      "layerNorm: input \(shape), weight \(weight.shape) and bias \(bias.shape); expected […, n…], [n…] and [n…]")
    require(epsilon > 0, "layerNorm: epsilon \(epsilon) is not above 0")
    return self.normalized(weight: weight, bias: bias, epsilon: epsilon, centers: true)
  }

  /// Normalization by the root mean square: weight · x / √(mean x² + epsilon). The mean is over as many of the
  /// last axes as `weight` has.
  ///
  ///     let ones = Variable(Tensor<Double>(ones: [2]))
  ///     print(Variable(Tensor([[3, 4]])).rmsNorm(weight: ones).value)  // [[0.848528, 1.13137]]
  ///
  /// Source: Zhang and Sennrich, “Root Mean Square Layer Normalization” (2019).
  ///
  /// - Parameters:
  ///   - weight: of the shape of the last axes, one or more of them. Traps if they differ.
  ///   - epsilon: above 0.
  @specialized(where Scalar == Float)
  public func rmsNorm(weight: Variable, epsilon: Scalar = 1e-6) -> Variable {
    let normalized = weight.shape
    require(
      normalized.rank >= 1 && Shape(shape.suffix(normalized.rank)) == normalized,
      "rmsNorm: input \(shape) and weight \(weight.shape), expected […, n…] and [n…]")
    require(epsilon > 0, "rmsNorm: epsilon \(epsilon) is not above 0")
    let zeros = Variable(Tensor(zeros: normalized))
    return self.normalized(weight: weight, bias: zeros, epsilon: epsilon, centers: false)
  }

  /// Each row less its mean, if it `centers`, and divided by the root of its mean square.
  @specialized(where Scalar == Float)
  private func normalized(weight: Variable, bias: Variable, epsilon: Scalar, centers: Bool) -> Variable {
    let normalized = weight.shape
    let (x, weightValue, n) = (value, weight.value, normalized.elementCount)
    let rows = shape.elementCount(of: 0..<shape.rank - normalized.rank)
    var (y, statistics) = (Tensor<Scalar>(uninitialized: shape), Tensor<Scalar>(uninitialized: [rows, 2]))
    withPointers(x, weightValue, bias.value) { x, weight, bias in
      withMutablePointers(&y, &statistics) { y, statistics in
        Threads.forEachRange(of: rows, operations: 2 * n, multiplesOf: 4) {  // the kernel takes rows in groups of 4
          Scalar.Kernels.layerNorm(x, weight, bias, epsilon, centers: centers, y, statistics, n, $0, $1)
        }
      }
    }
    let wantsInput = isTracked
    return .recorded(y, from: [self, weight, bias]) { [statistics] g in
      // First the sums of 64 rows each, and then the sum of those: one running sum of many rows would lose too many
      // digits in single precision.
      let (parts, kernel) = ((rows + 63) / 64, Scalar.Kernels.layerNormGradient)
      var slope = wantsInput ? Tensor<Scalar>(uninitialized: x.shape) : nil
      var weightSums = Tensor<Scalar>(uninitialized: [parts, n])
      var biasSums = Tensor<Scalar>(uninitialized: [parts, n])
      // If the gradient is one repeated number, one row stands for all.
      let (rowsOfGradient, step) = g.constant.map { (Tensor(repeating: $0, shape: [n]), 0) } ?? (g, n)
      withPointers(x, statistics, weightValue, rowsOfGradient) { x, statistics, weight, g in
        withMutablePointers(&slope, &weightSums, &biasSums) { out, weights, biases in
          Threads.forEachRange(of: parts, operations: 128 * n) {
            kernel(x, statistics, weight, g, step, centers, out, weights, biases, rows, n, $0, $1)
          }
        }
      }
      let (weightSlope, biasSlope) = (weightSums.sum(over: [0]), biasSums.sum(over: [0]))
      return [slope, weightSlope.reshaped(to: normalized), biasSlope.reshaped(to: normalized)]
    }
  }
}
