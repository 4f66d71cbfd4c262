// Sums, differences, products and quotients. Shapes broadcast by NumPy's rule: counted from the last axis, dimensions
// are equal or one of them is 1. Shapes that don't fit trap.

extension Tensor {
  private typealias Binary = (
    UnsafePointer<Scalar>, UnsafePointer<Int32>, UnsafePointer<Scalar>, UnsafePointer<Int32>,
    UnsafeMutablePointer<Scalar>, Int
  ) -> Void

  private static func broadcasting(_ a: Tensor, _ sign: Character, _ b: Tensor, _ kernel: Binary) -> Tensor {
    guard let shape = a.shape.broadcast(with: b.shape) else {
      trap("\(a.shape) \(sign) \(b.shape): the shapes don't broadcast to one another")
    }
    // A uniform operand beside a stored one of the result's shape is a number.
    switch (a.uniformValue, b.uniformValue) {
    case (let number?, nil) where b.shape == shape && a.count > 1: return broadcasting(Tensor(number), sign, b, kernel)
    case (nil, let number?) where a.shape == shape && b.count > 1: return broadcasting(a, sign, Tensor(number), kernel)
    default: break
    }
    let (leftShape, rightShape) = (a.shape.padded(to: shape.rank), b.shape.padded(to: shape.rank))
    let (aCount, bCount, count) = (a.count, b.count, shape.elementCount)
    let isFlat = (aCount == 1 || aCount == count) && (bCount == 1 || bCount == count) && count <= Int32.max
    return Tensor(shape: shape) { out in
      withPointers(a, b) { a, b in
        guard isFlat else { return run(kernel, a, leftShape, b, rightShape, out, shape.rank) }
        Threads.share(count, multiplesOf: 64) { range in
          let start = range.lowerBound
          var (aShape, bShape) = (SIMD8<Int32>(repeating: 1), SIMD8<Int32>(repeating: 1))
          if aCount > 1 { aShape[0] = Int32(range.count) }
          if bCount > 1 { bShape[0] = Int32(range.count) }
          run(kernel, aCount > 1 ? a + start : a, aShape, bCount > 1 ? b + start : b, bShape, out + start, 1)
        }
      }
    }
  }

  private static func run(
    _ kernel: Binary, _ a: UnsafePointer<Scalar>, _ aShape: SIMD8<Int32>, _ b: UnsafePointer<Scalar>,
    _ bShape: SIMD8<Int32>, _ out: UnsafeMutablePointer<Scalar>, _ rank: Int
  ) {
    withDimensions(aShape) { aShape in withDimensions(bShape) { bShape in kernel(a, aShape, b, bShape, out, rank) } }
  }

  /// The elementwise sum; shapes broadcast.
  public static func + (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, "+", b, Scalar.Kernels.add) }

  /// The elementwise difference; shapes broadcast.
  public static func - (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, "−", b, Scalar.Kernels.subtract) }

  /// The elementwise product; shapes broadcast.
  public static func * (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, "×", b, Scalar.Kernels.multiply) }

  /// The elementwise quotient; shapes broadcast.
  public static func / (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, "÷", b, Scalar.Kernels.divide) }

  /// a x + b, elementwise with numbers a and b. For b = −0 it is a x, the sign of a zero included.
  func affine(_ a: Scalar, _ b: Scalar) -> Tensor {
    if let uniformValue { return Tensor(uniform: a * uniformValue + b, shape: shape) }
    return Tensor(shape: shape) { out in
      forEachRun { Scalar.Kernels.affine(a, $1, b, out + $0.lowerBound, $0.count) }
    }
  }

  public static prefix func - (x: Tensor) -> Tensor { x.affine(-1, -0.0) }
  public static func + (x: Tensor, number: Scalar) -> Tensor { x.affine(1, number) }
  public static func + (number: Scalar, x: Tensor) -> Tensor { x.affine(1, number) }
  public static func - (x: Tensor, number: Scalar) -> Tensor { x.affine(1, -number) }
  public static func - (number: Scalar, x: Tensor) -> Tensor { x.affine(-1, number) }
  public static func * (x: Tensor, number: Scalar) -> Tensor { x.affine(number, -0.0) }
  public static func * (number: Scalar, x: Tensor) -> Tensor { x.affine(number, -0.0) }
  public static func / (x: Tensor, number: Scalar) -> Tensor { x / Tensor(number) }
  public static func / (number: Scalar, x: Tensor) -> Tensor { Tensor(number) / x }

  /// Adds a tensor of the same shape, in place. Traps if the shapes differ.
  public static func += (x: inout Tensor, y: Tensor) { x.add(y, scaledBy: 1) }

  /// Subtracts a tensor of the same shape, in place. Traps if the shapes differ.
  public static func -= (x: inout Tensor, y: Tensor) { x.add(y, scaledBy: -1) }

  /// x + a y, in place, for a tensor of the same shape. Traps if the shapes differ.
  public mutating func add(_ y: Tensor, scaledBy a: Scalar) {
    require(shape == y.shape, "\(shape) += \(y.shape): in-place arithmetic needs equal shapes")
    guard count > 0 else { return }
    withMutablePointer { x in y.forEachRun { Scalar.Kernels.addScaled(a, $1, x + $0.lowerBound, $0.count) } }
  }

  /// Every element times a number, in place.
  public static func *= (x: inout Tensor, number: Scalar) {
    let n = x.count
    guard n > 0 else { return }
    x.withMutablePointer { x in
      Threads.share(n, multiplesOf: 64) {
        Scalar.Kernels.affine(number, x + $0.lowerBound, -0.0, x + $0.lowerBound, $0.count)
      }
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
    .recorded(a.value + b.value, from: (a, { g in g }), (b, { g in g }))
  }

  /// The elementwise difference; shapes broadcast.
  public static func - (a: Variable, b: Variable) -> Variable {
    .recorded(a.value - b.value, from: (a, { g in g }), (b, { g in -g }))
  }

  /// The elementwise product; shapes broadcast. ∂/∂a = g b, ∂/∂b = g a.
  public static func * (a: Variable, b: Variable) -> Variable {
    let (x, y) = (a.value, b.value)
    return .recorded(x * y, from: (a, { g in g * y }), (b, { g in g * x }))
  }

  /// The elementwise quotient; shapes broadcast. ∂/∂a = g / b, ∂/∂b = −g (a / b) / b.
  public static func / (a: Variable, b: Variable) -> Variable {
    let divisor = b.value
    let quotient = a.value / divisor
    return .recorded(quotient, from: (a, { g in g / divisor }), (b, { g in -(g * quotient) / divisor }))
  }

  public static prefix func - (x: Variable) -> Variable { .recorded(-x.value, from: (x, { g in -g })) }
  public static func + (x: Variable, number: Scalar) -> Variable { .recorded(x.value + number, from: (x, { g in g })) }
  public static func + (number: Scalar, x: Variable) -> Variable { x + number }
  public static func - (x: Variable, number: Scalar) -> Variable { x + -number }
  public static func - (number: Scalar, x: Variable) -> Variable {
    .recorded(number - x.value, from: (x, { g in -g }))
  }
  public static func * (x: Variable, number: Scalar) -> Variable {
    .recorded(x.value * number, from: (x, { g in g * number }))
  }
  public static func * (number: Scalar, x: Variable) -> Variable { x * number }
  public static func / (x: Variable, number: Scalar) -> Variable {
    .recorded(x.value / number, from: (x, { g in g / number }))
  }
  public static func / (number: Scalar, x: Variable) -> Variable { Variable(Tensor(number), on: x.tape) / x }
}
