// Sums, means and maxima over axes. Negative axes count from the last one, −1; without axes, all elements are reduced.
// The reduced axes disappear, or stay with dimension 1 if `keepingDimensions`.

extension Shape {
  /// This shape with dimension 1 along some axes, along all if nil.
  fileprivate func reduced(over axes: [Int]?) -> Shape {
    var result = self
    for axis in axes ?? Array(0..<rank) { result[axis] = 1 }
    return result
  }

  /// This shape without some axes; that of a scalar if nil.
  func removing(_ axes: [Int]?) -> Shape {
    guard let axes else { return [] }
    let removed = axes.map(resolved)
    var result = Shape()
    for axis in 0..<rank where !removed.contains(axis) { result.append(dimension(axis)) }
    return result
  }
}

extension Tensor {
  /// A reduction to a shape in which some of this one's dimensions are 1 or, at the front, missing.
  private func reduced(to shape: Shape, _ kernel: Scalar.Kernels.Reduction) -> Tensor {
    let rank = self.rank
    return Tensor(shape: shape) { out in
      withPointers(self, self.shape.padded(to: rank), shape.padded(to: rank)) { x, xShape, outShape in
        kernel(x, xShape, out, outShape, rank)
      }
    }
  }

  /// The sums over the axes along which `shape` broadcasts to this tensor's. Traps if it doesn't broadcast.
  func summed(to shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    require(
      shape.broadcast(with: self.shape) == self.shape,
      "a gradient of shape \(self.shape) for a value of shape \(shape)")
    return reduced(to: shape, Scalar.Kernels.sum)
  }

  /// The sum of all elements, in double precision: first of pieces, then of the pieces' sums, so that it doesn't matter
  /// which thread sums which piece.
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

  /// The sums over some axes, over all if nil.
  ///
  ///     print(Tensor<Float>([[1, 2], [3, 4]]).sum(over: [0]))  // [4, 6]
  @specialized(where Scalar == Float)
  public func sum(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    if axes == nil { return Tensor(constant: Scalar(total), shape: keepingDimensions ? shape.reduced(over: nil) : []) }
    let sums = reduced(to: shape.reduced(over: axes), Scalar.Kernels.sum)
    return keepingDimensions ? sums : sums.reshaped(to: shape.removing(axes))
  }

  /// The maxima over some axes, over all if nil. A maximum is NaN if one of its elements is. Traps if it has no
  /// elements.
  public func max(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    let reducedShape = shape.reduced(over: axes)
    require(count > 0 || reducedShape.elementCount == 0, "max: shape \(shape) has no elements")
    let maxima = reduced(to: reducedShape, Scalar.Kernels.maximum)
    return keepingDimensions ? maxima : maxima.reshaped(to: shape.removing(axes))
  }

