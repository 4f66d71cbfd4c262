// The same numbers in other shapes, orders and places.

extension Tensor {
  /// The same elements in another shape. Traps if the number of elements differs.
  ///
  /// - Complexity: O(1).
  public func reshaped(to shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    require(
      shape.elementCount == count,
      "reshaped: \(self.shape) to \(shape): \(count) elements, expected \(shape.elementCount)")
    return Tensor(shape: shape, sharing: self)
  }

  /// This tensor repeated along the axes that are missing or 1, to another shape. Traps if it doesn't broadcast to
  /// that.
  public func broadcast(to shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    require(
      self.shape.broadcast(with: shape) == shape, "broadcast: shape \(self.shape) doesn't broadcast to \(shape)")
    if count == 1 { return Tensor(constant: scalar, shape: shape) }
    let padded = self.shape.padded(to: shape.rank)
    var strides = [Int](repeating: 0, count: shape.rank)
    var stride = 1
    for axis in (0..<shape.rank).reversed() where padded[axis] > 1 {
      strides[axis] = stride
      stride *= shape[axis]
    }
    return strided(strides, shape)
  }

  /// The tensor of a shape whose element [i…] is this tensor's at the offset Σ i · stride.
  private func strided(_ strides: [Int], _ shape: Shape) -> Tensor {
    Tensor(shape: shape) { out in
      withPointers(self, shape.padded(to: shape.rank)) { Scalar.Kernels.permute($0, strides, out, $1, shape.rank) }
    }
  }

  /// The tensor with its axes in another order: axis i of the result is axis `axes[i]` of this tensor. Without `axes`,
  /// the last two are swapped. Traps unless `axes` has each axis exactly once.
  ///
  ///     print(Tensor<Float>([[1, 2, 3], [4, 5, 6]]).transposed())  // [[1, 4],
  ///                                                                //  [2, 5],
  ///                                                                //  [3, 6]]
  ///
  /// - Complexity: O(n) for n elements, which are copied.
  public func transposed(_ axes: [Int]? = nil) -> Tensor {
    let axes = shape.permutation(axes)
    var strides = [Int](repeating: 1, count: rank)
    for axis in (0..<Swift.max(rank - 1, 0)).reversed() { strides[axis] = strides[axis + 1] &* shape[axis + 1] }
    return strided(axes.map { strides[$0] }, Shape(axes.map { shape[$0] }))
  }
}

extension Shape {
  /// The axes of a permutation, counted from 0; nil swaps the last two.
  fileprivate func permutation(_ axes: [Int]?) -> [Int] {
    guard let axes else {
      require(rank >= 2, "transposed: shape \(self) has fewer than 2 axes")
      return Array(0..<rank - 2) + [rank - 1, rank - 2]
    }
    let resolved = axes.map { self.resolved($0) }
    require(resolved.sorted() == Array(0..<rank), "transposed: \(axes) are not the axes of shape \(self), each once")
    return resolved
  }
}

extension Variable {
  /// The same elements in another shape. Traps if the number of elements differs.
  public func reshaped(to shape: Shape) -> Variable {
    let before = self.shape
    if shape == before { return self }
    return .recorded(value.reshaped(to: shape), from: back { g in g.reshaped(to: before) })
  }

  /// The value with its axes in another order: axis i of the result is axis `axes[i]` of this value. Without `axes`,
  /// the last two are swapped. Traps unless `axes` has each axis exactly once.
  public func transposed(_ axes: [Int]? = nil) -> Variable {
    let axes = shape.permutation(axes)
    let inverse = axes.indices.sorted { axes[$0] < axes[$1] }
    return .recorded(value.transposed(axes), from: back { g in g.transposed(inverse) })
  }
}

// MARK: Parts along an axis

