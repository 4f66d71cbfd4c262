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
}
