import ExampleParts
import SliceGrad
import SliceGradText

/// Batches that each touch the same number of rows, spread over the whole table; of one that has enough, each touches
/// others.
struct Workload {
  static let columns = 64
  static let classes = 10
  /// 50 texts of 10 words.
  static let rowsAStep = 500
  private static let textsAStep = 50

  let batches: [TextBatch]
  /// How many different rows all batches touch.
  let touchedRows: Int

  init(tableRows: Int, batchCount: Int) {
    var (walk, generator) = (RowWalk(tableRows: tableRows), RandomGenerator(seed: 1))
    let wordsAText = Self.rowsAStep / Self.textsAStep
    let rowSplits = (0...Self.textsAStep).map { Int32($0 * wordsAText) }
    batches = (0..<batchCount).map { _ in
      TextBatch(
        texts: RaggedIndices(values: walk.next(Self.rowsAStep), rowSplits: rowSplits),
        labels: (0..<Self.textsAStep).map { _ in Int32.random(in: 0..<Int32(Self.classes), using: &generator) })
    }
    touchedRows = min(batchCount * Self.rowsAStep, tableRows)
  }

  /// A model like the text classifier's, with a table of this number of rows.
  static func model(rows: Int) -> TextModel {
    var generator = RandomGenerator(seed: 1)
    return TextModel(features: rows, dimensions: columns, classes: classes, using: &generator)
  }
}

/// A walk through all rows of a table in long strides, so that memory near a row that was read says nothing about the
/// next one. Each row comes once before any comes again.
struct RowWalk {
  private let tableRows: Int
  private let stride: Int
  private var row = 0

  init(tableRows: Int) {
    self.tableRows = tableRows
    // Near the golden section, where the rows of any part of the walk lie evenly; without a common divisor.
    var stride = max(Int(0.618 * Double(tableRows)), 1)
    while Self.greatestCommonDivisor(stride, tableRows) > 1 { stride += 1 }
    self.stride = stride
  }

  mutating func next(_ count: Int) -> [Int32] {
    (0..<count).map { _ in
      row = (row + stride) % tableRows
      return Int32(row)
    }
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }
}
