// Which elements are the largest: for predictions, without gradients.

extension Tensor {
  /// The index of the maximum along an axis, for each position of the other axes in row-major order: for logits
  /// `[n, classes]`, the `n` predicted classes. Of equal elements, the first one counts; a NaN is larger than any
  /// number.
  ///
  ///     print(Tensor<Float>([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]).argmax())  // [1, 0]
  ///
  /// The indices are `Int32`, as labels are, so that the two can be compared. Traps if the axis has no elements.
  ///
  /// - Complexity: O(n) for n elements.
  @specialized(where Scalar == Float)
  public func argmax(axis: Int = -1) -> [Int32] {
    let axis = shape.resolved(axis)
    require(shape[axis] > 0, "argmax: axis \(axis) of shape \(shape) has no elements")
    if axis == rank - 1 { return topK(1).indices }
    return transposed((0..<rank).filter { $0 != axis } + [axis]).topK(1).indices
  }

  /// The `count` largest elements of each row along the last axis, largest first, and their indices in the row: both
  /// `[…, count]`, the indices in row-major order. Of equal elements, the one with the lower index comes first; a NaN
  /// is larger than any number. Traps unless `count` is at least 1 and at most the length of the axis.
  ///
  ///     let (values, indices) = Tensor<Float>([[0.1, 0.7, 0.2]]).topK(2)
  ///     print(values, indices)  // [[0.7, 0.2]] [1, 2]
  ///
  /// - Complexity: O(n · `count`) for n elements at worst. For the few largest of many in random order, it is close to
  ///   O(n).
  @specialized(where Scalar == Float)
  public func topK(_ count: Int) -> (values: Tensor, indices: [Int32]) {
    require(rank >= 1, "topK: a scalar has no axis")
    let (rows, columns) = shape.rowsAndColumns
    require(1 <= count && count <= columns, "topK: \(count) is not in 1...\(columns), for shape \(shape)")
    var (values, indices): ([Scalar], [Int32]) = ([], [])
    values.reserveCapacity(rows * count)
    indices.reserveCapacity(rows * count)
    withPointer { x in
      for row in 0..<rows {
        let best = indicesOfLargest(count, among: columns, at: x + row * columns)
        for i in best { values.append(x[row * columns + i]) }
        for i in best { indices.append(Int32(i)) }
      }
    }
    var shape = shape
    shape[-1] = count
    return (Tensor(shape: shape, elements: values), indices)
  }
}

private func indicesOfLargest<Scalar: TensorScalar>(
  _ count: Int, among columns: Int, at x: UnsafePointer<Scalar>
) -> [Int] {
  func precedes(_ i: Int, _ j: Int) -> Bool {
    let (a, b) = (x[i], x[j])
    return a == b || (a.isNaN && b.isNaN) ? i < j : a > b || a.isNaN
  }
  var best: [Int] = []
  for i in 0..<columns {
    if best.count == count {
      guard precedes(i, best[count - 1]) else { continue }
      best.removeLast()
    }
    best.insert(i, at: best.firstIndex { precedes(i, $0) } ?? best.count)
  }
  return best
}
