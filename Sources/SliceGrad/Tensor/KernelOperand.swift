// How kernels access memory: by the addresses of whole buffers, several at a time.

/// What a kernel reads: a tensor, one that may be missing, or its dimensions.
protocol KernelOperand {
  associatedtype Pointer

  /// Calls the body with the address, which is valid until it returns.
  func withPointer<Result>(_ body: (Pointer) -> Result) -> Result
}

/// What a kernel writes: a tensor, or one that may be missing.
protocol KernelResult {
  associatedtype MutablePointer

  /// Calls the body with the address, after making the elements this tensor's own.
  mutating func withMutablePointer<Result>(_ body: (MutablePointer) -> Result) -> Result
}

extension Tensor: KernelOperand, KernelResult {
  /// Calls the body with the address of the elements. O(count) for a constant tensor, which is written out for the
  /// call.
  @inline(__always)
  package func withPointer<Result>(_ body: (UnsafePointer<Scalar>) -> Result) -> Result {
    if count == 1, let constant { return withUnsafePointer(to: constant, body) }
    let storage = storage.stored(as: Scalar.self)
    defer { withExtendedLifetime(storage) {} }
    return body(storage.pointer(to: Scalar.self))
  }

  /// Calls the body with the address of the elements, after making them this tensor's own.
  @inline(__always)
  package mutating func withMutablePointer<Result>(_ body: (UnsafeMutablePointer<Scalar>) -> Result) -> Result {
    makeElementsItsOwn()
    defer { withExtendedLifetime(storage) {} }
    return body(storage.pointer(to: Scalar.self))
  }
}

extension Optional: KernelOperand where Wrapped: KernelOperand {
  @inline(__always)
  func withPointer<Result>(_ body: (Wrapped.Pointer?) -> Result) -> Result {
    guard let self else { return body(nil) }
    return self.withPointer { body($0) }
  }
}

extension Optional: KernelResult where Wrapped: KernelResult {
  @inline(__always)
  mutating func withMutablePointer<Result>(_ body: (Wrapped.MutablePointer?) -> Result) -> Result {
    if self == nil { return body(nil) }
    return self!.withMutablePointer { body($0) }
  }
}

/// Dimensions as the kernels read them: the elements of `SIMD8` lie in memory in their order.
extension SIMD8: KernelOperand where Scalar == Int32 {
  @inline(__always)
  func withPointer<Result>(_ body: (UnsafePointer<Int32>) -> Result) -> Result {
    withUnsafeBytes(of: self) { body($0.assumingMemoryBound(to: Int32.self).baseAddress!) }
  }
}

/// Numbers of which number i is at `step` · i: the elements of a tensor, whose step is 1, or one number, whose step is
/// 0.
enum SteppedOperand<Scalar: TensorScalar>: KernelOperand {
  case number(Scalar)
  case tensor(Tensor<Scalar>)

  /// A constant tensor is one number, and isn't written out.
  @inline(__always)
  init(_ tensor: Tensor<Scalar>) { self = tensor.constant.map { .number($0) } ?? .tensor(tensor) }

  @inline(__always)
  func withPointer<Result>(_ body: ((address: UnsafePointer<Scalar>, step: Int)) -> Result) -> Result {
    switch self {
    case .number(let number): withUnsafePointer(to: number) { body(($0, 0)) }
    case .tensor(let tensor): tensor.withPointer { body(($0, 1)) }
    }
  }
}

/// Calls the body with the addresses of two operands.
@inline(__always)
func withPointers<A: KernelOperand, B: KernelOperand, Result>(
  _ a: A, _ b: B, _ body: (A.Pointer, B.Pointer) -> Result
) -> Result {
  a.withPointer { a in b.withPointer { b in body(a, b) } }
}

/// Calls the body with the addresses of three operands.
@inline(__always)
func withPointers<A: KernelOperand, B: KernelOperand, C: KernelOperand, Result>(
  _ a: A, _ b: B, _ c: C, _ body: (A.Pointer, B.Pointer, C.Pointer) -> Result
) -> Result {
  withPointers(a, b) { a, b in c.withPointer { c in body(a, b, c) } }
}

/// Calls the body with the addresses of four operands.
@inline(__always)
func withPointers<A: KernelOperand, B: KernelOperand, C: KernelOperand, D: KernelOperand, Result>(
  _ a: A, _ b: B, _ c: C, _ d: D, _ body: (A.Pointer, B.Pointer, C.Pointer, D.Pointer) -> Result
) -> Result {
  withPointers(a, b) { a, b in withPointers(c, d) { c, d in body(a, b, c, d) } }
}

/// Calls the body with the addresses of two tensors, after making their elements their own.
@inline(__always)
func withMutablePointers<A: KernelResult, B: KernelResult, Result>(
  _ a: inout A, _ b: inout B, _ body: (A.MutablePointer, B.MutablePointer) -> Result
) -> Result {
  a.withMutablePointer { a in b.withMutablePointer { b in body(a, b) } }
}

/// Calls the body with the addresses of three tensors, after making their elements their own.
@inline(__always)
func withMutablePointers<A: KernelResult, B: KernelResult, C: KernelResult, Result>(
  _ a: inout A, _ b: inout B, _ c: inout C, _ body: (A.MutablePointer, B.MutablePointer, C.MutablePointer) -> Result
) -> Result {
  withMutablePointers(&a, &b) { a, b in c.withMutablePointer { c in body(a, b, c) } }
}

/// Calls the body with the addresses of four tensors, after making their elements their own.
@inline(__always)
func withMutablePointers<A: KernelResult, B: KernelResult, C: KernelResult, D: KernelResult, Result>(
  _ a: inout A, _ b: inout B, _ c: inout C, _ d: inout D,
  _ body: (A.MutablePointer, B.MutablePointer, C.MutablePointer, D.MutablePointer) -> Result
) -> Result {
  withMutablePointers(&a, &b) { a, b in withMutablePointers(&c, &d) { c, d in body(a, b, c, d) } }
}
