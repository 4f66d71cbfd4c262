// Functions of one element at a time, each declared once for tensors and variables. In elementwise.c, the kernel of
// each one stands beside that of its gradient.

/// Whether the gradient of an operation y = f(x) is computed from x or from y. Only that one is kept, so that the
/// memory of the other can be freed early.
public enum SavedElements {
  case input
  case output
}

/// A tensor, or a variable whose operations are recorded: what has elements to which functions can be applied.
public protocol Elementwise<Scalar> {
  associatedtype Scalar: TensorScalar

  /// The dimensions.
  var shape: Shape { get }

  /// This as an operand of operations on variables: a tensor is a constant.
  var asVariable: Variable<Scalar> { get }

  /// y = f(x), element by element. One kernel computes it, another one its gradient.
  func applying(
    _ function: @escaping Scalar.Kernels.Unary, saving saved: SavedElements,
    _ gradient: @escaping Scalar.Kernels.UnaryGradient
  ) -> Self

  /// Every element divided by a number.
  func divided(by number: Scalar) -> Self

  /// The sums over some axes, over all if nil.
  func sum(over axes: [Int]?, keepingDimensions: Bool) -> Self

  /// The same elements in another shape. Traps if the number of elements differs.
  func reshaped(to shape: Shape) -> Self

  /// The part of an axis in `range`. Traps if the range is not within the axis.
  func slice(_ range: Range<Int>, axis: Int) -> Self

  /// The parts one after another along an axis. Traps if there are none, or if shapes differ along another axis.
  static func concatenate(_ parts: [Self], axis: Int) -> Self
}

extension Tensor: Elementwise {
  public var asVariable: Variable<Scalar> { Variable(self) }

  @specialized(where Scalar == Float)
  public func applying(
    _ function: @escaping Scalar.Kernels.Unary, saving saved: SavedElements,
    _ gradient: @escaping Scalar.Kernels.UnaryGradient
  ) -> Tensor { mapped(function) }

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
      withPointers(self, SteppedOperand(g)) { saved, g in
        Threads.forEachRange(of: count, multiplesOf: 64) { kernel(saved, g.address, g.step, out, $0, $1) }
      }
    }
  }
}

extension Variable: Elementwise {
  public var asVariable: Variable { self }

  @specialized(where Scalar == Float)
  public func applying(
    _ function: @escaping Scalar.Kernels.Unary, saving saved: SavedElements,
    _ gradient: @escaping Scalar.Kernels.UnaryGradient
  ) -> Variable {
    let y = value.mapped(function)
    let kept = saved == .input ? value : y
    return .recorded(y, from: back { g in kept.gradient(g, gradient) })
  }
}

/// How to compute `gelu`.
public enum GELUApproximation: Sendable {
  /// x Φ(x), where Φ is the distribution function of the standard normal distribution.
  case none
  /// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2
  case tanh
}

extension Elementwise {
  private typealias Kernels = Scalar.Kernels

  /// eˣ
  public func exp() -> Self { applying(Kernels.exp, saving: .output, Kernels.expGradient) }

  /// The natural logarithm: −∞ at 0, NaN below.
  public func log() -> Self { applying(Kernels.log, saving: .input, Kernels.logGradient) }

  /// √x: NaN below 0; the gradient at 0 is infinite.
  public func sqrt() -> Self { applying(Kernels.sqrt, saving: .output, Kernels.sqrtGradient) }

  /// x²
  @specialized(where Self == Variable<Float>)
  public func square() -> Self { applying(Kernels.square, saving: .input, Kernels.squareGradient) }

  /// |x|; the gradient at 0 is 0.
  public func abs() -> Self { applying(Kernels.abs, saving: .input, Kernels.absGradient) }

  /// The sine of an angle in radians.
  public func sin() -> Self { applying(Kernels.sin, saving: .input, Kernels.sinGradient) }

  /// The cosine of an angle in radians.
  public func cos() -> Self { applying(Kernels.cos, saving: .input, Kernels.cosGradient) }

  /// max(x, 0); the gradient at 0 is 0.
  @specialized(where Self == Variable<Float>)
  public func relu() -> Self { applying(Kernels.relu, saving: .output, Kernels.reluGradient) }

  /// The hyperbolic tangent.
  @specialized(where Self == Variable<Float>)
  public func tanh() -> Self { applying(Kernels.tanh, saving: .output, Kernels.tanhGradient) }

  /// The logistic function σ(x) = 1 / (1 + e⁻ˣ).
  @specialized(where Self == Variable<Float>)
  public func sigmoid() -> Self { applying(Kernels.sigmoid, saving: .output, Kernels.sigmoidGradient) }

  /// x σ(x), also called swish.
  ///
  /// Source: Elfwing, Uchibe and Doya, “Sigmoid-Weighted Linear Units for Neural Network Function Approximation in
  /// Reinforcement Learning” (2018).
  @specialized(where Self == Variable<Float>)
  public func silu() -> Self { applying(Kernels.silu, saving: .input, Kernels.siluGradient) }

  /// log(1 + eˣ), without overflow.
  public func softplus() -> Self { applying(Kernels.softplus, saving: .input, Kernels.softplusGradient) }

  /// The Gaussian error linear unit x Φ(x), exact unless you ask for its tanh approximation.
  ///
  /// Source: Hendrycks and Gimpel, “Gaussian Error Linear Units (GELUs)” (2016).
  @specialized(where Self == Variable<Float>)
  public func gelu(approximation: GELUApproximation = .none) -> Self {
    switch approximation {
    case .none: applying(Kernels.gelu, saving: .input, Kernels.geluGradient)
    case .tanh: applying(Kernels.geluTanh, saving: .input, Kernels.geluTanhGradient)
    }
  }

  /// x, or `slope` · x where x is negative; the gradient at 0 is `slope`.
  public func leakyRelu(slope: Scalar = 0.01) -> Self {
    applying(
      { Kernels.leakyRelu($0, slope, $1, $2, $3) }, saving: .input,
      { Kernels.leakyReluGradient($0, slope, $1, $2, $3, $4, $5) })
  }

  /// x to the power of a number. NaN for negative x unless the exponent is whole.
  public func power(_ exponent: Scalar) -> Self {
    applying(
      { Kernels.power($0, exponent, $1, $2, $3) }, saving: .input,
      { Kernels.powerGradient($0, exponent, $1, $2, $3, $4, $5) })
  }
}
