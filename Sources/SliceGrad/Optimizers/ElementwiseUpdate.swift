// These are inlined into the rule that calls them, together with its closure, and become loops without a call for each
// number.

extension Tensor {
  /// Calls the body with each element of a parameter and of its gradient, for rules of your own. Traps if the shapes
  /// differ.
  ///
  ///     var parameter = Tensor<Float>([1, 2])
  ///     parameter.update(with: Tensor([10, -10])) { p, g in p -= 0.1 * g }
  ///     print(parameter)  // [0, 3]
  ///
  /// - Complexity: O(`count`), on the calling thread. Arithmetic, `abs` and `max` become vector instructions.
  @inlinable @inline(__always)
  public mutating func update(with gradient: Tensor, _ body: (_ p: inout Scalar, _ g: Scalar) -> Void) {
    let (p, g, owner) = addresses(with: gradient)
    for i in 0..<count { body(&p[i], g[i]) }
    withExtendedLifetime(owner) {}
  }

  /// The same with a number that the rule keeps for each element.
  @inlinable @inline(__always)
  public mutating func update(
    with gradient: Tensor, _ a: inout Tensor, _ body: (_ p: inout Scalar, _ g: Scalar, _ a: inout Scalar) -> Void
  ) {
    let (p, g, owner) = addresses(with: gradient)
    let a = a.address(in: shape)
    for i in 0..<count { body(&p[i], g[i], &a[i]) }
    withExtendedLifetime(owner) {}
  }

  /// The same with two numbers that the rule keeps for each element.
  @inlinable @inline(__always)
  public mutating func update(
    with gradient: Tensor, _ a: inout Tensor, _ b: inout Tensor,
    _ body: (_ p: inout Scalar, _ g: Scalar, _ a: inout Scalar, _ b: inout Scalar) -> Void
  ) {
    let (p, g, owner) = addresses(with: gradient)
    let (a, b) = (a.address(in: shape), b.address(in: shape))
    for i in 0..<count { body(&p[i], g[i], &a[i], &b[i]) }
    withExtendedLifetime(owner) {}
  }

  /// The addresses of a parameter's elements and of its gradient's. The latter are valid as long as the owner lives.
  @usableFromInline
  mutating func addresses(
    with gradient: Tensor
  ) -> (p: UnsafeMutablePointer<Scalar>, g: UnsafePointer<Scalar>, owner: Tensor) {
    gradient.check(isFor: self)
    var owner = gradient
    // One number repeated has no memory yet.
    let g = owner.constant == nil ? owner.withPointer { $0 } : UnsafePointer(owner.withMutablePointer { $0 })
    return (withMutablePointer { $0 }, g, owner)
  }
}
