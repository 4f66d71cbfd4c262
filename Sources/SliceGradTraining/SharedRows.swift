package import SliceGrad

/// A tensor of a file by rows of a table that several processes share: those rows that are here. `SafetensorsWriter`
/// takes it, and `Communicator` brings the rows of all together.
package struct SharedRows: Sendable {
  package let name: String
  package let dtype: SafetensorsType
  /// Of the rows here. All together have the same shape, but for the number of rows.
  package let ownShape: [Int]
  package let sharing: RowSharing
  /// Where among the table's rows here are those that have numbers, rising; nil if all have.
  package let places: [Int32]?
  /// Calls the body with the numbers of some rows, given by their positions in `places`.
  package let withBytes: @Sendable (_ rows: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// All rows of a table, or of a state that has as many: `[rows here, …]`.
  package init<Scalar: TensorScalar>(_ name: String, _ rows: Tensor<Scalar>, _ sharing: RowSharing) {
    (self.name, dtype, ownShape, self.sharing, places) = (name, .of(Scalar.self), Array(rows.shape), sharing, nil)
    withBytes = { range, body in
      let width = rows.shape.elementCount(of: 1..<rows.rank)
      try rows.withUnsafeBufferPointer { elements in
        let part = elements[range.lowerBound * width..<range.upperBound * width]
        try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: part)))
      }
    }
  }

  /// Numbers of some rows, given by their places among the table's rows here, rising.
  package init<Number: BitwiseCopyable>(
    _ name: String, ofRowsAt places: [Int32], _ sharing: RowSharing, _ dtype: SafetensorsType, width: Int? = nil,
    _ numbers: @escaping @Sendable (Range<Int>) -> [Number]
  ) {
    (self.name, self.dtype, self.sharing, self.places) = (name, dtype, sharing, places)
    ownShape = [places.count] + (width.map { [$0] } ?? [])
    withBytes = { try numbers($0).withUnsafeBytes($1) }
  }
}
