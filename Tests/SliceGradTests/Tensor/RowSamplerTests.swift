import SliceGrad
import Testing

@Suite struct RowSamplerTests {
  /// How often each row is drawn, as a share of all draws.
  private func shares(_ draws: [Int32], of rowCount: Int) -> [Double] {
    var counts = [Double](repeating: 0, count: rowCount)
    for row in draws { counts[Int(row)] += 1 }
    return counts.map { $0 / Double(draws.count) }
  }

  /// χ² of the draws against the probabilities stays below its 99.99 % quantile for that many rows.
  private func expectProbabilities(
    _ draws: [Int32], _ probabilities: [Double], below quantile: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let shares = shares(draws, of: probabilities.count)
    var statistic = 0.0
    for (share, probability) in zip(shares, probabilities) {
      if probability == 0 {
        #expect(share == 0, sourceLocation: sourceLocation)
      } else {
        statistic += Double(draws.count) * (share - probability) * (share - probability) / probability
      }
    }
    #expect(statistic < quantile, sourceLocation: sourceLocation)
    #expect(statistic > 0, sourceLocation: sourceLocation)
  }

  @Test func uniform() {
    var generator = RandomGenerator(seed: 1)
    let sampler = RowSampler(rowCount: 10)
    expectProbabilities(
      sampler.draw(20_000, using: &generator), [Double](repeating: 0.1, count: 10), below: 33.72)
    #expect(sampler.probability(ofRow: 3) == 0.1)
    #expect(RowSampler(rowCount: 1).draw(5, using: &generator) == [0, 0, 0, 0, 0])
  }

  @Test(arguments: [0, 0.75, 1, 2])
  func byFrequency(power: Double) {
    var generator = RandomGenerator(seed: 2)
    let frequencies = [0.0, 100, 1, 7, 0, 55, 2, 2, 31, 0]
    let weights = frequencies.map { raised($0, to: power) }
    let total = weights.reduce(0, +)
    let sampler = RowSampler(frequencies: frequencies, power: power)
    for row in 0..<10 { #expect(abs(sampler.probability(ofRow: row) - weights[row] / total) < 1e-15) }
    expectProbabilities(sampler.draw(20_000, using: &generator), weights.map { $0 / total }, below: 33.72)
  }

  /// xᵖ for the powers of the test, by square roots.
  private func raised(_ x: Double, to power: Double) -> Double {
    switch power {
    case 0: 1
    case 0.75: x.squareRoot() * x.squareRoot().squareRoot()
    case 1: x
    default: x * x
    }
  }

  /// Sums of probabilities don't come out as whole numbers: rows without probability are never drawn all the same.
  @Test func roundingOfManyRows() {
    var generator = RandomGenerator(seed: 3)
    for count in [3, 7, 49, 1000] {
      let frequencies = (0..<count).map { row -> Double in row % 3 == 0 ? 0 : Double(row % 11 + 1) / 7 }
      let draws = RowSampler(frequencies: frequencies).draw(5000, using: &generator)
      #expect(draws.allSatisfy { frequencies[Int($0)] > 0 })
    }
  }

  /// The others keep their proportions; lists may be empty, repeat rows, and leave only one row.
  @Test func withoutTrueRows() {
    var generator = RandomGenerator(seed: 4)
    let sampler = RowSampler(frequencies: [4, 3, 2, 1])
    let lists = RaggedIndices([[0], [], [3, 3, 0], [0, 1, 2]])
    let draws = sampler.draw(5000, without: lists, using: &generator)
    #expect(draws.count == 20_000)
    expectProbabilities(Array(draws[..<5000]), [0, 3.0 / 6, 2.0 / 6, 1.0 / 6], below: 18.42)
    expectProbabilities(Array(draws[5000..<10_000]), [0.4, 0.3, 0.2, 0.1], below: 21.11)
    expectProbabilities(Array(draws[10_000..<15_000]), [0, 3.0 / 5, 2.0 / 5, 0], below: 15.14)
    #expect(draws[15_000...].allSatisfy { $0 == 3 })
    let others = sampler.draw(5000, without: [0, 3], using: &generator)
    expectProbabilities(Array(others[..<5000]), [0, 3.0 / 6, 2.0 / 6, 1.0 / 6], below: 18.42)
    expectProbabilities(Array(others[5000...]), [4.0 / 9, 3.0 / 9, 2.0 / 9, 0], below: 18.42)
  }

  /// Rows that have hardly any probability are found although they would hardly ever be drawn, in their proportions.
  @Test func unlikelyRows() {
    var generator = RandomGenerator(seed: 5)
    let sampler = RowSampler(frequencies: [1e12, 1, 3, 0])
    let draws = sampler.draw(2000, without: [0], using: &generator)
    expectProbabilities(draws, [0, 0.25, 0.75, 0], below: 15.14)
  }

  /// A generator gives the same draws again, and other ones from then on.
  @Test func draws() {
    var generator = RandomGenerator(seed: 6)
    let sampler = RowSampler(frequencies: [4, 3, 2, 1, 9, 9])
    var again = generator
    let first = sampler.draw(100, using: &generator)
    #expect(sampler.draw(100, using: &again) == first)
    #expect(sampler.draw(100, using: &generator) != first)
    #expect(sampler.draw(0, using: &generator) == [])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("RowSampler: 0 rows, expected 1...2147483647") { _ = RowSampler(rowCount: 0) },
    ProgrammingError("RowSampler: 0 frequencies") { _ = RowSampler(frequencies: [] as [Double]) },
    ProgrammingError("RowSampler: power -1.0, expected 0 or more") { _ = RowSampler(frequencies: [1.0], power: -1) },
    ProgrammingError("RowSampler: the frequency of row 1 is -2.0, expected 0 or more") {
      _ = RowSampler(frequencies: [1, -2])
    },
    ProgrammingError("RowSampler: the 2 frequencies add up to 0.0") { _ = RowSampler(frequencies: [0, 0]) },
    ProgrammingError("RowSampler: row 2 is not in 0..<2") { _ = RowSampler(rowCount: 2).probability(ofRow: 2) },
    ProgrammingError("RowSampler: no row is left for draw 0, all of 2 are excluded") {
      var generator = RandomGenerator(seed: 0)
      _ = RowSampler(rowCount: 2).draw(1, without: RaggedIndices([[0, 1]]), using: &generator)
    },
    ProgrammingError("RowSampler: -1 draws") {
      var generator = RandomGenerator(seed: 0)
      _ = RowSampler(rowCount: 2).draw(-1, using: &generator)
    },
  ]
}
