extension Gradients {
  /// Scales all gradients so that their global norm is at most `maximum`. If it is larger, they are multiplied by
  /// `maximum` / (norm + 10⁻⁶), as in PyTorch. Traps unless `maximum` is above 0.
  ///
  ///     let layer = Dense<Double>(weight: Tensor([[3, 4]]), bias: nil)
  ///     var (_, gradients) = valueWithGradients(at: layer) { $0.weight.variable.square().sum() / 2 }
  ///     print(gradients.clip(toGlobalNorm: 1))  // 5.0
  ///     print(gradients[\.weight, in: layer]!)  // [[0.6, 0.8]]
  ///
  /// Source: Pascanu, Mikolov and Bengio, “On the difficulty of training recurrent neural networks” (2013).
  ///
  /// - Returns: the norm before.
  /// - Complexity: O(n) for n numbers in the gradients.
  @discardableResult
  public mutating func clip(toGlobalNorm maximum: Double) -> Double {
    let norm = globalNorm
    clip(norm, to: maximum)
    return norm
  }

  /// Scales all gradients, whose global norm is known, so that it is at most `maximum`.
  package mutating func clip(_ norm: Double, to maximum: Double) {
    require(maximum > 0, "clip: the maximum norm \(maximum) is not above 0")
    let factor = maximum / (norm + 1e-6)
    if factor < 1 { self *= Scalar(factor) }
  }

  /// Limits every element of every gradient to `-maximum...maximum`. Repeated rows are merged first. NaN stays NaN.
  /// Traps unless `maximum` is above 0.
  ///
  ///     let layer = Dense<Double>(weight: Tensor([[3, -4]]), bias: nil)
  ///     var (_, gradients) = valueWithGradients(at: layer) { $0.weight.variable.square().sum() / 2 }
  ///     gradients.clip(toValue: 3.5)
  ///     print(gradients[\.weight, in: layer]!)  // [[3, -3.5]]
  public mutating func clip(toValue maximum: Scalar) {
    require(maximum > 0, "clip: the maximum \(maximum) is not above 0")
    for i in leaves.indices {
      leaves[i] = leaves[i]?.mapped { numbers in
        numbers.mapped { Scalar.Kernels.clamp(-maximum, $0, maximum, $1, $2, $3) }
      }
    }
  }
}
