import Foundation
import Testing

@testable import SparseVersusDense

/// The arithmetic of SparseVersusDense: axes, places of names, crossovers, the walk through a table, memory.
struct ComparisonPartsTests {
  @Test("numbers stand on an axis by their logarithms, at whose ends are powers of 10")
  func placesNumbers() {
    let scale = LogScale(containing: [20, 300, 5_000], from: 400, to: 100)
    #expect(scale.decades == 1...4)
    #expect(scale.ticks.map { ($0 * 1e6).rounded() / 1e6 } == [10, 100, 1_000, 10_000])
    for (number, place) in [(10.0, 400.0), (100, 300), (1_000, 200), (10_000, 100), (1e3.squareRoot(), 350)] {
      #expect(abs(scale(number) - place) < 1e-9)
    }
    #expect(LogScale(containing: [1_000, 10_000], from: 0, to: 1).decades == 3...4)
    #expect(LogScale(containing: [1_000], from: 0, to: 1).decades == 3...4)
    #expect(LogScale(containing: [0.05, 0.06], from: 0, to: 1).decades == -2 ... -1)
    #expect(LogScale(containing: [], from: 0, to: 1).decades == 0...1)
  }

  @Test("names move apart, in their order and no further than needed")
  func spreadsNames() {
    func spread(_ wishes: [Double]) -> [Double] { LabelPlacement.spread(wishes, distance: 10, within: 0...100) }
    #expect(spread([]) == [])
    #expect(spread([50, 20]) == [50, 20])
    #expect(spread([50, 50]) == [45, 55])
    #expect(spread([54, 50, 46]) == [60, 50, 40])
    #expect(spread([100, 99, 0]) == [100, 90, 0])
    #expect(spread([1, 0, 12]) == [10, 0, 20])
    #expect(spread([30, 30, 36, 45]) == [20.25, 30.25, 40.25, 50.25])
  }

  @Test("the crossover lies between two shares, on a line between logarithms")
  func findsCrossover() {
    func share(_ excesses: [(share: Double, factor: Double)]) -> Double? {
      excesses.map {
        CrossoverFigure(
          rows: 1_000, touchedRows: Int(1_000 * $0.share), share: $0.share, sparseAdamMicroseconds: 10 * $0.factor,
          densifiedAdamMicroseconds: 10, denseAdamMicroseconds: 1)
      }.share(whereSparseAdamReaches: \.densifiedAdamMicroseconds)
    }
    #expect(share([(0.01, 0.1), (0.1, 0.5), (1, 0.9)]) == nil)
    #expect(share([(0.01, 2), (0.1, 3)]) == 0.01)
    #expect(abs(share([(0.01, 0.1), (0.1, 10)])! - 0.01 * 10.0.squareRoot()) < 1e-12)
    #expect(abs(share([(0.01, 0.5), (0.1, 2), (0.2, 0.5), (0.8, 2)])! - 0.4) < 1e-12, "the last one counts")
  }

  @Test("a walk comes to each row once before any comes again", arguments: [1_000, 1_024, 9_999])
  func walksThroughAllRows(rows: Int) {
    var walk = RowWalk(tableRows: rows)
    for _ in 0..<2 { #expect(Set(walk.next(rows)) == Set(0..<Int32(rows))) }
  }

  @Test("quantities have three digits")
  func writesQuantities() {
    #expect(
      [9.876, 12.34, 999.4, 999.7, 1_000, 2_345_678].map(Quantity.time) == [
        "9.88 µs", "12.3 µs", "999 µs", "1.00 ms", "1 ms", "2.35 s",
      ])
    #expect([999, 1_000, 5_120_032, 2_560_000_000].map(Quantity.bytes) == ["999 B", "1 kB", "5.12 MB", "2.56 GB"])
    #expect([0.001, 0.123456, 1].map(Quantity.share) == ["0.1 %", "12.3 %", "100 %"])
    #expect([0.95, 55.42, 9_087].map(Quantity.factor) == ["0.95", "55.4", "9,090"])
    #expect([1_000, 0.3].map(Quantity.plain) == ["1000", "0.3"])
    #expect([7, 1_000, 10_000_000].map(\.grouped) == ["7", "1,000", "10,000,000"])
  }

  @Test("rules that need least find room first")
  func fitsRules() {
    let table = 4 * 1_000 * 64
    func names(_ budget: Int) -> [String] {
      Rule.all.fitting(in: budget, rows: 1_000, touchedRows: 100, columns: 64, for: "step").fitting.map(\.key)
    }
    #expect(names(table - 1).isEmpty)
    #expect(names(table) == ["sgd"])
    #expect(names(10 * table).count == Rule.all.count)
    #expect(Rule.densifiedAdam.byteCount(rows: 1_000, touchedRows: 100, columns: 64) == 3 * table)
  }
}
