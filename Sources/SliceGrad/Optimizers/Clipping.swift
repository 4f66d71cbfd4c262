extension Gradients {
  /// Scales all gradients so that their global norm is at most `maximum`, a number above 0. As in PyTorch, the factor
  /// is maximum / (norm + 10⁻⁶). Traps on other maxima.
  ///
  /// Source: Pascanu, Mikolov and Bengio, “On the difficulty of training recurrent neural networks” (2013).
  ///
  /// - Returns: the norm before.
  @discardableResult
  public mutating func clip(toGlobalNorm maximum: Double) -> Double {
    require(maximum > 0, "clip: the maximum norm \(maximum) is not above 0")
    let norm = globalNorm
    let factor = maximum / (norm + 1e-6)
    if factor < 1 { self *= Scalar(factor) }
    return norm
  }

  /// Brings every element of every gradient into `-maximum...maximum`; repeats of rows are merged first. NaN stays NaN.
  /// Traps unless `maximum` is above 0.
  public mutating func clip(toValue maximum: Scalar) {
    require(maximum > 0, "clip: the maximum \(maximum) is not above 0")
    for i in leaves.indices {
      leaves[i] = leaves[i]?.mapped { numbers in
        numbers.mapped { Scalar.Kernels.clamp(-maximum, $0, maximum, $1, $2, $3) }
      }
    }
  }
}
