import SliceGradKernels

/// The distinct rows of some look-ups, in the order of their first appearance. Negative row numbers are left out.
struct RowNumbering {
  /// The distinct rows.
  let rows: [Int32]
  /// For each position of each look-up, the place of its row in `rows`; −1 for those left out.
  let places: [[Int32]]

  /// The rows of look-ups, of which each is a list of row numbers.
  ///
  /// - Complexity: O(n) for n positions, with at most 4n numbers to find rows by: a hash table, or one for each row if
  ///   all row numbers are small.
  init(_ lookups: [[Int32]]) {
    let count = lookups.reduce(0) { $0 + $1.count }
    // `unsafeUninitializedCapacity: 0` would write to the empty array that all threads share.
    guard count > 0 else {
      (rows, places) = ([], lookups.map { _ in [] })
      return
    }
    let largest = lookups.reduce(0) { largest, rows in rows.reduce(largest) { max($0, $1) } }
    let hashed = Self.capacity(for: count)
    let capacity = largest < hashed ? nil : hashed
    var places: [[Int32]] = []
    rows = [Int32](unsafeUninitializedCapacity: count) { rows, rowCount in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: capacity ?? Int(largest) + 1) { scratch in
        scratch.initialize(repeating: -1)
        places = lookups.map { Self.places(of: $0, &rowCount, rows, scratch, capacity: capacity) }
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
  ///
  /// - Parameter capacity: that of the hash table `scratch`; nil if it has a number for each row.
  private static func places(
    of indices: [Int32], _ rowCount: inout Int, _ rows: UnsafeMutableBufferPointer<Int32>,
    _ scratch: UnsafeMutableBufferPointer<Int32>, capacity: Int?
  ) -> [Int32] {
    guard !indices.isEmpty, let rows = rows.baseAddress, let scratch = scratch.baseAddress else { return [] }
    return [Int32](unsafeUninitializedCapacity: indices.count) { places, placeCount in
      placeCount = indices.count
      rowCount =
        if let capacity {
          numberRows(indices, placeCount, rowCount, rows, places.baseAddress!, scratch, capacity)
        } else {
          numberRows(indices, placeCount, rowCount, rows, places.baseAddress!, scratch)
        }
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
