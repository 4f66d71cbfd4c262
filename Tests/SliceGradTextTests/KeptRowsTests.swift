import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct KeptRowsTests {
  @Test func positionsAreThoseOfAPlainSearch() {
    var generator = RandomGenerator(seed: 5)
    let some = (0..<4).map { step in (0..<Int32(700)).filter { _ in Int.random(in: 0...step, using: &generator) == 0 } }
    for rows: [Int32] in [[], [4], [0, 1, 2], [63], [64], [2, 5, 9, 63, 64, 127, 128, 1000]] + some {
      let kept = KeptRows(rows)
      #expect(kept.rows == rows)
      for row in -1...Int32(1001) {
        #expect(kept.position(of: row) == rows.firstIndex(of: row).map { Int32($0) })
      }
    }
  }

  @Test func rowsInAnyOrder() {
    let kept = KeptRows(below: 130) { keep in for row: Int32 in [129, 3, 64, 3, 0, 129] { keep(row) } }
    #expect(kept == KeptRows([0, 3, 64, 129]))
    #expect(kept != KeptRows([0, 3, 64]))
    #expect(KeptRows(below: 0) { _ in } == KeptRows([]))
    #expect(KeptRows(below: 1000) { $0(7) } == KeptRows([7]), "equal whatever the bound was")
  }

  @Test func decodingGivesBackWhatWasEncoded() throws {
    let kept = KeptRows([2, 5, 900])
    let json = try JSONEncoder().encode(kept)
    #expect(String(decoding: json, as: UTF8.self) == "[2,5,900]")
    let decoded = try JSONDecoder().decode(KeptRows.self, from: json)
    #expect(decoded == kept && decoded.position(of: 900) == 2)
    for list in ["[2,2]", "[3,2]", "[-1,2]"] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(KeptRows.self, from: Data(list.utf8)) }
    }
  }

  @Test func bagsLoseTheOthers() {
    let kept = KeptRows([2, 5, 9])
    #expect(kept(RaggedIndices([[9, 3, 2, 9], [], [4], [5]])) == RaggedIndices([[2, 0, 2], [], [], [1]]))
    #expect(kept(RaggedIndices([[9, 3, 2, 9], [3, 3]]).counted) == RaggedIndices([[2, 0, 2], []]).counted)
  }

  @Test func rowsOfATable() {
    let table = Tensor<Float>([[1, 2], [3, 4], [5, 6]])
    #expect(KeptRows([0, 2]).rows(of: table) == Tensor([[1, 2], [5, 6]]))
    #expect(KeptRows([]).rows(of: table).shape == [0, 2])
  }

  @Test func traps() async {
    let order = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = KeptRows([1, 1])
    }
    #expect(order?.standardErrorContent.trapMessage == "KeptRows: the numbers don't rise")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = KeptRows([-1, 1])
    }
    #expect(negative?.standardErrorContent.trapMessage == "KeptRows: row -1 is below 0")
    let beyond = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = KeptRows([1]).rows(of: Tensor<Float>([[1, 2]]))
    }
    #expect(beyond?.standardErrorContent.trapMessage == "KeptRows: rows beyond 1")
  }
}
