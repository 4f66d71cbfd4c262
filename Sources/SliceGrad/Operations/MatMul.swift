import SliceGradKernels

extension Tensor {
  /// The matrix product of the last two axes: `[…, m, k]` · `[…, k, n]` = `[…, m, n]`. Leading axes broadcast.
  ///
  /// With `transposeLeft`, `self` is `[…, k, m]`; with `transposeRight`, `other` is `[…, n, k]`. No transposed copy is
  /// made. Traps if a rank is below 2, if the inner dimensions differ, or if the leading axes don't broadcast.
  ///
  /// - Complexity: O(m n k) for each matrix of the result.
  @specialized(where Scalar == Float)
  public func matmul(_ other: Tensor, transposeLeft: Bool = false, transposeRight: Bool = false) -> Tensor {
    let (left, right) = (shape, other.shape)
    require(left.rank >= 2 && right.rank >= 2, "matmul: \(left) · \(right): both need at least 2 dimensions")
    let (m, k) = transposeLeft ? (left[-1], left[-2]) : (left[-2], left[-1])
    let (rightK, n) = transposeRight ? (right[-1], right[-2]) : (right[-2], right[-1])
    require(
      k == rightK,
      "matmul: \(left)\(transposeLeft ? "ᵀ" : "") · \(right)\(transposeRight ? "ᵀ" : ""): "
        + "inner dimensions \(k) and \(rightK) differ")
    func product(_ a: Scalar.Kernels.Input, _ b: Scalar.Kernels.Input, _ c: Scalar.Kernels.Output) {
      shareProduct(m, n, k) {
        Scalar.Kernels.matmul(
          a, b, c, m, n, k, transposeA: transposeLeft, transposeB: transposeRight, part: $0)
      }
    }
    if left.rank == 2 && right.rank == 2 {
      return Tensor(shape: [m, n]) { c in withPointers(self, other) { a, b in product(a, b, c) } }
    }
    let (leftBatch, rightBatch) = (Shape(left.dropLast(2)), Shape(right.dropLast(2)))
    guard let batch = leftBatch.broadcast(with: rightBatch) else {
      trap("matmul: \(left) · \(right): batch dimensions \(leftBatch) and \(rightBatch) don't broadcast")
    }
    return Tensor(shape: Shape(Array(batch) + [m, n])) { out in
      withPointers(self, other) { a, b in
        for index in 0..<batch.elementCount {
          product(
            a + leftBatch.offset(ofBroadcast: index, in: batch) * m * k,
            b + rightBatch.offset(ofBroadcast: index, in: batch) * k * n, out + index * m * n)
        }
      }
    }
  }
}

/// Calls the body with parts of a product `[m, k]` · `[k, n]`, possibly concurrently: some of its rows or, if it has
/// more columns than rows, some of its columns.
private func shareProduct(_ m: Int, _ n: Int, _ k: Int, _ body: (SliceGradPart) -> Void) {
  // The kernel does 16 multiplications in the time of one cheap operation. In thin matrices, reading and writing the
  // numbers takes longer. The kernel's tiles are 8 rows high and 48 columns wide.
  if m >= n {
    Threads.forEachRange(of: m, operations: max(n * k / 16, n + k), multiplesOf: 64) {
      body(SliceGradPart(firstRow: $0, endRow: $1, firstColumn: 0, endColumn: n))
    }
  } else {
    Threads.forEachRange(of: n, operations: max(m * k / 16, m + k), multiplesOf: 96) {
      body(SliceGradPart(firstRow: 0, endRow: m, firstColumn: $0, endColumn: $1))
    }
  }
}

extension Shape {
  /// The offset of the element of this shape that broadcasting puts at the offset `index` of another shape.
  fileprivate func offset(ofBroadcast index: Int, in shape: Shape) -> Int {
    if self == shape { return index }
    let padded = padded(to: shape.rank)
    var (remaining, offset, stride) = (index, 0, 1)
    for axis in (0..<shape.rank).reversed() {
      let dimension = Int(padded[axis])
      if dimension > 1 { offset += remaining % shape[axis] * stride }
      stride *= dimension
      remaining /= shape[axis]
    }
    return offset
  }
}

extension Tensor {
  /// Adds a vector to each row.
  fileprivate mutating func addToRows(_ vector: Tensor) {
    let (rows, columns) = (shape[0], shape[1])
    vector.withPointer { vector in
      withMutablePointer { matrix in
        Threads.forEachRange(of: rows, operations: columns) {
          Scalar.Kernels.addToRows(vector, matrix, columns, $0, $1)
        }
      }
    }
  }
}

extension Variable {
  /// The matrix product of the last two axes: `[…, m, k]` · `[…, k, n]` = `[…, m, n]`. Leading axes broadcast.
  ///
  /// With `transposeLeft`, `self` is `[…, k, m]`; with `transposeRight`, `other` is `[…, n, k]`. Traps as
  /// `Tensor.matmul` does.
  @specialized(where Scalar == Float)
  public func matmul(_ other: Variable, transposeLeft: Bool = false, transposeRight: Bool = false) -> Variable {
    let (a, b) = (value, other.value)
    return .recorded(
      a.matmul(b, transposeLeft: transposeLeft, transposeRight: transposeRight),
      from: back { g in  // ∂/∂a = g bᵀ, or its transpose b gᵀ
        transposeLeft
          ? b.matmul(g, transposeLeft: transposeRight, transposeRight: true)
          : g.matmul(b, transposeRight: !transposeRight)
      },
      other.back { g in  // ∂/∂b = aᵀ g, or its transpose gᵀ a
        transposeRight
          ? g.matmul(a, transposeLeft: true, transposeRight: transposeLeft)
          : a.matmul(g, transposeLeft: !transposeLeft)
      })
  }

  /// x Wᵀ + b for x = `self` `[…, k]`, W = `weight` `[n, k]` and b = `bias` `[n]`: `[…, n]`. Traps if the shapes don't
  /// fit.
  @specialized(where Scalar == Float)
  public func linear(weight: Variable, bias: Variable?) -> Variable {
    require(
      shape.rank >= 1 && weight.shape.rank == 2 && shape[-1] == weight.shape[1],
      "linear: input \(shape) and weight \(weight.shape), expected […, k] and [n, k]")
    if let bias {
      require(
        bias.shape == [weight.shape[0]],
        "linear: bias \(bias.shape) for weight \(weight.shape), expected [n] and [n, k]")
    }
    guard shape.rank == 2 else {
      var resultShape = shape
      resultShape[-1] = weight.shape[0]
      return reshaped(to: [shape.elementCount(of: 0..<shape.rank - 1), shape[-1]])
        .linear(weight: weight, bias: bias).reshaped(to: resultShape)
    }
    let (x, w) = (value, weight.value)
    var result = x.matmul(w, transposeRight: true)
    if let bias { result.addToRows(bias.value) }
    let input = back { g in g.matmul(w) }  // g W
    let weight = weight.back { g in g.matmul(x, transposeLeft: true) }  // gᵀ x
    guard let bias else { return .recorded(result, from: input, weight) }
    return .recorded(result, from: input, weight, bias.back { g in g })
  }
}
