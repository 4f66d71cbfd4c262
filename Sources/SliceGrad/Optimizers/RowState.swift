import SliceGradKernels

/// What a rule remembers about the rows of a table that were ever touched, in blocks that are made when they are first
/// needed. A rule that puts changes off also has state for rows that caught up and were never touched.
///
/// Besides its blocks it takes 4 bytes per row of the table, to find a row's place, and 8 bytes per row with state.
/// Blocks never move.
public struct RowState<Scalar: TensorScalar>: Sendable {
  /// The number of scalars that are remembered for each row.
  public let width: Int

  /// The rows that have state, in the order in which they first got it.
  public private(set) var rows: [Int32] = []

  /// How often each of `rows` was touched: up to 2³¹ − 1, where counting ends.
  public private(set) var touches: [Int32] = []

  /// The place of each of the table's rows in `rows`; −1 for none.
  private var slots: [Int32]

  package let tableShape: Shape
  private let initialValue: Scalar
  private let rowsPerBlock: Int
  private var blocks: [Tensor<Scalar>] = []

  /// A state without rows yet, for a table of shape `[v, d]`. It will have `width` scalars per row, which all start as
  /// `initialValue`.
  public init(tableShape: Shape, width: Int, initialValue: Scalar = 0) {
    require(tableShape.rank == 2, "RowState: shape \(tableShape) is not [v, d]")
    require((0...Int(Int32.max)).contains(width), "RowState: width \(width) is not in 0...\(Int32.max)")
    self.tableShape = tableShape
    self.width = width
    self.initialValue = initialValue
    let tableRows = tableShape[0]
    slots = [Int32](repeating: -1, count: tableRows)
    // A power of 2, so that a slot's block and its place there are a shift and a mask: at most 2¹⁸ scalars, 1 MiB of
    // Float. If there may be much state, at least 2²⁰, for which there are huge pages: small ones make each row wait.
    let isLarge = tableRows * width >= 1 << 24
    var rowsPerBlock = 1
    while rowsPerBlock < tableRows, isLarge ? rowsPerBlock * width < 1 << 20 : 2 * rowsPerBlock * width <= 1 << 18 {
      rowsPerBlock *= 2
    }
    self.rowsPerBlock = rowsPerBlock
  }

  /// The number of bytes that the state takes.
  public var byteCount: Int {
    blocks.count * rowsPerBlock * width * MemoryLayout<Scalar>.stride
      + (rows.capacity + touches.capacity + slots.capacity) * MemoryLayout<Int32>.stride
  }

  /// How often a row was touched: the number of updates in which it had a gradient.
  public func touches(ofRow row: Int) -> Int { slot(ofRow: row).map { Int(touches[$0]) } ?? 0 }

  /// The `width` scalars of a row, nil if it has none yet.
  public subscript(row row: Int) -> ArraySlice<Scalar>? {
    guard let slot = slot(ofRow: row) else { return nil }
    let start = slot % rowsPerBlock * width
    return ArraySlice(blocks[slot / rowsPerBlock].elements[start..<start + width])
  }

  /// The state of `rows`, in pieces: one after another they make up `[rows, width]`.
  package var pieces: [Tensor<Scalar>.Elements] {
    blocks.enumerated().map { number, block in
      block.elements.prefix(min(rowsPerBlock, rows.count - number * rowsPerBlock) * width)
    }
  }

  /// The state of `rows`, `[rows, width]`.
  package var values: Tensor<Scalar> {
    Tensor(shape: [rows.count, width]) { values in
      var next = values
      for piece in pieces {
        piece.withContiguousStorageIfAvailable { next.initialize(from: $0.baseAddress!, count: $0.count) }
        next += piece.count
      }
    }
  }

  /// The state of some of `rows`, given by their places there: `[places, width]`.
  package func values(at places: ArraySlice<Int>) -> [Scalar] {
    [Scalar](unsafeUninitializedCapacity: places.count * width) { values, count in
      for place in places {
        blocks[place / rowsPerBlock].withUnsafeBufferPointer { block in
          let first = place % rowsPerBlock * width
          let state = UnsafeBufferPointer(rebasing: block[first..<first + width])
          _ = UnsafeMutableBufferPointer(rebasing: values[count..<count + width]).initialize(fromContentsOf: state)
        }
        count += width
      }
    }
  }

