import SliceGradKernels

/// The distinct rows of some look-ups, in the order of their first appearance. Negative row numbers are left out.
struct RowNumbering {
  /// The distinct rows.
  let rows: [Int32]
  /// For each position of each look-up, the place of its row in `rows`; −1 for those left out.
  let places: [[Int32]]

  /// The rows of look-ups, of which each is a list of row numbers.
  ///
  /// - Complexity: O(n) for n positions, with a hash table of at most 4n numbers: nothing depends on how many rows the
  ///   table has.
  init(_ lookups: [[Int32]]) {
    let count = lookups.reduce(0) { $0 + $1.count }
    let capacity = Self.capacity(for: count)
    var places: [[Int32]] = []
    rows = [Int32](unsafeUninitializedCapacity: count) { rows, rowCount in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: capacity) { scratch in
        scratch.initialize(repeating: -1)
        places = lookups.map { Self.places(of: $0, &rowCount, rows, scratch) }
      }
    }
    self.places = places
  }

  /// How many numbers the hash table of so many positions has: a power of 2.
  static func capacity(for count: Int) -> Int {
    var capacity = 2
    while capacity < 2 * count { capacity *= 2 }
    return capacity
  }

  /// The places of a look-up's rows, of which those that are new are added to the first `rowCount`.
  private static func places(
    of indices: [Int32], _ rowCount: inout Int, _ rows: UnsafeMutableBufferPointer<Int32>,
    _ scratch: UnsafeMutableBufferPointer<Int32>
  ) -> [Int32] {
    guard !indices.isEmpty else { return [] }
    return [Int32](unsafeUninitializedCapacity: indices.count) { places, placeCount in
      placeCount = indices.count
      rowCount = numberRows(
        indices, placeCount, rowCount, rows.baseAddress!, places.baseAddress!, scratch.baseAddress!, scratch.count)
    }
  }
}

extension [Int32] {
  /// The distinct numbers among these, in the order of their first appearance, and the place of each among them.
  var distinct: (numbers: [Int32], places: [Int32]) {
    let numbering = RowNumbering([self])
    return (numbering.rows, numbering.places[0])
  }
}
