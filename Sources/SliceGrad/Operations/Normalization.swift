extension Variable {
  /// Layer normalization (Ba, Kiros and Hinton 2016): weight · (x − mean) / √(variance + epsilon) + bias, with mean and
  /// (biased) variance over the last axes, those of `weight`.
  ///
  /// - Parameters:
  ///   - weight: of the shape of the last axes, at least one; traps if they differ.
  ///   - bias: of weight's shape.
  ///   - epsilon: above 0.
  public func layerNorm(weight: Variable, bias: Variable, epsilon: Scalar = 1e-5) -> Variable {
    let normalized = weight.shape
    require(
      normalized.rank >= 1 && Shape(shape.suffix(normalized.rank)) == normalized && bias.shape == normalized,
      "layerNorm: input \(shape), weight \(weight.shape) and bias \(bias.shape); expected […, n…], [n…] and [n…]")
    require(epsilon > 0, "layerNorm: epsilon \(epsilon) is not above 0")
    let (x, weightValue, n) = (value, weight.value, normalized.elementCount)
    let rows = shape.elementCount(of: 0..<shape.rank - normalized.rank)
    var statistics = Tensor<Scalar>(zeros: [rows, 2])
    let y = Tensor(shape: shape) { y in
      x.withPointer { x in
        weightValue.withPointer { weight in
          bias.value.withPointer { bias in
            statistics.withMutablePointer { Scalar.Kernels.layerNorm(x, weight, bias, epsilon, y, $0, rows, n) }
          }
        }
      }
    }
    return .recorded(
      y,
      from: (
        self,
        { [statistics] g in
          Tensor(shape: x.shape) { out in
            x.withPointer { x in
              statistics.withPointer { statistics in
                weightValue.withPointer { weight in
                  g.withPointer { Scalar.Kernels.layerNormGradient(x, statistics, weight, $0, out, rows, n) }
                }
              }
            }
          }
        }
      ),
      (
        weight,
        { [statistics] g in
          Tensor(shape: normalized) { out in
            x.withPointer { x in
              statistics.withPointer { statistics in
                g.withPointer { Scalar.Kernels.layerNormWeightGradient(x, statistics, $0, out, rows, n) }
              }
            }
          }
        }
      ),
      (bias, { g in g }))
  }
}
