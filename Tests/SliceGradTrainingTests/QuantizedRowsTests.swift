import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

@Suite struct QuantizedRowsTests {
  private func table(rows: Int, columns: Int) -> Tensor<Float> {
    var generator = RandomGenerator(seed: 3)
    return Tensor(uniform: [rows, columns], in: -2..<2, using: &generator)
  }

  /// A plain loop over the elements, which knows the stored bytes only.
  private func element(_ row: Int, _ column: Int, of rows: QuantizedRows) -> Float {
    let scale = Float(bitPattern: UInt32(rows.scales[row]) << 16)
    guard rows.bits == 4 else { return Float(Int8(bitPattern: rows.codes[row * rows.columns + column])) * scale }
    let byte = rows.codes[row * ((rows.columns + 1) / 2) + column / 2]
    return Float(Int(column.isMultiple(of: 2) ? byte & 15 : byte >> 4) - 8) * scale
  }

  @Test(arguments: [(8, 127.0), (4, 7.0)], [1, 6, 7])
  func isOffByHalfAScaleAtMost(_ precision: (bits: Int, largest: Double), columns: Int) {
    let table = table(rows: 20, columns: columns)
    let rows = QuantizedRows(table, bits: precision.bits)
    let read = rows.tensor
    #expect(rows.rowCount == 20 && read.shape == [20, columns])
    #expect(rows.codes.count == 20 * QuantizedRows.bytesInRow(columns: columns, bits: precision.bits))
    for row in 0..<20 {
      let largest = (0..<columns).map { abs(Double(table[row, $0])) }.max()!
      let scale = Double(Float(bitPattern: UInt32(rows.scales[row]) << 16))
      #expect(scale >= largest / precision.largest * (1 - 1e-6))
      #expect(scale <= largest / precision.largest * (1 + 1.0 / 128))
      for column in 0..<columns {
        #expect(read[row, column] == element(row, column, of: rows))
        #expect(abs(Double(read[row, column]) - Double(table[row, column])) <= scale / 2 * (1 + 1e-6))
      }
    }
  }

  /// The bytes are the format of files.
  @Test func bytes() {
    let table = Tensor<Float>([[7, -7, 3], [0, 0, 0], [-0.5, 0.25, 1]])
    let four = QuantizedRows(table, bits: 4)
    #expect(four.codes == [0x1F, 0x8B, 0x88, 0x88, 0xA5, 0x8F])
    #expect(four.scales == [0x3F80, 0, 0x3E13])
    let eight = QuantizedRows(Tensor([[127, -127, 1.4]]), bits: 8)
    #expect(eight.codes == [127, 0x81, 1] && eight.scales == [0x3F80])
    #expect(eight.tensor == Tensor([[127, -127, 1]]))
  }

  @Test func extremes() {
    let table = Tensor<Float>([[.greatestFiniteMagnitude, 0], [.leastNonzeroMagnitude, 0], [-1e-38, 1e-38]])
    for bits in [4, 8] {
      let read = QuantizedRows(table, bits: bits).tensor
      #expect(read.isFinite && read[0, 0] > 3.3e38 && read[1, 1] == 0 && abs(read[2, 0] * 1e20 + 1e-18) < 1e-19)
    }
    #expect(QuantizedRows(Tensor(zeros: [0, 5]), bits: 4).tensor.shape == [0, 5])
  }

  @Test func traps() async {
    let bits = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = QuantizedRows(Tensor([[1]]), bits: 3)
    }
    #expect(bits?.standardErrorContent.trapMessage == "QuantizedRows: 3 bits, expected 8 or 4")
    let number = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = QuantizedRows(Tensor([[Float.nan]]), bits: 8)
    }
    #expect(number?.standardErrorContent.trapMessage == "QuantizedRows: expected a matrix of finite numbers")
  }
}