  /// The gradient of the elements if `g` is that of the maxima: `g` at the first element that equals its group's
  /// maximum, 0 elsewhere.
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
  /// The sums over some axes, over all if nil.
  @specialized(where Scalar == Float)
  public func sum(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Variable {
    let (x, kept) = (value.shape, value.shape.reduced(over: axes))
    return .recorded(
      value.sum(over: axes, keepingDimensions: keepingDimensions),
      from: back { g in g.reshaped(to: kept).broadcast(to: x) })
  }

  /// The maxima over some axes, over all if nil. Of equal elements, the first one gets the gradient. Traps if a maximum
  /// has no elements.
  public func max(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Variable {
    let (x, kept) = (value, value.shape.reduced(over: axes))
    let maxima = x.max(over: axes, keepingDimensions: keepingDimensions)
    return .recorded(maxima, from: back { g in x.maxGradient(maxima: maxima, g, reducedShape: kept) })
  }
}

// MARK: Logarithms of sums, and cumulative sums

extension Tensor {
  /// log Σ eˣ over some axes, over all if nil, without overflow. Where all elements are −∞, so is the result. Traps if
  /// it has no elements.
  ///
  ///     print(Tensor<Float>([[0, 0], [1000, 1000]]).logSumExp(over: [1]))  // [0.693147, 1000.69]
  public func logSumExp(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    let (maxima, sums) = exponentialSums(axes)
    let result = sums.log() + maxima
    return keepingDimensions ? result : result.reshaped(to: shape.removing(axes))
  }

  /// The maxima, with 0 in place of infinite ones, and the sums of e^(x − maximum).
  fileprivate func exponentialSums(_ axes: [Int]?) -> (maxima: Tensor, sums: Tensor) {
    let maxima = max(over: axes, keepingDimensions: true)
    let finite = maxima.replacing(with: Tensor(0), where: maxima.abs() .== Tensor(.infinity))
    return (finite, (self - finite).exp().sum(over: axes, keepingDimensions: true))
  }

  /// Along an axis, each element with all those before it added.
  ///
  ///     print(Tensor<Float>([[1, 2, 3], [4, 5, 6]]).cumulativeSum(axis: 1))  // [[1, 3, 6],
  ///                                                                          //  [4, 9, 15]]
  public func cumulativeSum(axis: Int = -1) -> Tensor { cumulativeSum(axis, isReversed: false) }

  fileprivate func cumulativeSum(_ axis: Int, isReversed: Bool) -> Tensor {
    let axis = shape.resolved(axis)
    let (n, inner) = (shape[axis], shape.elementCount(of: axis + 1..<rank))
    return Tensor(shape: shape) { y in
      withPointer { x in
        Threads.forEachRange(of: shape.elementCount(of: 0..<axis), operations: n * inner) {
          Scalar.Kernels.cumulativeSum(x, y, n, inner, isReversed: isReversed, $0, $1)
        }
      }
    }
  }
}

extension Variable {
  /// log Σ eˣ over some axes, over all if nil, without overflow. Its gradient is softmax(x), or 0 where all elements
  /// are −∞. Traps if it has no elements.
  public func logSumExp(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Variable {
    let x = value
    let (maxima, sums) = x.exponentialSums(axes)
    let result = sums.log() + maxima
    return .recorded(
      keepingDimensions ? result : result.reshaped(to: x.shape.removing(axes)),
      from: back { g in
        let divisors = sums.replacing(with: Tensor(1), where: sums .== Tensor(0))
        return (x - maxima).exp() * (g.reshaped(to: sums.shape) / divisors)
      })
  }

  /// Along an axis, each element with all those before it added.
  public func cumulativeSum(axis: Int = -1) -> Variable {
    .recorded(value.cumulativeSum(axis: axis), from: back { g in g.cumulativeSum(axis, isReversed: true) })
  }
}

// MARK: Norms

extension Tensor {
  /// √Σ x² over some axes, all if nil.
  public func norm(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Tensor {
    square().sum(over: axes, keepingDimensions: keepingDimensions).sqrt()
  }
}

extension Variable {
  /// √Σ x² over some axes, all if nil. The gradient is x / norm, and 0 where the norm is 0.
  ///
  ///     print(Variable(Tensor<Float>([[3, 4], [0, 0]])).norm(over: [1]).value)  // [5, 0]
  public func norm(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Variable {
    let (x, norm) = (value, value.norm(over: axes, keepingDimensions: true))
    return .recorded(
      keepingDimensions ? norm : norm.reshaped(to: x.shape.removing(axes)),
      from: back { g in
        (x * (g.reshaped(to: norm.shape) / norm)).replacing(with: Tensor(0), where: norm .== Tensor(0))
      })
  }
}

extension Elementwise {
  /// The means over some axes, over all if nil. NaN where there are no elements.
  @specialized(where Self == Tensor<Float>)
  @specialized(where Self == Variable<Float>)
  public func mean(over axes: [Int]? = nil, keepingDimensions: Bool = false) -> Self {
    let sums = sum(over: axes, keepingDimensions: keepingDimensions)
    return sums.divided(by: Scalar(shape.elementCount / Swift.max(sums.shape.elementCount, 1)))
  }
}
