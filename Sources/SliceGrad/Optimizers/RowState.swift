import SliceGradKernels

/// What a sparse rule remembers of a table's rows: for those that were ever touched, in blocks made when they are first
/// needed.
///
/// Besides its blocks it takes 4 bytes a row of the table, to find a row's place, and 8 bytes a touched row. Blocks
/// never move.
public struct RowState<Scalar: TensorScalar>: Sendable {
  /// The number of scalars that are remembered for a row.
  public let width: Int

  /// The rows that have state, in the order in which they were first touched.
  public private(set) var rows: [Int32] = []

  /// How often each of `rows` was touched.
  private var touches: [Int32] = []

  /// The place of each of the table's rows in `rows`; −1 for none.
  private var slots: [Int32]

  private let initialValue: Scalar
  private let rowsPerBlock: Int
  private var blocks: [ContiguousArray<Scalar>] = []

  /// No state yet, of `width` scalars a row, for a table of shape `[v, d]`. A new row's are all `initialValue`.
  init(tableShape: Shape, width: Int, initialValue: Scalar = 0) {
    self.width = width
    self.initialValue = initialValue
    slots = [Int32](repeating: -1, count: tableShape[0])
    // A power of 2, so that a slot's block and its place there are a shift and a mask: at most 2¹⁸ scalars, 1 MiB of
    // Float.
    var rowsPerBlock = 1
    while rowsPerBlock < tableShape[0], 2 * rowsPerBlock * width <= 1 << 18 { rowsPerBlock *= 2 }
    self.rowsPerBlock = rowsPerBlock
  }

  /// The number of bytes that the state takes.
  public var byteCount: Int {
    blocks.count * rowsPerBlock * width * MemoryLayout<Scalar>.stride
      + (rows.capacity + touches.capacity + slots.capacity) * MemoryLayout<Int32>.stride
  }

  /// How often a row was touched: the number of updates in which it had a gradient.
  public func touches(ofRow row: Int) -> Int { slots[row] < 0 ? 0 : Int(touches[Int(slots[row])]) }

  /// The `width` scalars of a row, nil if it has none yet.
  public subscript(row row: Int) -> ArraySlice<Scalar>? {
    let slot = Int(slots[row])
    guard slot >= 0 else { return nil }
    let start = slot % rowsPerBlock * width
    return ArraySlice(blocks[slot / rowsPerBlock][start..<start + width])
  }

  /// Makes state for new rows and counts that all of them are touched.
  ///
  /// - Parameter touched: row numbers without repeats.
  /// - Returns: how often each of them was touched, this time included.
  mutating func touch(_ touched: [Int32]) -> [Int32] {
    touched.map { row in
      let slot = Int(slot(of: row))
      touches[slot] += 1
      return touches[slot]
    }
  }

  /// Calls the kernel for each block that holds state of some rows, with that state and those rows.
  ///
  /// - Parameters:
  ///   - touched: row numbers without repeats, at least one, that have state.
  ///   - touches: how often each of them was touched.
  mutating func forEachBlock(
    of touched: [Int32], touches: [Int32],
    _ kernel: (_ state: UnsafeMutablePointer<Scalar>, _ rows: SliceGradRows) -> Void
  ) {
    let touchedSlots = touched.map { slots[Int($0)] }
    let (positions, starts) = positionsByBlock(touchedSlots)
    let (slotMask, width) = (Int32(rowsPerBlock - 1), width)
    touched.withUnsafeBufferPointer { touched in
      touchedSlots.withUnsafeBufferPointer { slots in
        touches.withUnsafeBufferPointer { touches in
          positions.withUnsafeBufferPointer { positions in
            for block in blocks.indices where starts[block] < starts[block + 1] {
              let rows = SliceGradRows(
                rows: touched.baseAddress!, slots: slots.baseAddress!, touches: touches.baseAddress!,
                positions: positions.baseAddress! + starts[block], count: starts[block + 1] - starts[block],
                slotMask: slotMask, width: width)
              blocks[block].withUnsafeMutableBufferPointer { kernel($0.baseAddress!, rows) }
            }
          }
        }
      }
    }
  }

  /// The place of a row, made if it has none.
  private mutating func slot(of row: Int32) -> Int32 {
    let known = slots[Int(row)]
    if known >= 0 { return known }
    let slot = Int32(rows.count)
    slots[Int(row)] = slot
    rows.append(row)
    touches.append(0)
    if Int(slot) / rowsPerBlock == blocks.count {
      blocks.append(ContiguousArray(repeating: initialValue, count: rowsPerBlock * width))
    }
    return slot
  }

  /// The positions of `slots` grouped by block, and where each block's begin (a counting sort).
  private func positionsByBlock(_ slots: [Int32]) -> (positions: [Int32], starts: [Int]) {
    let shift = rowsPerBlock.trailingZeroBitCount
    var ends = [Int](repeating: 0, count: blocks.count + 1)
    for slot in slots { ends[Int(slot) >> shift + 1] += 1 }
    for block in blocks.indices { ends[block + 1] += ends[block] }
    let starts = ends
    var positions = [Int32](repeating: 0, count: slots.count)
    for (position, slot) in slots.enumerated() {
      let block = Int(slot) >> shift
      positions[ends[block]] = Int32(position)
      ends[block] += 1
    }
    return (positions, starts)
  }
}