extension Tensor {
  /// The part of an axis in `range`. Traps if the range is not within the axis.
  ///
  ///     print(Tensor<Float>([[1, 2, 3], [4, 5, 6]]).slice(1..<3, axis: 1))  // [[2, 3],
  ///                                                                         //  [5, 6]]
  public func slice(_ range: Range<Int>, axis: Int) -> Tensor {
    Tensor(shape: shape.part(range, axis: axis)) { out in
      withPointer { x in
        shape.forEachRun(of: range, axis: axis) { (out + $0).initialize(from: x + $1, count: $2) }
      }
    }
  }

  /// Adds a tensor to the part of an axis in `range`. Traps if the part has another shape.
  public mutating func add(_ y: Tensor, toSlice range: Range<Int>, axis: Int) {
    let (whole, part) = (shape, shape.part(range, axis: axis))
    require(part == y.shape, "slice: \(y.shape) is added to a part of shape \(part) of \(whole)")
    y.withPointer { y in
      withMutablePointer { x in
        whole.forEachRun(of: range, axis: axis) { Scalar.Kernels.addScaled(1, y + $0, 1, x + $1, 0, $2) }
      }
    }
  }

  /// The tensors one after another along an axis. Traps if there are none, or if shapes differ along another axis.
  ///
  /// - Complexity: O(n) for n elements in all of them.
  public static func concatenate(_ tensors: [Tensor], axis: Int) -> Tensor {
    guard let first = tensors.first else { trap("concatenate: no tensors") }
    let axis = first.shape.resolved(axis)
    var shape = first.shape
    for tensor in tensors.dropFirst() {
      var expected = first.shape
      if tensor.rank == first.rank { expected[axis] = tensor.shape[axis] }
      require(
        tensor.shape == expected, "concatenate: shapes \(first.shape) and \(tensor.shape) differ off axis \(axis)")
      shape[axis] += tensor.shape[axis]
    }
    let (outer, inner) = (shape.elementCount(of: 0..<axis), shape.elementCount(of: axis + 1..<shape.rank))
    return Tensor(shape: shape) { out in
      var start = out
      for i in 0..<outer {
        for tensor in tensors where tensor.count > 0 {
          let run = tensor.shape[axis] * inner
          tensor.withPointer { start.initialize(from: $0 + i * run, count: run) }
          start += run
        }
      }
    }
  }
}

extension Variable {
  /// The part of an axis in `range`. Its gradient is added in place to that part of the value's gradient, so that
  /// taking a value apart costs no more than one copy of it each way. Traps if the range is not within the axis.
  public func slice(_ range: Range<Int>, axis: Int) -> Variable {
    if range == 0..<shape[axis] { return self }
    return .recorded(
      value.slice(range, axis: axis),
      from: back(adding: { g, sum in sum.add(g, toSlice: range, axis: axis) }))
  }

  /// The values one after another along an axis. Traps if there are none, or if shapes differ along another axis.
  public static func concatenate(_ variables: [Variable], axis: Int) -> Variable {
    if variables.count == 1 {
      _ = variables[0].shape.resolved(axis)
      return variables[0]
    }
    let result = Tensor.concatenate(variables.map(\.value), axis: axis)
    let axis = result.shape.resolved(axis)
    var start = 0
    return .recorded(
      result,
      from: variables.map { variable in
        let range = start..<start + variable.shape[axis]
        start = range.upperBound
        return variable.back { g in g.slice(range, axis: axis) }
      })
  }
}

extension Elementwise {
  /// The same elements in another shape, of which one dimension may be −1: it becomes what the others leave. Traps if
  /// more than one is, or if the number of elements differs.
  ///
  ///     print(Tensor<Float>([1, 2, 3, 4, 5, 6]).reshaped(to: [3, -1]).shape)  // [3, 2]
  public func reshaped(to dimensions: [Int]) -> Self {
    guard let axis = dimensions.firstIndex(of: -1) else { return reshaped(to: Shape(dimensions)) }
    var dimensions = dimensions
    dimensions[axis] = 1
    let (count, others) = (shape.elementCount, Shape(dimensions).elementCount)
    require(
      others > 0 && count.isMultiple(of: others),
      "reshaped: the \(count) elements of shape \(shape) can't be shared out to \(others) places of the others")
    dimensions[axis] = count / others
    return reshaped(to: Shape(dimensions))
  }

