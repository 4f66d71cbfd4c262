public import SliceGrad

/// Some texts as bags of table rows, with the class of each.
public struct TextBatch: Sendable, Equatable {
  public let texts: RaggedIndices
  public let labels: [Int32]

  public init(texts: RaggedIndices, labels: [Int32]) {
    self.texts = texts
    self.labels = labels
  }

  public var count: Int { labels.count }
}

/// The batches of a data set, each copied together when its turn comes; the last may be smaller.
public struct TextBatches: Sequence, Sendable {
  private let dataSet: TextDataSet
  /// The number of the text at each place.
  private let order: [Int32]
  private let size: Int

  init(_ dataSet: TextDataSet, order: [Int32], size: Int) {
    if size < 1 { fatalError("TextBatches: a batch of \(size) texts, not 1 or more") }
    self.dataSet = dataSet
    self.order = order
    self.size = size
  }

  /// The number of batches.
  public var count: Int { (order.count + size - 1) / size }
  public var underestimatedCount: Int { count }

  /// The batches without the first ones: where a training goes on that stopped after them. Traps on a negative number.
  /// O(n).
  public func dropFirst(_ batchCount: Int = 1) -> TextBatches {
    TextBatches(dataSet, order: Array(order.dropFirst(batchCount * size)), size: size)
  }

  public func makeIterator() -> Iterator { Iterator(batches: self) }

  public struct Iterator: IteratorProtocol {
    fileprivate let batches: TextBatches
    private var position = 0

    fileprivate init(batches: TextBatches) { self.batches = batches }

    public mutating func next() -> TextBatch? {
      guard position < batches.order.count else { return nil }
      let end = Swift.min(position + batches.size, batches.order.count)
      defer { position = end }
      return batches.batch(of: batches.order[position..<end])
    }
  }

  private func batch(of numbers: ArraySlice<Int32>) -> TextBatch {
    let (values, rowSplits) = (dataSet.texts.values, dataSet.texts.rowSplits)
    func range(_ number: Int32) -> Range<Int> { Int(rowSplits[Int(number)])..<Int(rowSplits[Int(number) + 1]) }

    var batchSplits: [Int32] = [0]
    batchSplits.reserveCapacity(numbers.count + 1)
    var valueCount = 0
    for number in numbers {
      valueCount += range(number).count
      batchSplits.append(Int32(valueCount))
    }
    var batchValues: [Int32] = []
    batchValues.reserveCapacity(valueCount)
    for number in numbers { batchValues += values[range(number)] }

    return TextBatch(
      texts: RaggedIndices(values: batchValues, rowSplits: batchSplits),
      labels: numbers.map { dataSet.labels[Int($0)] })
  }
}
