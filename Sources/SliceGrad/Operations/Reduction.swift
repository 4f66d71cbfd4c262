// Sums, means and maxima over axes. Axes may be negative, counted from the last one; without axes it's over all
// elements. The reduced axes disappear, or stay with dimension 1 if `keepingDimensions`.

extension Shape {
  /// This shape with dimension 1 along some axes, all if nil.
  fileprivate func reduced(over axes: [Int]?) -> Shape {
    var result = self
    for axis in axes ?? Array(0..<rank) { result[axis] = 1 }
    return result
  }

  /// This shape without some axes, all if nil.
  func removing(_ axes: [Int]?) -> Shape {
    guard let axes else { return [] }
    let removed = axes.map(resolved)
    return Shape((0..<rank).filter { !removed.contains($0) }.map { self[$0] })
  }
}

extension Tensor {
  /// A reduction to a shape that differs from this one in some dimensions being 1 or, in front, missing.
  private func reduced(to shape: Shape, _ kernel: Scalar.Kernels.Reduction) -> Tensor {
    let rank = self.rank
    return Tensor(shape: shape) { out in
      withPointers(self, self.shape.padded(to: rank), shape.padded(to: rank)) { x, xShape, outShape in
        kernel(x, xShape, out, outShape, rank)
      }
    }
  }

  /// Summed over the axes along which `shape` broadcasts to this one's. Traps if it doesn't.
  func summed(to shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    require(
      shape.broadcast(with: self.shape) == self.shape,
      "a gradient of shape \(self.shape) for a value of shape \(shape)")
    return reduced(to: shape, Scalar.Kernels.sum)
  }

  /// The sum of all elements, in double: pieces of them first, then those, so that it doesn't matter who sums a piece.
  var total: Double {
    let size = Threads.worthwhile
    if count <= size { return withPointer { Scalar.Kernels.total($0, 0, count) } }
    let pieces = (count + size - 1) / size
    let totals = Tensor<Double>(shape: [pieces]) { totals in
      withPointer { x in
        Threads.forEachRange(of: pieces, operations: size) {
          for i in $0..<$1 { totals[i] = Scalar.Kernels.total(x, i * size, Swift.min((i + 1) * size, count)) }
        }
      }
    }
    return totals.elements.reduce(0, +)
  }

  /// The sums over some axes, all if nil.
  @specialized(where Scalar == Float)
  public func sum(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    if axes == nil { return Tensor(constant: Scalar(total), shape: keepingDimensions ? shape.reduced(over: nil) : []) }
    let sums = reduced(to: shape.reduced(over: axes), Scalar.Kernels.sum)
    return keepingDimensions ? sums : sums.reshaped(to: shape.removing(axes))
  }

  /// The maxima over some axes, all if nil. NaN if there is one among the elements. Traps if there are none.
  public func max(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    let reducedShape = shape.reduced(over: axes)
    require(count > 0 || reducedShape.elementCount == 0, "max: shape \(shape) has no elements")
    let maxima = reduced(to: reducedShape, Scalar.Kernels.maximum)
    return keepingDimensions ? maxima : maxima.reshaped(to: shape.removing(axes))
  }

  /// `g`, of the shape of the maxima, at the first element that is its group's maximum; 0 elsewhere.
  fileprivate func maxGradient(maxima: Tensor, _ g: Tensor, reducedShape: Shape) -> Tensor {
    var remaining = g
    let rank = self.rank
    return Tensor(shape: shape) { out in
      withPointers(self, shape.padded(to: rank), maxima, reducedShape.padded(to: rank)) { x, xShape, y, outShape in
        remaining.withMutablePointer { g in Scalar.Kernels.maximumGradient(x, xShape, y, g, out, outShape, rank) }
      }
    }
  }
}

extension Variable {
  /// The sums over some axes, all if nil.
  @specialized(where Scalar == Float)
  public func sum(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Variable {
    let (x, kept) = (value.shape, value.shape.reduced(over: axes))
    return .recorded(
      value.sum(over: axes, keepingDimensions: keepingDimensions),
      from: back { g in g.reshaped(to: kept).broadcast(to: x) })
  }

  /// The maxima over some axes, all if nil. Among equal ones the gradient goes to the first. Traps if there are no
  /// elements.
  public func max(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Variable {
    let (x, kept) = (value, value.shape.reduced(over: axes))
    let maxima = x.max(over: axes, keepingDimensions: keepingDimensions)
    return .recorded(maxima, from: back { g in x.maxGradient(maxima: maxima, g, reducedShape: kept) })
  }
}

extension Elementwise {
  /// The means over some axes, all if nil. NaN where there are no elements.
  @specialized(where Self == Tensor<Float>)
  @specialized(where Self == Variable<Float>)
  public func mean(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Self {
    let sums = sum(over: axes, keepingDimensions: keepingDimensions)
    return sums.divided(by: Scalar(shape.elementCount / Swift.max(sums.shape.elementCount, 1)))
  }
}
