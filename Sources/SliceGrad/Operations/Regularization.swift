import SliceGradKernels

extension Variable {
  /// Dropout, in a training step: each element becomes 0 with a probability p, and is otherwise divided by 1 − p, so
  /// that its expected value stays the same. Outside of a step, the value itself. The layer is `Dropout`.
  ///
  /// The random numbers come from the tape. Traps if it was made without a seed, because the same elements would be
  /// dropped in every step. In a step it also traps on a value that isn't on a tape: start with
  /// `Variable(x, on: tape)`.
  ///
  /// Source: Srivastava et al., “Dropout: A Simple Way to Prevent Neural Networks from Overfitting” (2014).
  ///
  /// - Parameter probability: p, in `0..<1`.
  public func dropout(_ probability: Scalar) -> Variable {
    require(0 <= probability && probability < 1, "dropout: probability \(probability) is not in 0..<1")
    guard probability > 0 else { return self }
    guard let tape else {
      require(
        innermostStep() == nil,
        "dropout: this value takes part in no step; start with Variable(x, on: tape), and compute what isn't trained "
          + "before the step")
      return self
    }
    guard let state = tape.generator?.next() else {
      trap(
        "dropout: this tape has no random numbers; make one with Tape(seed:) before the first step "
          + "and pass it to every step: valueWithGradients(at: model, on: tape) { model in … }")
    }
    // The way back draws the same numbers again, so that nothing has to be kept.
    func dropped(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
      Tensor(shape: x.shape) { out in
        x.withPointer { [count = x.count] x in
          Threads.forEachRange(of: count, operations: 4) {
            Scalar.Kernels.dropout(x, state, 1 - probability, out, $0, $1)
          }
        }
      }
    }
    return .recorded(dropped(value), from: back(dropped))
  }

  /// Dropout that is the same along some axes: of `[b, t, d]`, `sharedOver: [1]` drops the same columns at all times of
  /// a sequence. See `dropout(_:)`.
  ///
  /// Source: Gal and Ghahramani, “A Theoretically Grounded Application of Dropout in Recurrent Neural Networks” (2016).
  public func dropout(_ probability: Scalar, sharedOver axes: [Int]) -> Variable {
    var maskShape = shape
    for axis in axes { maskShape[axis] = 1 }
    return dropped(probability) { ones in ones(maskShape) }
  }

  /// Dropout of whole rows, the same for all rows of a group: with words as groups, a word is dropped wherever it
  /// stands in the batch. See `dropout(_:)`.
  ///
  /// Source: Gal and Ghahramani, “A Theoretically Grounded Application of Dropout in Recurrent Neural Networks” (2016),
  /// section 4.2.
  ///
  /// - Parameters:
  ///   - probability: of dropping a group, in `0..<1`.
  ///   - groups: for each row the number of its group, 0 or more; traps if there are more or fewer.
  public func dropout<Row: RowNumber>(_ probability: Scalar, ofRowsInGroups groups: [Row]) -> Variable {
    require(
      shape.rank >= 1 && shape[0] == groups.count,
      "dropout: \(groups.count) groups for shape \(shape), expected one for each row")
    return dropped(probability) { ones in
      let (names, places) = Row.asInt32(groups).distinct
      let rest = shape.dropFirst().map { _ in 1 }
      return ones(Shape([names.count] + rest)).gather(places)
    }
  }

  /// Multiplies by a mask that is made of ones of some shape, with dropout. Outside of a step, and at 0, the value
  /// itself.
  func dropped(_ probability: Scalar, byMask mask: (_ ones: (Shape) -> Variable) -> Variable) -> Variable {
    guard probability > 0, tape != nil else { return dropout(probability) }
    return self * mask { Variable(Tensor(ones: $0), on: tape).dropout(probability) }
  }
}
