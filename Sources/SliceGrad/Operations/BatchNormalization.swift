extension Variable {
  /// Batch normalization: weight · (x − mean) / √(variance + epsilon) + bias. Mean and (biased) variance are those of
  /// each column.
  ///
  /// - Parameters:
  ///   - weight: `[d]`, where `self` is `[n, d]` with n of 2 or more. Traps otherwise.
  ///   - bias: `[d]`
  ///   - epsilon: above 0.
  /// - Returns: the result `[n, d]`, and the columns' means and variances `[d]`, to which no gradient flows.
  ///
  /// Source: Ioffe and Szegedy, “Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
  /// Shift” (2015), algorithm 1.
  @specialized(where Scalar == Float)
  public func batchNorm(
    weight: Variable, bias: Variable, epsilon: Scalar = 1e-5
  ) -> (result: Variable, mean: Tensor<Scalar>, variance: Tensor<Scalar>) {
    require(
      shape.rank == 2 && weight.shape == [shape[1]] && bias.shape == [shape[1]],
      "batchNorm: input \(shape), weight \(weight.shape) and bias \(bias.shape); expected [n, d], [d] and [d]")
    require(shape[0] > 1, "batchNorm: input \(shape); a variance needs 2 or more rows")
    require(epsilon > 0, "batchNorm: epsilon \(epsilon) is not above 0")
    let (x, weightValue, rows, n) = (value, weight.value, shape[0], shape[1])
    var (y, statistics) = (Tensor<Scalar>(uninitialized: shape), Tensor<Scalar>(uninitialized: [3, n]))
    withPointers(x, weightValue, bias.value) { x, weight, bias in
      withMutablePointers(&y, &statistics) { y, statistics in
        Threads.forEachRange(of: n, operations: rows, multiplesOf: 16) {
          Scalar.Kernels.batchNorm(x, weight, bias, epsilon, y, statistics, rows, n, $0, $1)
        }
      }
    }
    let result = Variable.recorded(y, from: [self, weight, bias]) { [statistics] g in
      var slope = Tensor<Scalar>(uninitialized: x.shape)
      var (weightSlope, biasSlope) = (Tensor<Scalar>(uninitialized: [n]), Tensor<Scalar>(uninitialized: [n]))
      withPointers(x, statistics, weightValue, g) { x, statistics, weight, g in
        withMutablePointers(&slope, &weightSlope, &biasSlope) { out, weights, biases in
          Threads.forEachRange(of: n, operations: rows, multiplesOf: 16) {
            Scalar.Kernels.batchNormGradient(x, statistics, weight, g, out, weights, biases, rows, n, $0, $1)
          }
        }
      }
      return [slope, weightSlope, biasSlope]
    }
    return (
      result, statistics.slice(0..<1, axis: 0).reshaped(to: [n]), statistics.slice(1..<2, axis: 0).reshaped(to: [n])
    )
  }
}
