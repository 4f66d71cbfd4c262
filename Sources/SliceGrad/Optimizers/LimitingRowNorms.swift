import SliceGradKernels

/// A rule for tables that leaves no row that it changes longer than a limit: θ := θ · limit / ‖θ‖ if ‖θ‖ > limit, after
/// each update.
///
///     let rule = LimitingRowNorms(SGD<IndexedSlices<Double>>(learningRate: 1), to: 5)
///     var (table, state) = (Tensor<Double>([[6, 8], [6, 8]]), rule.initialState(for: [2, 2]))
///     let gradient = IndexedSlices<Double>(indices: [1], values: Tensor([[0, 0]]), denseShape: [2, 2])
///     rule.update(&table, with: gradient, state: &state)
///     print(table)  // [[6, 8],
///                   //  [3, 4]]
///
/// PyTorch's `Embedding` with `max_norm` does it before each look-up instead, to the rows that are looked up. There a
/// row that starts too long is limited when it is first seen; here after its first update.
///
/// - Complexity: O(n d) beside the rule's own, for n rows that it changes.
public struct LimitingRowNorms<Rule: Optimizer, Scalar>: OptimizerWrapper where Rule.Gradient == IndexedSlices<Scalar> {
  public typealias Gradient = IndexedSlices<Scalar>

  public let rule: Rule

  /// The largest length √Σ θ² of a row, above 0.
  public let limit: Double

  /// The rule with a limit. Traps unless the limit is above 0.
  public init(_ rule: Rule, to limit: Double) {
    self.rule = rule
    self.limit = limit
    checkHyperparameters()
  }

  public func checkHyperparameters() {
    rule.checkHyperparameters()
    require(limit > 0, "LimitingRowNorms: limit \(limit) is not above 0")
  }

  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: IndexedSlices<Scalar>, state: inout Rule.State,
    learningRateFactor: Double
  ) {
    rule.update(&parameter, with: gradient, state: &state, learningRateFactor: learningRateFactor)
    limit(rule.rowChanges == .all ? nil : gradient.coalesced().indices, of: &parameter)
  }

  /// Limits the rows that catch up, as they are then. If the rule has settled the table in an update, after very many
  /// updates without a call, its rows are limited when they next catch up.
  public func catchUp(_ parameter: inout Tensor<Scalar>, rows: [Int32]?, state: inout Rule.State) {
    rule.catchUp(&parameter, rows: rows, state: &state)
    if rule.rowChanges == .postponed { limit(rows.map { Array(Set($0)) }, of: &parameter) }
  }

  /// Limits some rows, each given once, or all.
  private func limit(_ rows: [Int32]?, of parameter: inout Tensor<Scalar>) {
    let (rowCount, columns) = (parameter.shape[0], parameter.shape[1])
    let rows = rows ?? Array(0..<Int32(rowCount))
    guard parameter.count > 0, !rows.isEmpty else { return }
    parameter.withMutablePointer { table in
      Threads.forEachRange(of: rows.count, operations: 2 * columns) {
        for row in rows[$0..<$1] { limit(table + Int(row) * columns, columns) }
      }
    }
  }

  private func limit(_ row: UnsafeMutablePointer<Scalar>, _ columns: Int) {
    let norm = Scalar.Kernels.dot(row, row, columns).squareRoot()
    if norm > limit { Scalar.Kernels.affine(Scalar(limit / norm), row, -0.0, row, 0, columns) }
  }
}
