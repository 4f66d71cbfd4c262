import SliceGradKernels

/// Rows that an update touches: for each one its place in the state, and how often it was touched, including this time.
struct TouchedRows {
  let rows: [Int32]
  let slots: [Int32]
  let touches: [Int32]
  /// The number of rows that have state, including these.
  let rowCount: Int
}

extension [Int32] {
  /// Notes that rows are touched in a step, in a list of the steps in which rows were last touched. Returns how many
  /// steps each row has missed since then, and those that are new since another step.
  mutating func note(_ touched: TouchedRows, in step: Int, newSince start: Int? = nil) -> [Int] {
    let now = Int32(ofStep: step)
    extend(to: touched.rowCount, with: Int32(start ?? step - 1))
    return touched.slots.map { slot in
      defer { self[Int(slot)] = now }
      return step - 1 - Int(self[Int(slot)])
    }
  }
}

extension Int32 {
  /// The number of a step. Traps if it is too large for what is kept for each row.
  init(ofStep step: Int) {
    require(step <= Int32.max, "what rows have missed is counted up to update \(Int32.max), this is update \(step)")
    self = Int32(step)
  }
}

extension Array {
  /// Appends an element for each row that is new.
  mutating func extend(to count: Int, with element: Element) {
    append(contentsOf: repeatElement(element, count: count - self.count))
  }
}

extension SliceGradRows {
  /// The state of row i of a table.
  func state<Scalar>(_ i: Int) -> UnsafeMutablePointer<Scalar> {
    let slot = Int(slots![i])
    let block = blocks![slot >> slotShift]!.assumingMemoryBound(to: Scalar.self)
    return block + (slot & (1 << slotShift - 1)) * width
  }

  /// Calls the body with parts of the rows, possibly concurrently.
  func share(columns: Int, _ body: (SliceGradRows) -> Void) {
    Threads.forEachRange(of: end - first, operations: 2 * columns) { body(part(first + $0, first + $1)) }
  }

  /// The part with the rows, or elements, `first..<end`.
  func part(_ first: Int, _ end: Int) -> SliceGradRows {
    var part = self
    (part.first, part.end) = (first, end)
    return part
  }
}
