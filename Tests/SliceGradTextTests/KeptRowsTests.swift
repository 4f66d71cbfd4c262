import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct KeptRowsTests {
  @Test func positionsAreThoseOfAPlainSearch() {
    for rows: [Int32] in [[], [4], [0, 1, 2], [2, 5, 9, 30, 31, 1000]] {
      let kept = KeptRows(rows)
      for row in -1...Int32(1001) {
        #expect(kept.position(of: row) == rows.firstIndex(of: row).map { Int32($0) })
      }
    }
  }

  @Test func bagsLoseTheOthers() {
    let kept = KeptRows([2, 5, 9])
    #expect(kept(RaggedIndices([[9, 3, 2, 9], [], [4], [5]])) == RaggedIndices([[2, 0, 2], [], [], [1]]))
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
    let beyond = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = KeptRows([1]).rows(of: Tensor<Float>([[1, 2]]))
    }
    #expect(beyond?.standardErrorContent.trapMessage == "KeptRows: rows beyond 1")
  }
}
