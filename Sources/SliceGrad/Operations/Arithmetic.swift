// Sums, differences, products and quotients. Shapes broadcast by NumPy's rule: counted from the last axis, dimensions
// are equal or one of them is 1. Shapes that don't fit trap.

extension Tensor {
  /// The results of a kernel that takes two elements at a time. `sign` is the operation's, for the trap's message.
  static func broadcasting(_ a: Tensor, _ sign: String, _ b: Tensor, _ kernel: Scalar.Kernels.Binary) -> Tensor {
    guard let shape = a.shape.broadcast(with: b.shape) else {
      trap("\(a.shape) \(sign) \(b.shape): the shapes don't broadcast to one another")
    }
    // An operand of one repeated number is treated as a scalar.
    if let number = a.constant, a.rank > 0 {
      return broadcasting(Tensor(number), sign, b, kernel).broadcast(to: shape)
    }
    if let number = b.constant, b.rank > 0 {
      return broadcasting(a, sign, Tensor(number), kernel).broadcast(to: shape)
    }
    let count = shape.elementCount
    let isFlat = (a.count == 1 || a.count == count) && (b.count == 1 || b.count == count)
    return Tensor(shape: shape) { out in
      withPointers(a, a.shape.padded(to: shape.rank), b, b.shape.padded(to: shape.rank)) { a, aShape, b, bShape in
        Threads.forEachRange(of: count, operations: isFlat ? 1 : 0, multiplesOf: 64) {
          kernel(a, aShape, b, bShape, out, shape.rank, $0, $1)
        }
      }
    }
  }

  /// The elementwise sum; shapes broadcast.
  public static func + (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, "+", b, Scalar.Kernels.add) }

  /// The elementwise difference; shapes broadcast.
  public static func - (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, "−", b, Scalar.Kernels.subtract) }

  /// The elementwise product; shapes broadcast.
  public static func * (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, "×", b, Scalar.Kernels.multiply) }

  /// The elementwise quotient; shapes broadcast.
  public static func / (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, "÷", b, Scalar.Kernels.divide) }

  /// a x + b, elementwise with numbers a and b. With b = −0 it is a x, including the sign of a zero.
  fileprivate func affine(_ a: Scalar, _ b: Scalar) -> Tensor {
    mapped { Scalar.Kernels.affine(a, $0, b, $1, $2, $3) }
  }

  public static prefix func - (x: Tensor) -> Tensor { x.affine(-1, -0.0) }
  public static func + (x: Tensor, number: Scalar) -> Tensor { x.affine(1, number) }
  public static func + (number: Scalar, x: Tensor) -> Tensor { x.affine(1, number) }
  public static func - (x: Tensor, number: Scalar) -> Tensor { x.affine(1, -number) }
  public static func - (number: Scalar, x: Tensor) -> Tensor { x.affine(-1, number) }
  public static func * (x: Tensor, number: Scalar) -> Tensor { x.affine(number, -0.0) }
  public static func * (number: Scalar, x: Tensor) -> Tensor { x.affine(number, -0.0) }
  public static func / (x: Tensor, number: Scalar) -> Tensor { x.divided(by: number) }
  public static func / (number: Scalar, x: Tensor) -> Tensor { Tensor(number) / x }

  public func divided(by number: Scalar) -> Tensor { self / Tensor(number) }

  /// Adds a tensor of the same shape, in place. Traps if the shapes differ.
  public static func += (x: inout Tensor, y: Tensor) {
    if x.shape != y.shape || x.ownsItsElements { return x.add(y, scaledBy: 1) }
    x = x + y  // Elements that another tensor shares aren't copied first.
  }

  /// Subtracts a tensor of the same shape, in place. Traps if the shapes differ.
  public static func -= (x: inout Tensor, y: Tensor) { x.add(y, scaledBy: -1) }

  /// Adds a y, in place, for a tensor y of the same shape. Traps if the shapes differ.
  ///
  ///     var x = Tensor<Float>([1, 2])
  ///     x.add(Tensor([10, 20]), scaledBy: 0.5)
  ///     print(x)  // [6, 12]
  public mutating func add(_ y: Tensor, scaledBy a: Scalar) {
    require(shape == y.shape, "\(shape) += \(y.shape): in-place arithmetic needs equal shapes")
    SteppedOperand(y).withPointer { y in
      withMutablePointer { [count] x in
        Threads.forEachRange(of: count, multiplesOf: 64) { Scalar.Kernels.addScaled(a, y.address, y.step, x, $0, $1) }
      }
    }
  }

  /// Multiplies every element by a number, in place.
  public static func *= (x: inout Tensor, number: Scalar) {
    x.withMutablePointer { [count = x.count] x in
      Threads.forEachRange(of: count, multiplesOf: 64) { Scalar.Kernels.affine(number, x, -0.0, x, $0, $1) }
    }
  }

  /// The sum of the products of the elements of two tensors of one shape, in double precision. Traps if the shapes
  /// differ.
  public func dot(_ other: Tensor) -> Double {
    require(shape == other.shape, "\(shape) · \(other.shape): a dot product needs equal shapes")
    return withPointers(self, other) { Scalar.Kernels.dot($0, $1, count) }
  }

  /// The sum of the squares of the elements, in double precision.
  public var squaredNorm: Double { dot(self) }
}

