import SliceGradKernels

extension SparseAdam {
  /// Brings rows to where they would be if every update had changed them: see `InactiveRows.caughtUp` and
  /// `RowWeightDecay.caughtUp`.
  ///
  /// - Complexity: O(n d) for n rows; with nil O(v d), or O(1) if no update has been made since the last time.
  @specialized(where Scalar == Float)
  public func catchUp(_ parameter: inout Tensor<Scalar>, rows: [Int32]?, state: inout State) {
    state.moments.check(parameter.shape)
    guard let settledStep = state.history?.settledStep else { return }
    if let problem = rows?.problem(tableRows: parameter.shape[0]) { trap("catchUp: \(problem)") }
    guard settledStep < state.step else { return }
    state.history!.prepare(for: self)
    let (behind, lastSteps) = state.takeRowsBehind(among: rows, by: self)
    if !behind.rows.isEmpty { catchUp(&parameter, behind, lastSteps, &state) }
    guard rows == nil else { return }
    if caughtUpDecay != nil { decayUntouchedRows(of: &parameter, state) }
    state.history!.settle(after: state.step)
  }

  private func catchUp(
    _ parameter: inout Tensor<Scalar>, _ behind: TouchedRows, _ lastSteps: [Int32], _ state: inout State
  ) {
    let columns = parameter.shape[1]
    let (missed, kinds) = state.history!.missed(since: lastSteps, &state.powers)
    let steps = state.history!.steps
    parameter.withMutablePointer { table in
      state.moments.withState(of: behind) {
        $0.share(columns: columns) {
          Scalar.Kernels.catchUp(
            table, $0, missed, kinds, steps, hasFirst: beta1 > 0, sharesSecond: secondMoment == .perRow, columns)
        }
      }
    }
  }

  /// Rows without state have no momentum, and are all equally far behind.
  private func decayUntouchedRows(of parameter: inout Tensor<Scalar>, _ state: State) {
    let (rowCount, columns) = (parameter.shape[0], parameter.shape[1])
    let decay = Scalar(state.history!.decay(since: state.history!.settledStep))
    guard state.moments.rows.count < rowCount else { return }
    parameter.withMutablePointer { table in
      for row in 0..<rowCount where state.moments.slot(ofRow: row) == nil {
        let values = table + row * columns
        Scalar.Kernels.affine(decay, values, -0.0, values, 0, columns)
      }
    }
  }
}

extension SparseAdam.State {
  /// How many updates each row had missed before this one; from now on none. Traps if the gradient is wrong for that.
  mutating func noteMissedUpdates(of touched: TouchedRows, by rule: SparseAdam) -> [Int] {
    // Rows without state have missed their decay, if anything.
    let start = rule.caughtUpDecay == nil ? nil : settledStep
    let missed = lastSteps!.note(touched, in: step, newSince: start)
    guard let i = missed.firstIndex(where: { $0 != 0 }) else { return missed }
    if rule.inactiveRows == .caughtUp {
      trap(
        "SparseAdam: row \(touched.rows[i]) of a table of shape \(moments.tableShape) had missed \(missed[i]) updates "
          + "when this step read it; call optimizer.catchUp(&model, …, rows: …) before the step, or settle if it reads "
          + "all rows")
    }
    return missed
  }

  /// The rows that have missed updates, each once, among some rows or all with state, and up to which update each had
  /// caught up. From now on they have missed none.
  mutating func takeRowsBehind(
    among rows: [Int32]?, by rule: SparseAdam
  ) -> (behind: TouchedRows, lastSteps: [Int32]) {
    if let rows, rule.caughtUpDecay != nil {
      _ = moments.makeState(of: rows)
      lastSteps!.extend(to: moments.rows.count, with: Int32(settledStep))
    }
    return moments.takeRowsBehind(among: rows, in: step, &lastSteps!)
  }

  /// The number of updates when all rows had caught up, of a rule that puts changes off.
  private var settledStep: Int { history!.settledStep }
}
