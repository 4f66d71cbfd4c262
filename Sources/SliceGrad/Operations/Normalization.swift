extension Variable {
  /// Layer normalization (Ba, Kiros and Hinton 2016): weight · (x − mean) / √(variance + epsilon) + bias, with mean and
  /// (biased) variance over the last axes, those of `weight`.
  ///
  /// - Parameters:
  ///   - weight: of the shape of the last axes, at least one; traps if they differ.
  ///   - bias: of weight's shape.
  ///   - epsilon: above 0.
  @specialized(where Scalar == Float)
  public func layerNorm(weight: Variable, bias: Variable, epsilon: Scalar = 1e-5) -> Variable {
    let normalized = weight.shape
    require(
      normalized.rank >= 1 && Shape(shape.suffix(normalized.rank)) == normalized && bias.shape == normalized,
      "layerNorm: input \(shape), weight \(weight.shape) and bias \(bias.shape); expected […, n…], [n…] and [n…]")
    require(epsilon > 0, "layerNorm: epsilon \(epsilon) is not above 0")
    let (x, weightValue, n) = (value, weight.value, normalized.elementCount)
    let rows = shape.elementCount(of: 0..<shape.rank - normalized.rank)
    var statistics = Tensor<Scalar>(shape: [rows, 2]) { _ in }
    let y = Tensor(shape: shape) { y in
      withPointers(x, weightValue, bias.value) { x, weight, bias in
        statistics.withMutablePointer { statistics in
          Threads.share(rows, operations: 2 * n, multiplesOf: 4) {  // the kernel takes rows in groups of 4
            let row = $0.lowerBound
            Scalar.Kernels.layerNorm(
              x + row * n, weight, bias, epsilon, y + row * n, statistics + row * 2, $0.count, n)
          }
        }
      }
    }
    let wantsInput = isTracked
    return .recorded(y, from: [self, weight, bias]) { [statistics] g in
      // Sums of 64 rows at a time, and then the sums of those: down many rows, single precision would not do.
      let parts = (rows + 63) / 64
      var slope = wantsInput ? Tensor<Scalar>(shape: x.shape) { _ in } : nil
      var biasSums = Tensor<Scalar>(shape: [parts, n]) { _ in }
      let weightSums = Tensor<Scalar>(shape: [parts, n]) { weightSums in
        withPointers(x, statistics, weightValue) { x, statistics, weight in
          g.withStridedRows(of: n) { g, gStride in
            biasSums.withMutablePointer { biasSums in
              withOptionalMutablePointer(&slope) { slope in
                Threads.share(parts, operations: 128 * n) {
                  for part in $0 {
                    let first = part * 64
                    Scalar.Kernels.layerNormGradient(
                      x + first * n, statistics + first * 2, weight, g + first * gStride, gStride,
                      slope.map { $0 + first * n }, weightSums + part * n, biasSums + part * n, min(64, rows - first), n
                    )
                  }
                }
              }
            }
          }
        }
      }
      let (weightSlope, biasSlope) = (weightSums.sum(over: [0]), biasSums.sum(over: [0]))
      return [slope, weightSlope.reshaped(to: normalized), biasSlope.reshaped(to: normalized)]
    }
  }
}
