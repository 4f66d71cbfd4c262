// Functions of one element at a time, each declared once for tensors and variables. Its C kernel stands beside its
// gradient's in elementwise.c.

/// Which of an operation's x and y its gradient is computed from. Only that is kept, so that the other's memory is soon
/// free.
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

  /// y = f(x), element by element, by a kernel and its gradient's.
  func applying(
    _ function: @escaping Scalar.Kernels.Unary, saving saved: SavedElements,
    _ gradient: @escaping Scalar.Kernels.UnaryGradient
  ) -> Self

  /// Every element divided by a number.
  func divided(by number: Scalar) -> Self

  /// The sums over some axes, all if nil.
  func sum(over axes: [Int]?, keepingDimensions: Bool) -> Self

  /// The same elements in another shape. Traps if the number of elements differs.
  func reshaped(to shape: Shape) -> Self

  /// The part in `range` of an axis. Traps if the range is not within the axis.
  func slice(_ range: Range<Int>, axis: Int) -> Self

  /// The parts one after the other along an axis. Traps if there are none, or if shapes differ along another axis.
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
  /// x Φ(x) with the normal distribution's Φ.
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

  /// max(x, 0); the gradient at 0 is 0.
  @specialized(where Self == Variable<Float>)
  public func relu() -> Self { applying(Kernels.relu, saving: .output, Kernels.reluGradient) }

  /// The hyperbolic tangent.
  @specialized(where Self == Variable<Float>)
  public func tanh() -> Self { applying(Kernels.tanh, saving: .output, Kernels.tanhGradient) }

  /// The logistic function σ(x) = 1 / (1 + e⁻ˣ).
  @specialized(where Self == Variable<Float>)
  public func sigmoid() -> Self { applying(Kernels.sigmoid, saving: .output, Kernels.sigmoidGradient) }

  /// x σ(x), also called swish (Elfwing, Uchibe and Doya 2017, "Sigmoid-weighted linear units").
  @specialized(where Self == Variable<Float>)
  public func silu() -> Self { applying(Kernels.silu, saving: .input, Kernels.siluGradient) }

  /// log(1 + eˣ), without overflow.
  public func softplus() -> Self { applying(Kernels.softplus, saving: .input, Kernels.softplusGradient) }

  /// The Gaussian error linear unit x Φ(x) (Hendrycks and Gimpel 2016), exact unless you ask for its tanh
  /// approximation.
  @specialized(where Self == Variable<Float>)
  public func gelu(approximation: GELUApproximation = .none) -> Self {
    switch approximation {
    case .none: applying(Kernels.gelu, saving: .input, Kernels.geluGradient)
    case .tanh: applying(Kernels.geluTanh, saving: .input, Kernels.geluTanhGradient)
    }
  }

  /// x, or `slope` · x where x is negative; the gradient at 0 is `slope` · g.
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