  /// Replaces all state by that of other rows, given by their row numbers `[n]`, how often they were touched `[n]`, and
  /// their state `[n, width]`.
  ///
  /// - Returns: what is wrong with them, or nil. In that case nothing changes.
  package mutating func restore(rows: [Int32], touches: [Int32], values: Tensor<Scalar>) -> String? {
    require(
      touches.count == rows.count && values.shape == [rows.count, width],
      "RowState: \(rows.count) rows, \(touches.count) counts and values of shape \(values.shape)")
    if let problem = rows.problem(tableRows: slots.count) { return problem }
    if let count = touches.first(where: { $0 < 0 }) { return "a row that was touched \(count) times" }
    var restored = RowState(tableShape: tableShape, width: width, initialValue: initialValue)
    let slots = restored.makeState(of: rows)
    guard restored.rows.count == rows.count else { return "a row that is there twice" }
    restored.touches = touches
    let touched = TouchedRows(rows: rows, slots: slots, touches: touches, rowCount: rows.count)
    values.withPointer { values in
      restored.withState(of: touched) { rows in
        for i in 0..<rows.end { rows.state(i).update(from: values + i * width, count: width) }
      }
    }
    self = restored
    return nil
  }

  /// This state, without rows yet, with the rows of an older one, of a table with as many rows or fewer; nil if that
  /// one is for other rows. Large states share their blocks until one of them changes.
  func continuing(_ older: RowState, for growth: TableGrowth) -> RowState? {
    guard tableShape == growth.new, older.tableShape == growth.old, width == older.width else { return nil }
    var state = self
    if rowsPerBlock == older.rowsPerBlock && initialValue == older.initialValue {
      (state.rows, state.touches, state.blocks) = (older.rows, older.touches, older.blocks)
      state.slots.replaceSubrange(..<older.slots.count, with: older.slots)
    } else {
      if let problem = state.restore(rows: older.rows, touches: older.touches, values: older.values) { trap(problem) }
    }
    return state
  }

  /// Updates the rows of a table that have a gradient, for rules of your own: calls the body with each row, its
  /// gradient and its state. New rows get their state first. Repeated rows are merged; several rows may be updated
  /// concurrently.
  ///
  ///     let slices = IndexedSlices<Float>(indices: [2], values: Tensor([[10, 20]]), denseShape: [4, 2])
  ///     var table = Tensor<Float>(ones: [4, 2])
  ///     var momentum = RowState<Float>(tableShape: [4, 2], width: 2)
  ///     momentum.update(slices, of: &table) { row, gradient, momentum in
  ///       for i in row.indices {
  ///         momentum[i] = 0.9 * momentum[i] + gradient[i]
  ///         row[i] -= 0.1 * momentum[i]
  ///       }
  ///     }
  ///     print(table.elements)  // [1.0, 1.0, 1.0, 1.0, 0.0, -1.0, 1.0, 1.0]
  ///
  /// Traps if the state or the gradient is for a table of another shape.
  ///
  /// - Complexity: O(n (d + `width`)) for n rows, however many the table has, besides what the body does.
  public mutating func update(
    _ gradient: IndexedSlices<Scalar>, of table: inout Tensor<Scalar>,
    _ body:
      @Sendable (
        _ row: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
        _ state: UnsafeMutableBufferPointer<Scalar>
      ) -> Void
  ) {
    let width = width
    apply(gradient, to: &table) { table, g, rows, d in
      for i in rows.first..<rows.end {
        body(
          UnsafeMutableBufferPointer(start: table + Int(rows.rows![i]) * d, count: d),
          UnsafeBufferPointer(start: g + i * d, count: d),
          UnsafeMutableBufferPointer(start: rows.state(i), count: width))
      }
    }
  }

  /// Touches the rows of a table that have a gradient, and calls the kernel with parts of them, possibly concurrently.
  mutating func apply(
    _ gradient: IndexedSlices<Scalar>, to table: inout Tensor<Scalar>, _ kernel: UpdateKernel<Scalar>
  ) {
    check(table.shape)
    gradient.withRows(of: &table) { table, g, indices in
      let columns = gradient.denseShape[1]
      withState(of: touch(indices)) { $0.share(columns: columns) { kernel(table, g, $0, columns) } }
    }
  }

  /// Traps unless this is the state of a table of this shape.
  func check(_ shape: Shape) {
    require(tableShape == shape, "a rule's state of a table of shape \(tableShape) for a table of shape \(shape)")
  }

