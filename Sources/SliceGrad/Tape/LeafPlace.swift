import SliceGradKernels

/// The place of a leaf of a model: the training step that it takes part in, and its index on the tape of that step.
///
/// It names the step by a number and has no reference to the tape, so that a model stays a plain value that may cross
/// tasks. A model that is used outside of its step is detected, because its number is not among the steps that the
/// thread is recording.
struct LeafPlace: Equatable, Sendable {
  /// 0 where leaves are numbered without a step.
  let step: Int
  let index: Int

  /// The tape of the step. Traps unless this thread is recording the step.
  func tape<Scalar>() -> Tape<Scalar> {
    var recorded = innermostStep()
    while let step = recorded?.pointee {
      if step.number == self.step { return Unmanaged<Tape<Scalar>>.fromOpaque(step.tape).takeUnretainedValue() }
      recorded = step.outer
    }
    trap("a model of a training step is used outside of its step: after the step has ended, or on another thread")
  }
}

extension Tape {
  /// Runs the body with the number of a new step, which this thread records until the body returns.
  func withStep<Result>(_ body: (_ number: Int) throws -> Result) rethrows -> Result {
    // The tape outlives the body, so that the reference needn't be counted.
    let tape = Unmanaged.passUnretained(self).toOpaque()
    var step = SliceGradStep(number: nextStepNumber(), tape: tape, outer: innermostStep())
    return try withUnsafePointer(to: &step) { step in
      setInnermostStep(step)
      defer { setInnermostStep(step.pointee.outer) }
      return try withExtendedLifetime(self) { try body(step.pointee.number) }
    }
  }
}
