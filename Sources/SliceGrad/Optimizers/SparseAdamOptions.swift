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

/// What becomes of `SparseAdam`'s moments of rows without a gradient.
public enum InactiveRows: String, Codable, Hashable, Sendable, CaseIterable {
  /// They stay as they are.
  case frozen
  /// When the row next has a gradient, its moments first decay by β^(missed updates), as Adam's would have done. The
  /// row itself still moves only when it has a gradient.
  case decayed
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
  /// a step reads a row without the factors that it has missed.
  case caughtUp(Double)

  /// λ; nil if the weights don't decay.
  var lambda: Double? {
    switch self {
    case .none: nil
    case .touchedRows(let lambda), .caughtUp(let lambda): lambda
    }
  }
}
