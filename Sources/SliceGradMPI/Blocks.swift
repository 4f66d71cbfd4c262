import SliceGrad

/// Memory that consists of a block of elements for each rank, one after the other. A block may be empty.
struct Blocks {
  let start: UnsafeMutableRawPointer?
  /// How many elements each rank's block has.
  let counts: [Int]
  /// In bytes.
  let elementSize: Int

  /// Traps unless the blocks fill the buffer.
  init<Element: MessageElement>(_ elements: UnsafeMutableBufferPointer<Element>, counts: [Int], _ operation: String) {
    require(
      counts.allSatisfy { $0 >= 0 } && counts.reduce(0, +) == elements.count,
      "\(operation): \(elements.count) elements don't make up blocks of \(counts)")
    self.start = UnsafeMutableRawPointer(elements.baseAddress)
    self.counts = counts
    self.elementSize = MemoryLayout<Element>.size
  }

  /// The bytes of a rank's block.
  ///
  /// - Complexity: O(rank).
  subscript(rank: Int) -> UnsafeMutableRawBufferPointer {
    let first = counts[..<rank].reduce(0, +)
    return UnsafeMutableRawBufferPointer(
      start: start.map { $0 + first * elementSize }, count: counts[rank] * elementSize)
  }

  /// All bytes.
  var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: start, count: counts.reduce(0, +) * elementSize)
  }
}