extension Variable {
  /// The elementwise sum; shapes broadcast.
  public static func + (a: Variable, b: Variable) -> Variable {
    .recorded(a.value + b.value, from: a.back { g in g }, b.back { g in g })
  }

  /// The elementwise difference; shapes broadcast.
  public static func - (a: Variable, b: Variable) -> Variable {
    .recorded(a.value - b.value, from: a.back { g in g }, b.back { g in -g })
  }

  /// The elementwise product; shapes broadcast. ∂/∂a = g b, ∂/∂b = g a.
  public static func * (a: Variable, b: Variable) -> Variable {
    let (x, y) = (a.value, b.value)
    return .recorded(x * y, from: a.back { g in g * y }, b.back { g in g * x })
  }

  /// The elementwise quotient; shapes broadcast. ∂/∂a = g / b, ∂/∂b = −g (a / b) / b.
  public static func / (a: Variable, b: Variable) -> Variable {
    let divisor = b.value
    let quotient = a.value / divisor
    return .recorded(quotient, from: a.back { g in g / divisor }, b.back { g in -(g * quotient) / divisor })
  }

  /// a x + b, elementwise with numbers a and b.
  private func affine(_ a: Scalar, _ b: Scalar) -> Variable {
    .recorded(value.affine(a, b), from: back { g in a == 1 ? g : g * a })
  }

  public static prefix func - (x: Variable) -> Variable { x.affine(-1, -0.0) }
  public static func + (x: Variable, number: Scalar) -> Variable { x.affine(1, number) }
  public static func + (number: Scalar, x: Variable) -> Variable { x.affine(1, number) }
  public static func - (x: Variable, number: Scalar) -> Variable { x.affine(1, -number) }
  public static func - (number: Scalar, x: Variable) -> Variable { x.affine(-1, number) }
  public static func * (x: Variable, number: Scalar) -> Variable { x.affine(number, -0.0) }
  public static func * (number: Scalar, x: Variable) -> Variable { x.affine(number, -0.0) }
  public static func / (x: Variable, number: Scalar) -> Variable { x.divided(by: number) }
  public static func / (number: Scalar, x: Variable) -> Variable { Variable(Tensor(number)) / x }

  public func divided(by number: Scalar) -> Variable {
    .recorded(value / number, from: back { g in g / number })
  }
}

/// A tensor in arithmetic with a variable is a constant.
extension Variable {
  public static func + (a: Variable, b: Tensor<Scalar>) -> Variable { a + Variable(b) }
  public static func + (a: Tensor<Scalar>, b: Variable) -> Variable { Variable(a) + b }
  public static func - (a: Variable, b: Tensor<Scalar>) -> Variable { a - Variable(b) }
  public static func - (a: Tensor<Scalar>, b: Variable) -> Variable { Variable(a) - b }
  public static func * (a: Variable, b: Tensor<Scalar>) -> Variable { a * Variable(b) }
  public static func * (a: Tensor<Scalar>, b: Variable) -> Variable { Variable(a) * b }
  public static func / (a: Variable, b: Tensor<Scalar>) -> Variable { a / Variable(b) }
  public static func / (a: Tensor<Scalar>, b: Variable) -> Variable { Variable(a) / b }
}
