import Foundation
import SliceGrad

/// The times of an update of which a share of the table's rows have a gradient.
struct CrossoverFigure: Encodable {
  let figure = "crossover"
  let rows: Int
  let columns = Workload.columns
  let touchedRows: Int
  let share: Double
  let sparseAdamMicroseconds: Double
  let densifiedAdamMicroseconds: Double
  /// Adam given a gradient that is dense already.
  let denseAdamMicroseconds: Double
}

/// Updates a table by SparseAdam and by Adam, with more and more of its rows touched. Only the updates are measured:
/// their gradients are there and have each row once, as they come out of a backward pass.
struct CrossoverMeasurement {
  private let rows: Int
  private let shares: [Double]
  private let turns: Int
  private let turnTime = Duration.milliseconds(30)

  init(_ options: Options) {
    (rows, turns) = options.isQuick ? (4_000, 3) : (100_000, 15)
    shares = options.isQuick ? [0.01, 0.1, 1] : [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1]
  }

  func figures() -> [CrossoverFigure] {
    let shape: Shape = [rows, Workload.columns]
    var sparse = Contender(SparseAdam<Float>(), shape)
    var densified = Contender(Densifying(Adam<Float>()), shape)
    var dense = Contender(Adam<Float>(), shape)
    return shares.map { share in
      let gradients = gradients(ofShare: share, shape)
      let denseGradients = gradients.prefix(1).map { $0.densified() }
      var times: (sparse: [Double], densified: [Double], dense: [Double]) = ([], [], [])
      for _ in 0..<turns {
        times.sparse += sparse.times(with: gradients, for: turnTime)
        times.densified += densified.times(with: gradients, for: turnTime)
        times.dense += dense.times(with: denseGradients, for: turnTime)
      }
      return CrossoverFigure(
        rows: rows, touchedRows: gradients[0].count, share: share, sparseAdamMicroseconds: times.sparse.median,
        densifiedAdamMicroseconds: times.densified.median, denseAdamMicroseconds: times.dense.median)
    }
  }

  /// Some gradients with different rows, so that no few rows stay in the processor's caches.
  private func gradients(ofShare share: Double, _ shape: Shape) -> [IndexedSlices<Float>] {
    let touchedRows = max(1, Int((share * Double(rows)).rounded()))
    var (walk, generator) = (RowWalk(tableRows: rows), RandomGenerator(seed: 1))
    return (0..<min(rows / touchedRows, 64)).map { _ in
      IndexedSlices(
        indices: walk.next(touchedRows), values: Tensor(normal: [touchedRows, shape[1]], using: &generator),
        denseShape: shape
      ).coalesced()
    }
  }
}

/// A rule with a table and state of its own.
private struct Contender<Rule: Optimizer> where Rule.Gradient.Scalar == Float {
  private let rule: Rule
  private var table: Tensor<Float>
  private var state: Rule.State
  private var next = 0

  init(_ rule: Rule, _ shape: Shape) {
    var generator = RandomGenerator(seed: 1)
    self.rule = rule
    table = Tensor(uniform: shape, in: -1..<1, using: &generator)
    state = rule.initialState(for: shape)
  }

  /// The microseconds of each update, one after the other for some time, after one that isn't counted.
  mutating func times(with gradients: [Rule.Gradient], for duration: Duration) -> [Double] {
    let start = ContinuousClock.now
    var (now, times) = (start, [Double]())
    repeat {
      let before = ContinuousClock.now
      rule.update(&table, with: gradients[next % gradients.count], state: &state)
      now = ContinuousClock.now
      next += 1
      times.append((now - before).microseconds)
    } while now - start < duration || times.count < 2
    return Array(times.dropFirst())
  }
}

extension [CrossoverFigure] {
  /// The share of touched rows from which on SparseAdam's time is larger than another one, on a line between the
  /// logarithms of the measured shares; nil if it is smaller at the largest share.
  func share(whereSparseAdamReaches other: KeyPath<CrossoverFigure, Double>) -> Double? {
    // How much longer SparseAdam takes, as a logarithm.
    let excess = map { log($0.sparseAdamMicroseconds / $0[keyPath: other]) }
    guard let largest = excess.last, largest > 0 else { return nil }
    guard let below = excess.lastIndex(where: { $0 <= 0 }) else { return self[0].share }
    let (low, high) = (self[below], self[below + 1])
    let part = -excess[below] / (excess[below + 1] - excess[below])
    return exp(log(low.share) + part * log(high.share / low.share))
  }
}
