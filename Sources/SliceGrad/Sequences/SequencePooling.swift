// From sequences to one element each, and back: reductions over time, and what they are composed to.

extension Sequences {
  /// The sum over each sequence's elements, `[count, …]`; 0 for an empty one.
  ///
  /// With `weights`, one for each element, `[n]` or `[n, 1]`, each is first multiplied by its own. This is attention
  /// over time, where a dense layer with one output says how much each element counts:
  ///
  ///     let score = Dense<Float>(weight: Tensor([[1, 0]]), bias: nil)
  ///     let words = Sequences(values: Variable(Tensor<Float>([[1, 2], [1, 4], [5, 6]])), rowSplits: [0, 2, 3])
  ///     print(words.sum(weights: words.map { score($0) }.softmax().values).value)  // [[1, 3],
  ///                                                                                //  [5, 6]]
  ///
  ///     let texts = Sequences(values: Variable(Tensor<Float>([[1, 2], [3, 4], [5, 6]])), rowSplits: [0, 2, 3])
  ///     print(texts.sum().value)  // [[4, 6],
  ///                               //  [5, 6]]
  ///     print(texts.sum(weights: Variable(Tensor([1, 0.5, 2]))).value)  // [[2.5, 4],
  ///                                                                     //  [10, 12]]
  public func sum(weights: Variable<Scalar>? = nil) -> Variable<Scalar> {
    let (bags, shape) = (places, values.shape)
    guard let weights else { return values.sums(ofRowsIn: bags, bagOfRow: bags.bagOfPosition) }
    require(
      weights.shape == [shape[0]] || weights.shape == [shape[0], 1],
      "sum: weights of shape \(weights.shape) for elements \(shape), expected [n] or [n, 1]")
    let (rows, weight) = (values.reshaped(to: shape.asRows), weights.reshaped(to: [shape[0]]))
    let factors = weight.value
    let sums = Variable.recorded(
      rows.value.sums(ofRowsIn: bags, weights: factors),
      from: rows.back { g in
        g.gatheringRows(bags.bagOfPosition, shape: shape.asRows) * factors.reshaped(to: [shape[0], 1])
      },
      weight.back { g in rows.value.dotProducts(ofRowsIn: bags, with: g) })
    return sums.reshaped(to: Shape([count] + shape.dropFirst()))
  }

  /// The mean of each sequence's elements, `[count, …]`; 0 for an empty one.
  public func mean() -> Variable<Scalar> {
    let shape = Shape([count] + values.shape.dropFirst().map { _ in 1 })
    return sum() / Tensor(shape: shape, elements: lengths.map { Scalar(Swift.max($0, 1)) })
  }

  /// The maximum of each sequence's elements, column by column, `[count, …]`; 0 for an empty one. Of equal numbers, the
  /// first one gets the gradient.
  public func max() -> Variable<Scalar> {
    let (bags, rows) = (places, values.reshaped(to: values.shape.asRows))
    let (maxima, winners) = rows.value.maxima(ofRowsIn: bags)
    let result = Variable.recorded(
      maxima,
      from: rows.back { g in
        var sums = Tensor<Scalar>(zeros: rows.shape)
        g.withPointer { g in
          sums.withMutablePointer {
            Scalar.Kernels.addToWinners(g, winners, $0, bags.bagCount, rows.shape[1])
          }
        }
        return sums
      })
    return result.reshaped(to: Shape([count] + values.shape.dropFirst()))
  }

  /// For each element the one of its sequence: `[count, …]` becomes `[n, …]`. Traps unless there is one for each
  /// sequence.
  ///
  ///     let texts = Sequences(values: Variable(Tensor<Float>([1, 2, 3])), rowSplits: [0, 2, 3])
  ///     print(texts.expanding(texts.sum()).value)  // [3, 3, 3]
  public func expanding(_ elements: Variable<Scalar>) -> Variable<Scalar> {
    require(
      elements.shape.rank >= 1 && elements.shape[0] == count,
      "expanding: shape \(elements.shape) for \(count) sequences, expected [\(count), …]")
    let places = places
    return elements.gather(places.bagOfPosition, readIn: places)
  }

  /// e^x / Σ e^x over the elements of each sequence, column by column. They sum to 1 in each sequence that isn't empty.
  ///
  ///     let scores = Sequences(values: Variable(Tensor<Double>([0, 0, 7])), rowSplits: [0, 2, 3])
  ///     print(scores.softmax().values.value)  // [0.5, 0.5, 1]
  public func softmax() -> Sequences {
    let exponentials = map { ($0 - expanding(max().detached())).exp() }
    return exponentials.map { $0 / expanding(exponentials.sum()) }
  }

  /// Dropout of columns that is the same for all elements of a sequence; see `Variable.dropout`.
  ///
  /// Source: Gal and Ghahramani, “A Theoretically Grounded Application of Dropout in Recurrent Neural Networks” (2016).
  public func dropout(_ probability: Scalar) -> Sequences {
    let shape = Shape([count] + values.shape.dropFirst())
    return map { $0.dropped(probability) { ones in expanding(ones(shape)) } }
  }

  /// A bag for each sequence, with the places of its elements.
  var places: RaggedIndices { .places(rowSplits) }
}

// A bag names the rows that are summed. Read backwards, each row says in which sums it is: so the way back of such sums
// are such sums again. Where each row is in one sum, or each sum is of one row, they are look-ups of rows. What only
// the way back needs is made there.
extension Variable {
  /// The sum of the rows in each bag, `[bags, …]`; `readIn` has for each row the bags in which it is.
  func sums(ofRowsIn bags: RaggedIndices, readIn: @autoclosure @escaping () -> RaggedIndices) -> Variable {
    .recorded(value.sums(ofPartsIn: bags), from: back { g in g.sums(ofPartsIn: readIn()) })
  }

  /// The same if each row is in exactly one bag, whose number is `bagOfRow`.
  func sums(ofRowsIn bags: RaggedIndices, bagOfRow: @autoclosure @escaping () -> [Int32]) -> Variable {
    let before = shape
    return .recorded(value.sums(ofPartsIn: bags), from: back { g in g.gatheringRows(bagOfRow(), shape: before) })
  }

  /// The rows with these numbers, `[n, …]`; `readIn` has for each row of this value the places where it is read.
  func gather(_ rows: [Int32], readIn: @autoclosure @escaping () -> RaggedIndices) -> Variable {
    .recorded(
      value.gatheringRows(rows, shape: Shape([rows.count] + shape.dropFirst())),
      from: back { g in g.sums(ofPartsIn: readIn()) })
  }
}

extension Tensor {
  /// The sum of the parts of the first axis in each bag, `[n, …]` to `[bags, …]`.
  fileprivate func sums(ofPartsIn bags: RaggedIndices) -> Tensor {
    reshaped(to: shape.asRows).sums(ofRowsIn: bags, weights: nil)
      .reshaped(to: Shape([bags.bagCount] + shape.dropFirst()))
  }
}

extension Shape {
  /// `[n, …]` as a matrix `[n, d]`.
  fileprivate var asRows: Shape { [self[0], elementCount(of: 1..<rank)] }
}
