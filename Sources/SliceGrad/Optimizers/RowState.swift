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

  /// How often each of `rows` was touched: 1 or more.
  public private(set) var touches: [Int32] = []

  /// The place of each of the table's rows in `rows`; −1 for none.
  private var slots: [Int32]

  private let initialValue: Scalar
  private let rowsPerBlock: Int
  private var blocks: [Tensor<Scalar>] = []

  /// No state yet, of `width` scalars a row, for a table of shape `[v, d]`. A new row's are all `initialValue`.
  public init(tableShape: Shape, width: Int, initialValue: Scalar = 0) {
    self.init(tableRows: tableShape[0], width: width, initialValue: initialValue)
  }

  private init(tableRows: Int, width: Int, initialValue: Scalar) {
    self.width = width
    self.initialValue = initialValue
    slots = [Int32](repeating: -1, count: tableRows)
    // A power of 2, so that a slot's block and its place there are a shift and a mask: at most 2¹⁸ scalars, 1 MiB of
    // Float.
    var rowsPerBlock = 1
    while rowsPerBlock < tableRows, 2 * rowsPerBlock * width <= 1 << 18 { rowsPerBlock *= 2 }
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
    return ArraySlice(blocks[slot / rowsPerBlock].elements[start..<start + width])
  }

  /// The state of `rows`, as pieces that lie one after the other.
  package var pieces: [Slice<Tensor<Scalar>.Elements>] {
    blocks.enumerated().map { number, block in
      block.elements.prefix(min(rowsPerBlock, rows.count - number * rowsPerBlock) * width)
    }
  }

  /// Replaces all state by that of other rows: their numbers `[n]`, how often they were touched `[n]`, and their state
  /// `[n, width]`.
  ///
  /// - Returns: what is wrong with them, or nil. In that case nothing changes.
  package mutating func restore(rows: [Int32], touches: [Int32], values: Tensor<Scalar>) -> String? {
    require(
      touches.count == rows.count && values.shape == [rows.count, width],
      "RowState: \(rows.count) rows, \(touches.count) counts and values of shape \(values.shape)")
    if let problem = rows.problem(tableRows: slots.count) { return problem }
    if let count = touches.first(where: { $0 < 1 }) { return "a row that was touched \(count) times" }
    var restored = RowState(tableRows: slots.count, width: width, initialValue: initialValue)
    let touched = restored.touch(rows)
    guard zip(touched.slots, rows.indices).allSatisfy({ $0 == $1 }) else { return "a row that is there twice" }
    restored.touches = touches
    if values.count > 0 {
      values.withPointer { values in
        restored.forEachRow(of: touched) { _, slot, state in state.update(from: values + slot * width, count: width) }
      }
    }
    self = restored
    return nil
  }

  /// Touches rows, each of which gets state if it has none, and calls the body with their state, one after the other:
  /// for rules of your own.
  ///
  /// - Parameter rows: row numbers without repeats, as those of coalesced slices. Traps on repeats, and on one out of range.
  public mutating func update(
    _ rows: [Int32], _ body: (_ row: Int, _ state: UnsafeMutableBufferPointer<Scalar>) -> Void
  ) {
    if let problem = rows.problem(tableRows: slots.count) { trap("RowState: \(problem)") }
    require(Set(rows).count == rows.count, "RowState: row numbers repeat; merge slices by coalesced()")
    let width = width
    forEachRow(of: touch(rows)) { row, _, state in body(row, UnsafeMutableBufferPointer(start: state, count: width)) }
  }

  /// Makes state for new rows, and counts that all of them are touched.
  ///
  /// - Parameter rows: row numbers without repeats.
  mutating func touch(_ rows: [Int32]) -> TouchedRows {
    let slots = slots(of: rows)
    let counts = [Int32](unsafeUninitializedCapacity: rows.count) { counts, initializedCount in
      if !rows.isEmpty { countTouches(slots, rows.count, &touches, counts.baseAddress!) }
      initializedCount = rows.count
    }
    return TouchedRows(rows: rows, slots: slots, touches: counts, rowCount: self.rows.count)
  }

  /// Touches rows, of which there is at least one, and calls the body with parts of them, perhaps at the same time.
  mutating func touch(_ rows: [Int32], columns: Int, _ body: (SliceGradRows) -> Void) {
    withState(of: touch(rows)) { $0.share(columns: columns, body) }
  }

  /// Calls the body with where the state of some rows lies. There is at least one.
  mutating func withState(of touched: TouchedRows, _ body: (SliceGradRows) -> Void) {
    let addresses = addresses(ofBlocksOf: touched.slots)
    touched.rows.withUnsafeBufferPointer { rows in
      touched.slots.withUnsafeBufferPointer { slots in
        touched.touches.withUnsafeBufferPointer { touches in
          addresses.withUnsafeBufferPointer { addresses in
            body(
              SliceGradRows(
                rows: rows.baseAddress!, slots: slots.baseAddress!, touches: touches.baseAddress!,
                blocks: addresses.baseAddress!, slotShift: rowsPerBlock.trailingZeroBitCount, width: width, first: 0,
                end: rows.count))
          }
        }
      }
    }
  }

  /// Calls the body with each row, its slot and its state, one after the other.
  mutating func forEachRow(
    of touched: TouchedRows, _ body: (_ row: Int, _ slot: Int, _ state: UnsafeMutablePointer<Scalar>) -> Void
  ) {
    let addresses = addresses(ofBlocksOf: touched.slots)
    for (row, slot) in zip(touched.rows, touched.slots) {
      let (block, place) = Int(slot).quotientAndRemainder(dividingBy: rowsPerBlock)
      body(Int(row), Int(slot), addresses[block]!.assumingMemoryBound(to: Scalar.self) + place * width)
    }
  }

  /// Where the blocks are that hold the state of some slots; nil for the others, which may be shared with a copy. The
  /// addresses are good as long as the blocks aren't touched in another way.
  private mutating func addresses(ofBlocksOf slots: [Int32]) -> [UnsafeMutableRawPointer?] {
    var addresses = [UnsafeMutableRawPointer?](repeating: nil, count: blocks.count)
    let shift = rowsPerBlock.trailingZeroBitCount
    for slot in slots where addresses[Int(slot) >> shift] == nil {
      addresses[Int(slot) >> shift] = UnsafeMutableRawPointer(blocks[Int(slot) >> shift].withMutablePointer { $0 })
    }
    return addresses
  }

  /// The place of a row in `rows`; nil if it was never touched.
  func slot(ofRow row: Int) -> Int? { slots[row] < 0 ? nil : Int(slots[row]) }

  /// The places of rows, made for those that have none.
  private mutating func slots(of touched: [Int32]) -> [Int32] {
    let known = rows.count
    var count = known
    let touchedSlots = [Int32](unsafeUninitializedCapacity: touched.count) { buffer, initializedCount in
      count = Int(findSlots(touched, touched.count, &slots, Int32(known), buffer.baseAddress!))
      initializedCount = touched.count
    }
    guard count > known else { return touchedSlots }
    for (row, slot) in zip(touched, touchedSlots) where slot >= known { rows.append(row) }
    touches.append(contentsOf: repeatElement(0, count: count - known))
    while blocks.count * rowsPerBlock < count {
      blocks.append(Tensor(repeating: initialValue, shape: [rowsPerBlock, width]))
    }
    return touchedSlots
  }
}

/// Rows that an update touches: for each its place in the state, and how often it was touched, this time included.
struct TouchedRows {
  let rows: [Int32]
  let slots: [Int32]
  let touches: [Int32]
  /// The number of rows that have state, these included.
  let rowCount: Int
}

extension [Int32] {
  /// Notes that rows are touched in a step, where this is the step in which each row was last touched. Returns how many
  /// steps each of them has missed since; a new row none.
  mutating func note(_ touched: TouchedRows, in step: Int) -> [Int] {
    extend(to: touched.rowCount, with: Int32(step - 1))
    return touched.slots.map { slot in
      defer { self[Int(slot)] = Int32(step) }
      return step - 1 - Int(self[Int(slot)])
    }
  }
}

extension Array {
  /// Appends a number for each row that is new.
  mutating func extend(to count: Int, with element: Element) {
    append(contentsOf: repeatElement(element, count: count - self.count))
  }
}

extension SliceGradRows {
  /// Calls the body with parts of the rows, perhaps at the same time.
  func share(columns: Int, _ body: (SliceGradRows) -> Void) {
    Threads.share(end - first, operations: 2 * columns) { range in
      var part = self
      part.first = first + range.lowerBound
      part.end = first + range.upperBound
      body(part)
    }
  }
}
