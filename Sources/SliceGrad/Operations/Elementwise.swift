// Functions of one element at a time. Each is one line: its C kernel stands beside its gradient's in elementwise.c.

extension Tensor {
  fileprivate func mapped(_ function: Scalar.Kernels.Unary) -> Tensor {
    Tensor(shape: shape) { y in forEachRun { function($1, y + $0.lowerBound, $0.count) } }
  }
}

extension Variable {
  private enum Saved { case input, output }

  /// y = f(x) element by element, whose gradient `derivative` computes from the incoming one and either x or y. Only
  /// that is kept for it, so that the other's memory is soon free.
  @specialized(where Scalar == Float)
  private func elementwise(
    _ function: Scalar.Kernels.Unary, saving saved: Saved, _ derivative: @escaping Scalar.Kernels.UnaryGradient
  ) -> Variable {
    let y = value.mapped(function)
    let kept = saved == .input ? value : y
    return .recorded(
      y,
      from: (
        self,
        { g in
          Tensor(shape: g.shape) { out in
            kept.withPointer { kept in
              g.forEachRun { derivative(kept + $0.lowerBound, $1, out + $0.lowerBound, $0.count) }
            }
          }
        }
      ))
  }

  /// eˣ
  public func exp() -> Variable { elementwise(Scalar.Kernels.exp, saving: .output, Scalar.Kernels.expGradient) }

  /// The natural logarithm: −∞ at 0, NaN below.
  public func log() -> Variable { elementwise(Scalar.Kernels.log, saving: .input, Scalar.Kernels.logGradient) }

  /// √x: NaN below 0; the gradient at 0 is infinite.
  public func sqrt() -> Variable { elementwise(Scalar.Kernels.sqrt, saving: .output, Scalar.Kernels.sqrtGradient) }

  /// x²
  public func square() -> Variable { elementwise(Scalar.Kernels.square, saving: .input, Scalar.Kernels.squareGradient) }

  /// max(x, 0); the gradient at 0 is 0.
  @specialized(where Scalar == Float)
  public func relu() -> Variable { elementwise(Scalar.Kernels.relu, saving: .output, Scalar.Kernels.reluGradient) }

  /// The hyperbolic tangent.
  @specialized(where Scalar == Float)
  public func tanh() -> Variable { elementwise(Scalar.Kernels.tanh, saving: .output, Scalar.Kernels.tanhGradient) }

  /// The logistic function σ(x) = 1 / (1 + e⁻ˣ).
  @specialized(where Scalar == Float)
  public func sigmoid() -> Variable {
    elementwise(Scalar.Kernels.sigmoid, saving: .output, Scalar.Kernels.sigmoidGradient)
  }

  /// x σ(x), also called swish (Elfwing, Uchibe and Doya 2017).
  @specialized(where Scalar == Float)
  public func silu() -> Variable { elementwise(Scalar.Kernels.silu, saving: .input, Scalar.Kernels.siluGradient) }

  /// log(1 + eˣ), without overflow.
  public func softplus() -> Variable {
    elementwise(Scalar.Kernels.softplus, saving: .input, Scalar.Kernels.softplusGradient)
  }

  /// How to compute `gelu`.
  public enum GELUApproximation: Sendable {
    /// x Φ(x) with the normal distribution's Φ.
    case none
    /// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2
    case tanh
  }

  /// The Gaussian error linear unit x Φ(x) (Hendrycks and Gimpel 2016), exact unless its tanh approximation is asked
  /// for.
  @specialized(where Scalar == Float)
  public func gelu(approximation: GELUApproximation = .none) -> Variable {
    switch approximation {
    case .none: elementwise(Scalar.Kernels.gelu, saving: .input, Scalar.Kernels.geluGradient)
    case .tanh: elementwise(Scalar.Kernels.geluTanh, saving: .input, Scalar.Kernels.geluTanhGradient)
    }
  }

  /// x, or `slope` · x where x is negative; the gradient at 0 is `slope` · g.
  public func leakyRelu(slope: Scalar = 0.01) -> Variable {
    let x = value
    return .recorded(
      Tensor(shape: x.shape) { y in x.withPointer { Scalar.Kernels.leakyRelu($0, slope, y, x.count) } },
      from: (
        self,
        { g in
          Tensor(shape: x.shape) { out in
            x.withPointer { x in g.withPointer { Scalar.Kernels.leakyReluGradient(x, slope, $0, out, g.count) } }
          }
        }
      ))
  }

  /// x to the power of a number. NaN for negative x unless the exponent is whole.
  public func power(_ exponent: Scalar) -> Variable {
    let x = value
    return .recorded(
      Tensor(shape: x.shape) { y in x.withPointer { Scalar.Kernels.power($0, exponent, y, x.count) } },
      from: (
        self,
        { g in
          Tensor(shape: x.shape) { out in
            x.withPointer { x in g.withPointer { Scalar.Kernels.powerGradient(x, exponent, $0, out, g.count) } }
          }
        }
      ))
  }
}
