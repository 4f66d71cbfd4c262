import SliceGradKernels

// Comparisons, and results that are one of two numbers. Shapes broadcast by NumPy's rule; those that don't fit trap.

/// Masks: 1 where a comparison holds and 0 elsewhere, so also where a NaN is compared. `!=` is the opposite of `==`.
///
///     let x = Tensor<Float>([1, 2, 3])
///     print(x .>= Tensor(2))  // [0, 1, 1]
extension Tensor {
  public static func .> (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, ".>", b, Scalar.Kernels.isGreater) }
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, ".>=", b, Scalar.Kernels.isGreaterOrEqual) }
  public static func .< (a: Tensor, b: Tensor) -> Tensor { b .> a }
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { b .>= a }
  public static func .== (a: Tensor, b: Tensor) -> Tensor { broadcasting(a, ".==", b, Scalar.Kernels.isEqual) }
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { 1 - (a .== b) }
}

extension Tensor {
  /// The elements of `other` where the mask is not 0, and these elsewhere.
  ///
  ///     let x = Tensor<Float>([1, -.infinity, 3])
  ///     print(x.replacing(with: Tensor(0), where: x .< Tensor(0)))  // [1, 0, 3]
  public func replacing(with other: Tensor, where mask: Tensor) -> Tensor {
    guard let shape = shape.broadcast(with: other.shape)?.broadcast(with: mask.shape) else {
      trap("replacing: shapes \(shape), \(other.shape) and \(mask.shape) of the mask don't broadcast to one another")
    }
    return Tensor(shape: shape) { out in
      withPointers(mask.broadcast(to: shape), broadcast(to: shape), other.broadcast(to: shape)) { mask, x, y in
        Threads.forEachRange(of: shape.elementCount, multiplesOf: 64) { Scalar.Kernels.select(mask, x, y, out, $0, $1) }
      }
    }
  }

  /// Each element, but at least the range's lower and at most its upper bound. NaN stays NaN.
  public func clamped(to range: ClosedRange<Scalar>) -> Tensor {
    mapped { Scalar.Kernels.clamp(range.lowerBound, $0, range.upperBound, $1, $2, $3) }
  }

  /// The gradient for an operand of `maximum` or `minimum`: none where it lost, half where both are equal.
  fileprivate func ofOperand(lost: Tensor, equal: Tensor) -> Tensor {
    replacing(with: self * 0.5, where: equal).replacing(with: Tensor(0), where: lost)
  }
}

extension Variable {
  /// The elements of `other` where the mask is not 0, and these elsewhere. The gradient of each result goes to the
  /// element that it is.
  public func replacing(with other: some Elementwise<Scalar>, where mask: Tensor<Scalar>) -> Variable {
    let other = other.asVariable
    return .recorded(
      value.replacing(with: other.value, where: mask),
      from: back { g in g.replacing(with: Tensor(0), where: mask) },
      other.back { g in Tensor(0).replacing(with: g, where: mask) })
  }

  /// Each element, but at least the range's lower and at most its upper bound. Elements outside of the range, and NaN,
  /// get no gradient; those on a bound do.
  public func clamped(to range: ClosedRange<Scalar>) -> Variable {
    let x = value
    return .recorded(
      x.clamped(to: range),
      from: back { g in
        let isInside = (x .>= Tensor(range.lowerBound)) * (x .<= Tensor(range.upperBound))
        return Tensor(0).replacing(with: g, where: isInside)
      })
  }
}

/// The larger of two numbers at each position; NaN if one of them is. Where both are equal, each gets half of the
/// gradient, as in PyTorch.
///
///     print(maximum(Variable(Tensor<Float>([1, 5])), Tensor([3, 2])).value)  // [3, 5]
public func maximum<Scalar>(_ a: some Elementwise<Scalar>, _ b: some Elementwise<Scalar>) -> Variable<Scalar> {
  let (a, b) = (a.asVariable, b.asVariable)
  let (x, y) = (a.value, b.value)
  return .recorded(
    maximum(x, y), from: a.back { g in g.ofOperand(lost: x .< y, equal: x .== y) },
    b.back { g in g.ofOperand(lost: y .< x, equal: x .== y) })
}

/// The smaller of two numbers at each position; NaN if one of them is. Where both are equal, each gets half of the
/// gradient, as in PyTorch.
public func minimum<Scalar>(_ a: some Elementwise<Scalar>, _ b: some Elementwise<Scalar>) -> Variable<Scalar> {
  let (a, b) = (a.asVariable, b.asVariable)
  let (x, y) = (a.value, b.value)
  return .recorded(
    minimum(x, y), from: a.back { g in g.ofOperand(lost: x .> y, equal: x .== y) },
    b.back { g in g.ofOperand(lost: y .> x, equal: x .== y) })
}

/// The larger of two numbers at each position; NaN if one of them is.
public func maximum<Scalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  .broadcasting(a, "maximum", b, Scalar.Kernels.maximumOfTwo)
}

/// The smaller of two numbers at each position; NaN if one of them is.
public func minimum<Scalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  .broadcasting(a, "minimum", b, Scalar.Kernels.minimumOfTwo)
}