  /// Consecutive parts of an axis, of these sizes. Traps unless the sizes add up to the length of the axis.
  ///
  ///     print(Tensor<Float>([1, 2, 3, 4]).split(sizes: [3, 1], axis: 0))  // [[1, 2, 3], [4]]
  public func split(sizes: [Int], axis: Int) -> [Self] {
    require(
      sizes.allSatisfy { 0 <= $0 && $0 <= shape[axis] } && sizes.reduce(0, +) == shape[axis],
      "split: sizes \(sizes) don't make up axis \(axis) of shape \(shape)")
    var end = 0
    return sizes.map { size in
      end += size
      return slice(end - size..<end, axis: axis)
    }
  }

  /// `count` equal parts of an axis. Traps unless `count` divides its length.
  public func split(into count: Int, axis: Int) -> [Self] {
    require(
      count > 0 && shape[axis].isMultiple(of: count),
      "split: axis \(axis) of shape \(shape) doesn't have \(count) equal parts")
    return split(sizes: [Int](repeating: shape[axis] / count, count: count), axis: axis)
  }

  /// The parts of size 1 of an axis, without that axis: the inverse of `stack`. A loop over time goes through those of
  /// a sequence `[batch, time, n]` along axis 1.
  ///
  ///     print(Tensor<Float>([[1, 2], [3, 4]]).unstacked(axis: 1))  // [[1, 3], [2, 4]]
  public func unstacked(axis: Int = 0) -> [Self] {
    let part = shape.removing([axis])
    return (0..<shape[axis]).map { slice($0..<$0 + 1, axis: axis).reshaped(to: part) }
  }

  /// Parts of one shape, put together along a new axis. Traps if there are none, or if the shapes differ.
  ///
  ///     print(Tensor<Float>.stack([Tensor([1, 2]), Tensor([3, 4])], axis: 1))  // [[1, 3],
  ///                                                                            //  [2, 4]]
  public static func stack(_ parts: [Self], axis: Int = 0) -> Self {
    guard let first = parts.first else { trap("stack: no tensors") }
    let (rank, position) = (first.shape.rank, axis < 0 ? axis + first.shape.rank + 1 : axis)
    require((0...rank).contains(position), "axis \(axis) is not in \(-rank - 1)...\(rank)")
    for part in parts {
      require(part.shape == first.shape, "stack: shapes \(first.shape) and \(part.shape) differ")
    }
    var expanded = Shape()
    for axis in 0...rank { expanded.append(axis == position ? 1 : first.shape[axis < position ? axis : axis - 1]) }
    return concatenate(parts.map { $0.reshaped(to: expanded) }, axis: position)
  }
}

extension Shape {
  /// The shape of a part of this one along an axis.
  fileprivate func part(_ range: Range<Int>, axis: Int) -> Shape {
    require(
      0 <= range.lowerBound && range.upperBound <= self[axis],
      "slice: \(range) is not within axis \(resolved(axis)) of shape \(self)")
    var part = self
    part[axis] = range.count
    return part
  }

  /// Calls the body for each run of neighbouring elements of a part, with the offsets at which it begins in the part
  /// and in the whole, and with its length.
  fileprivate func forEachRun(of range: Range<Int>, axis: Int, _ body: (_ inPart: Int, _ inWhole: Int, Int) -> Void) {
    let axis = resolved(axis)
    let inner = elementCount(of: axis + 1..<rank)
    let length = range.count * inner
    for run in 0..<elementCount(of: 0..<axis) {
      body(run * length, (run * self[axis] + range.lowerBound) * inner, length)
    }
  }
}