  /// Makes state for new rows, and counts one more touch of every row.
  ///
  /// - Parameter touched: row numbers without repeats.
  mutating func touch(_ touched: [Int32]) -> TouchedRows {
    let slots = makeState(of: touched)
    let counts = [Int32](unsafeUninitializedCapacity: touched.count) { counts, initializedCount in
      initializedCount = touched.count
      touches.withUnsafeMutableBufferPointer { touches in
        Threads.forEachRange(of: touched.count, operations: Self.readingOperations) {
          if $0 < $1 { countTouches(slots, touches.baseAddress!, counts.baseAddress!, $0, $1) }
        }
      }
    }
    return TouchedRows(rows: touched, slots: slots, touches: counts, rowCount: rows.count)
  }

  /// What one number costs that lies somewhere in a list too long for the caches, in cheap operations.
  private static var readingOperations: Int { 8 }

  /// Makes state for those of some rows that have none, untouched so far. Returns the rows' places.
  mutating func makeState(of wanted: [Int32]) -> [Int32] {
    var slots = [Int32](unsafeUninitializedCapacity: wanted.count) { found, foundCount in
      foundCount = wanted.count
      Threads.forEachRange(of: wanted.count, operations: Self.readingOperations) {
        if $0 < $1 { findSlots(wanted, self.slots, found.baseAddress!, $0, $1) }
      }
    }
    guard let first = slots.firstIndex(where: { $0 < 0 }) else { return slots }
    for i in first..<slots.count where slots[i] < 0 {
      let row = Int(wanted[i])
      if self.slots[row] < 0 {
        self.slots[row] = Int32(rows.count)
        rows.append(wanted[i])
      }
      slots[i] = self.slots[row]
    }
    touches.extend(to: rows.count, with: 0)
    while blocks.count * rowsPerBlock < rows.count {
      blocks.append(Tensor(repeating: initialValue, shape: [rowsPerBlock, width]))
    }
    return slots
  }

  /// The rows that have state and were last up to date before a step: each once, among some rows or all. The step is
  /// noted for them in `lastSteps`, one number for each of `rows`.
  ///
  /// - Returns: the rows with their places, and what was noted before.
  func takeRowsBehind(
    among wanted: [Int32]?, in step: Int, _ lastSteps: inout [Int32]
  ) -> (behind: TouchedRows, lastSteps: [Int32]) {
    let (rows, now) = (wanted ?? self.rows, Int32(ofStep: step))
    var (behind, slots, before) = (rows, rows, rows)  // room for all of them
    func take(_ slotOfRow: UnsafePointer<Int32>?) -> Int {
      SliceGradKernels.takeRowsBehind(rows, rows.count, slotOfRow, &lastSteps, now, &behind, &slots, &before)
    }
    let count = rows.isEmpty ? 0 : wanted == nil ? take(nil) : take(self.slots)
    behind.removeLast(rows.count - count)
    slots.removeLast(rows.count - count)
    before.removeLast(rows.count - count)
    return (TouchedRows(rows: behind, slots: slots, touches: [], rowCount: self.rows.count), before)
  }

  /// Calls the body with the places of the state of some rows, of which there is at least one.
  mutating func withState(of touched: TouchedRows, _ body: (SliceGradRows) -> Void) {
    func pass(
      _ rows: UnsafePointer<Int32>, _ slots: UnsafePointer<Int32>, _ touches: UnsafePointer<Int32>,
      _ blocks: UnsafePointer<UnsafeMutableRawPointer?>
    ) {
      body(
        SliceGradRows(
          rows: rows, slots: slots, touches: touches, blocks: blocks, slotShift: slotShift, width: width, first: 0,
          end: touched.rows.count))
    }
    pass(touched.rows, touched.slots, touched.touches, addresses(ofBlocksOf: touched.slots))
  }

  private var slotShift: Int { rowsPerBlock.trailingZeroBitCount }

  /// The addresses of the blocks that hold the state of some slots; nil for other blocks, which may be shared with a
  /// copy. The addresses are valid as long as nothing else changes the blocks.
  private mutating func addresses(ofBlocksOf slots: [Int32]) -> [UnsafeMutableRawPointer?] {
    var addresses = [UnsafeMutableRawPointer?](repeating: nil, count: blocks.count)
    let shift = slotShift
    var missing = blocks.count
    for block in slots.lazy.map({ Int($0) >> shift }) where addresses[block] == nil {
      addresses[block] = UnsafeMutableRawPointer(blocks[block].withMutablePointer { $0 })
      missing -= 1
      if missing == 0 { break }
    }
    return addresses
  }

  /// The place of a row in `rows`; nil if it has no state.
  func slot(ofRow row: Int) -> Int? {
    require(slots.indices.contains(row), "RowState: row \(row) is not in 0..<\(slots.count)")
    return slots[row] < 0 ? nil : Int(slots[row])
  }
}
