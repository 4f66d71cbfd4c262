import Foundation

/// How the row numbers of a case are spread over its table.
package enum Distribution: String, CaseIterable {
  case uniform
  /// Few rows are frequent and many are rare, as words are.
  case logUniform

  /// The same row numbers in every run, and in the programs of the peers.
  package func rowNumbers(_ count: Int, tableRows: Int) -> [Int32] {
    var generator = LinearCongruentialGenerator()
    return (0..<count).map { _ in
      let number = generator.next()
      return switch self {
      case .uniform: Int32(number * Double(tableRows))
      case .logUniform: min(Int32(tableRows) - 1, Int32(exp(number * log(Double(tableRows) + 1))) - 1)
      }
    }
  }

  /// The first `count` different row numbers of the uniform distribution.
  package static func distinctRowNumbers(_ count: Int, tableRows: Int) -> [Int32] {
    var seen: Set<Int32> = []
    let candidates = uniform.rowNumbers(2 * count, tableRows: tableRows)
    return Array(candidates.filter { seen.insert($0).inserted }.prefix(count))
  }
}

/// Numbers in 0..<1 from Knuth's generator, simple enough to be written again in any language.
private struct LinearCongruentialGenerator {
  private var state: UInt64 = 42

  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 40) / Double(1 << 24)
  }
}
