public import SliceGradKernels

// Inlined into the module that calls them, closure and all: a loop over numbers, with no call for each of them.

extension Tensor {
  /// Calls the body with each element of a parameter and of its gradient, for rules of your own. Parts may be updated at
  /// the same time. Traps if the shapes differ.
  ///
  ///     var parameter = Tensor<Float>([1, 2])
  ///     parameter.update(with: Tensor([10, -10])) { p, g in p -= 0.1 * g }
  ///     print(parameter)  // [0, 3]
  @inlinable
  public mutating func update(with gradient: Tensor, _ body: @Sendable (_ p: inout Scalar, _ g: Scalar) -> Void) {
    var (a, b, c): (Tensor?, Tensor?, Tensor?) = (nil, nil, nil)
    gradient.apply(to: &self, &a, &b, &c) { p, g, part, _ in
      for i in part.first..<part.end { body(&p[i], g[i]) }
    }
  }

  /// The same with a number that the rule keeps for each element.
  @inlinable
  public mutating func update(
    with gradient: Tensor, _ a: inout Tensor,
    _ body: @Sendable (_ p: inout Scalar, _ g: Scalar, _ a: inout Scalar) -> Void
  ) {
    var (b, c): (Tensor?, Tensor?) = (nil, nil)
    gradient.apply(to: &self, &a, &b, &c) { p, g, part, _ in
      let a = part.state(0, of: Scalar.self)
      for i in part.first..<part.end { body(&p[i], g[i], &a[i]) }
    }
  }

  /// The same with two numbers that the rule keeps for each element.
  @inlinable
  public mutating func update(
    with gradient: Tensor, _ a: inout Tensor, _ b: inout Tensor,
    _ body: @Sendable (_ p: inout Scalar, _ g: Scalar, _ a: inout Scalar, _ b: inout Scalar) -> Void
  ) {
    var c: Tensor?
    gradient.apply(to: &self, &a, &b, &c) { p, g, part, _ in
      let (a, b) = (part.state(0, of: Scalar.self), part.state(1, of: Scalar.self))
      for i in part.first..<part.end { body(&p[i], g[i], &a[i], &b[i]) }
    }
  }
}

extension SliceGradRows {
  /// Of a whole buffer, where the numbers of one kind are that a rule keeps.
  @inlinable
  func state<Scalar>(_ kind: Int, of type: Scalar.Type) -> UnsafeMutablePointer<Scalar> {
    blocks![kind]!.assumingMemoryBound(to: type)
  }
}
