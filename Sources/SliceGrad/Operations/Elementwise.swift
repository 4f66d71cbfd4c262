// Functions of one element at a time, each declared once for tensors and variables. Its C kernel stands beside its
// gradient's in elementwise.c.

/// A function of one element at a time, and its gradient.
public struct ElementFunction<Scalar: TensorScalar> {
  enum Saved { case input, output }

  let function: Scalar.Kernels.Unary
  /// Which of x and y the gradient is computed from. Only that is kept, so that the other's memory is soon free.
  let saved: Saved
  let gradient: Scalar.Kernels.UnaryGradient

  init(
    _ function: @escaping Scalar.Kernels.Unary, saving saved: Saved,
    _ gradient: @escaping Scalar.Kernels.UnaryGradient
  ) {
    self.function = function
    self.saved = saved
    self.gradient = gradient
  }
}

/// A tensor, or a variable whose operations are recorded: what has elements to which functions can be applied.
public protocol Elementwise<Scalar> {
  associatedtype Scalar: TensorScalar

  /// y = f(x), element by element.
  func applying(_ function: ElementFunction<Scalar>) -> Self
}

extension Tensor: Elementwise {
  @specialized(where Scalar == Float)
  public func applying(_ function: ElementFunction<Scalar>) -> Tensor { mapped(function.function) }

  /// The results of a kernel that takes one element at a time.
  func mapped(_ kernel: Scalar.Kernels.Unary) -> Tensor {
    if let constant, count > 1 { return Tensor(constant).mapped(kernel).broadcast(to: shape) }
    return Tensor(shape: shape) { y in
      withPointer { x in Threads.forEachRange(of: count, multiplesOf: 64) { kernel(x, y, $0, $1) } }
    }
  }

  /// The results of a gradient's kernel that takes one element at a time, of this tensor and the incoming gradient.
  fileprivate func gradient(_ g: Tensor, _ kernel: Scalar.Kernels.UnaryGradient) -> Tensor {
    Tensor(shape: shape) { out in
      withPointers(self, SteppedOperand(tensor: g)) { saved, g in
        Threads.forEachRange(of: count, multiplesOf: 64) { kernel(saved, g.address, g.step, out, $0, $1) }
      }
    }
  }
}

extension Variable: Elementwise {
  @specialized(where Scalar == Float)
  public func applying(_ function: ElementFunction<Scalar>) -> Variable {
    let y = value.mapped(function.function)
    let (kept, gradient) = (function.saved == .input ? value : y, function.gradient)
    return .recorded(y, from: back { g in kept.gradient(g, gradient) })
  }
}

/// How to compute `gelu`.
public enum GELUApproximation: Sendable {
  /// x Φ(x) with the normal distribution's Φ.
  case none
  /// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2
  case tanh
}

extension Elementwise {
  private typealias Kernels = Scalar.Kernels

  /// eˣ
  public func exp() -> Self { applying(ElementFunction(Kernels.exp, saving: .output, Kernels.expGradient)) }

  /// The natural logarithm: −∞ at 0, NaN below.
  public func log() -> Self { applying(ElementFunction(Kernels.log, saving: .input, Kernels.logGradient)) }

  /// √x: NaN below 0; the gradient at 0 is infinite.
  public func sqrt() -> Self { applying(ElementFunction(Kernels.sqrt, saving: .output, Kernels.sqrtGradient)) }

  /// x²
  @specialized(where Self == Variable<Float>)
  public func square() -> Self { applying(ElementFunction(Kernels.square, saving: .input, Kernels.squareGradient)) }

  /// max(x, 0); the gradient at 0 is 0.
  @specialized(where Self == Variable<Float>)
  public func relu() -> Self { applying(ElementFunction(Kernels.relu, saving: .output, Kernels.reluGradient)) }

  /// The hyperbolic tangent.
  @specialized(where Self == Variable<Float>)
  public func tanh() -> Self { applying(ElementFunction(Kernels.tanh, saving: .output, Kernels.tanhGradient)) }

  /// The logistic function σ(x) = 1 / (1 + e⁻ˣ).
  @specialized(where Self == Variable<Float>)
  public func sigmoid() -> Self { applying(ElementFunction(Kernels.sigmoid, saving: .output, Kernels.sigmoidGradient)) }

  /// x σ(x), also called swish (Elfwing, Uchibe and Doya 2017, "Sigmoid-weighted linear units").
  @specialized(where Self == Variable<Float>)
  public func silu() -> Self { applying(ElementFunction(Kernels.silu, saving: .input, Kernels.siluGradient)) }

  /// log(1 + eˣ), without overflow.
  public func softplus() -> Self {
    applying(ElementFunction(Kernels.softplus, saving: .input, Kernels.softplusGradient))
  }

  /// The Gaussian error linear unit x Φ(x) (Hendrycks and Gimpel 2016), exact unless you ask for its tanh
  /// approximation.
  @specialized(where Self == Variable<Float>)
  public func gelu(approximation: GELUApproximation = .none) -> Self {
    switch approximation {
    case .none: applying(ElementFunction(Kernels.gelu, saving: .input, Kernels.geluGradient))
    case .tanh: applying(ElementFunction(Kernels.geluTanh, saving: .input, Kernels.geluTanhGradient))
    }
  }

  /// x, or `slope` · x where x is negative; the gradient at 0 is `slope` · g.
  public func leakyRelu(slope: Scalar = 0.01) -> Self {
    applying(
      ElementFunction({ Kernels.leakyRelu($0, slope, $1, $2, $3) }, saving: .input) {
        Kernels.leakyReluGradient($0, slope, $1, $2, $3, $4, $5)
      })
  }

  /// x to the power of a number. NaN for negative x unless the exponent is whole.
  public func power(_ exponent: Scalar) -> Self {
    applying(
      ElementFunction({ Kernels.power($0, exponent, $1, $2, $3) }, saving: .input) {
        Kernels.powerGradient($0, exponent, $1, $2, $3, $4, $5)
      })
  }
}
