/// What t counts in the bias corrections of `SparseAdam`.
public enum BiasCorrection: String, Codable, Hashable, Sendable, CaseIterable {
  /// The table's updates, including those whose gradient has no rows.
  case globalStep
  /// For each row, the updates in which it had a gradient.
  case activeSteps
}

/// Where `SparseAdam` adds ε.
public enum EpsilonPlacement: String, Codable, Hashable, Sendable, CaseIterable {
  /// learningRate · m̂ / (√v̂ + ε): Kingma and Ba, Algorithm 1.
  case corrected
  /// learningRate · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε): `torch.optim.SparseAdam`, and Kingma and Ba's remark before
  /// their section 2.1.
  case uncorrected
}

/// What becomes of rows without a gradient in `SparseAdam`, and of their moments.
public enum InactiveRows: String, Codable, Hashable, Sendable, CaseIterable {
  /// Both stay as they are.
  case frozen
  /// When a row next has a gradient, its moments first decay by β^(missed updates), as Adam's would have done. The row
  /// itself still moves only when it has a gradient.
  case decayed
  /// Moments decay and rows move on by them in every update, as in Adam, in effect: what a row has missed is made up
  /// for by `catchUp` before a step reads it, and by `settle` for all rows. The table is then what Adam makes of it, to
  /// rounding, at the price of the rows that the steps read.
  ///
  /// Call `ModelOptimizer.catchUp` before each step for the rows that it will read, or `settle` if it reads all rows,
  /// as `scores(against:)` does; and `settle` before you evaluate or save the model. An update traps if a row has a
  /// gradient that hadn't caught up: the step has read what Adam wouldn't have. (Rows that never had a gradient have
  /// missed nothing, unless weights decay in all rows.)
  ///
  /// The state has the learning rate of each update since the last `settle`, and besides what is computed from these,
  /// up to 180 bytes for each. After 65,536 updates without a call, an update settles the table itself. An element
  /// whose m is 0 stays, even where v and ε are 0 too, and Adam divides 0 by 0.
  case caughtUp
}

/// What `SparseAdam`'s second moment is an average of.
public enum SecondMoment: String, Codable, Hashable, Sendable, CaseIterable {
  /// Each element's g²: v is `[d]` for each row.
  case perElement
  /// The mean of g² over a row: v is one number for each row, so that the moments take about half the memory, and a
  /// step less time where it waits for memory. FBGEMM's `PARTIAL_ROWWISE_ADAM`. All elements of a row have the same
  /// learning rate then, so that it suits rows whose elements have gradients of like size, as embeddings mostly do.
  case perRow
}

/// How the weights of a table decay in `SparseAdam`, decoupled from the gradient (Loshchilov and Hutter, “Decoupled
/// Weight Decay Regularization”, 2019).
///
/// No other rule has `.caughtUp`: their weight decay enters the gradient, so that what a row has missed isn't a factor
/// alone. It would depend on the momentum or on the sums of squares that it should have changed.
public enum RowWeightDecay: Codable, Hashable, Sendable {
  case none
  /// θ := (1 − learningRate · λ) θ for the rows that have a gradient, before their step.
  case touchedRows(Double)
  /// The same for all rows in every update, as in AdamW, but put off until a row next has a gradient: θ is then also
  /// multiplied by the factors of the updates that it has missed. `settle` does so for all rows; call
  /// `ModelOptimizer.settle` before you evaluate or save the model. The price for leaving the other rows alone is that
  /// a step reads a row without the factors that it has missed, unless `catchUp` is called for it before.
  case caughtUp(Double)

  /// λ; nil if the weights don't decay.
  var lambda: Double? {
    switch self {
    case .none: nil
    case .touchedRows(let lambda), .caughtUp(let lambda): lambda
    }
  }
}
