public import SliceGrad

/// The rows of a table as whole numbers of 8 or 4 bits, with a scale for each row.
///
///     let rows = QuantizedRows(Tensor([[0.5, -1, 0.25], [0, 0, 0]]), bits: 4)
///     print(rows.codes)  // [27, 138, 136, 136]
///     print(rows.tensor[0, 0], rows.tensor[0, 1])  // 0.43066406 -1.0048828
///
/// Element x of a row is stored as c = round(x / s), with the scale s = max |x| / (2ᵇ⁻¹ − 1), rounded up to a number of
/// the bfloat16 format, and read as c s. So it is off by s / 2 at most, give or take a Float's last bit; only where s
/// rounded up would give ∞, above 3.3 · 10³⁸, s is rounded down.
///
/// With 8 bits a byte is an Int8. With 4 bits it holds two numbers, each as c + 8, the first one in the lower half; a
/// row of an odd number of columns ends with half a byte of 8. The same table gives the same bytes on each processor.
public struct QuantizedRows: Sendable, Equatable {
  /// The number of bits of a number: 8 or 4.
  public let bits: Int
  /// The number of columns.
  public let columns: Int
  /// The numbers, `[rows, bytesInRow]`.
  public let codes: [UInt8]
  /// The scale of each row as the bits of a bfloat16, `[rows]`.
  public let scales: [UInt16]

  /// The rows of a table `[rows, columns]`. Traps unless its numbers are finite and there are 8 or 4 bits.
  ///
  /// - Complexity: O(n) for n numbers.
  public init(_ table: Tensor<Float>, bits: Int) {
    require(bits == 8 || bits == 4, "QuantizedRows: \(bits) bits, expected 8 or 4")
    require(table.rank == 2 && table.isFinite, "QuantizedRows: expected a matrix of finite numbers")
    let (rows, columns) = (table.shape[0], table.shape[1])
    var (codes, scales) = ([UInt8](), [UInt16]())
    codes.reserveCapacity(rows * Self.bytesInRow(columns: columns, bits: bits))
    scales.reserveCapacity(rows)
    table.withPointer { numbers in
      for row in 0..<rows {
        let row = UnsafeBufferPointer(start: numbers + row * columns, count: columns)
        scales.append(Self.append(row, bits: bits, to: &codes))
      }
    }
    (self.bits, self.columns, self.codes, self.scales) = (bits, columns, codes, scales)
  }

  /// The number of rows.
  public var rowCount: Int { scales.count }

  /// The number of bytes that the numbers of a row take, without its scale.
  public static func bytesInRow(columns: Int, bits: Int) -> Int { (columns * bits + 7) / 8 }

  /// The table as it is read, `[rows, columns]`.
  ///
  /// - Complexity: O(n) for n numbers.
  public var tensor: Tensor<Float> {
    let bytesInRow = Self.bytesInRow(columns: columns, bits: bits)
    return Tensor(shape: [rowCount, columns]) { out in
      codes.withUnsafeBytes { codes in
        for row in 0..<rowCount {
          let codes = UnsafeRawBufferPointer(rebasing: codes[row * bytesInRow..<(row + 1) * bytesInRow])
          Self.read(codes, scale: scales[row], bits: bits, columns: columns, into: out + row * columns)
        }
      }
    }
  }

  /// Reads the numbers of one row, `[columns]`, of its bytes and its scale.
  package static func read(
    _ codes: UnsafeRawBufferPointer, scale: UInt16, bits: Int, columns: Int, into out: UnsafeMutablePointer<Float>
  ) {
    let scale = Float(brainBits: scale)
    for column in 0..<columns {
      let code =
        bits == 8
        ? Int(Int8(bitPattern: codes[column]))
        : Int(codes[column / 2] >> (column % 2 == 0 ? 0 : 4) & 15) - 8
      out[column] = Float(code) * scale
    }
  }

  /// Appends the bytes of a row, and returns its scale.
  private static func append(_ row: UnsafeBufferPointer<Float>, bits: Int, to codes: inout [UInt8]) -> UInt16 {
    let largest = Float(1 << (bits - 1) - 1)
    let bound = row.reduce(0) { max($0, abs($1)) } / largest
    var scaleBits = UInt16((bound.bitPattern + 0xFFFF) >> 16)
    if (Float(brainBits: scaleBits) * largest).isInfinite { scaleBits -= 1 }
    let scale = Float(brainBits: scaleBits)
    func code(_ number: Float) -> Int {
      scale == 0 ? 0 : Int(min(max((number / scale).rounded(), -largest), largest))
    }
    if bits == 8 {
      for number in row { codes.append(UInt8(bitPattern: Int8(code(number)))) }
    } else {
      for first in stride(from: 0, to: row.count, by: 2) {
        let second = first + 1 < row.count ? code(row[first + 1]) : 0
        codes.append(UInt8(code(row[first]) + 8 | (second + 8) << 4))
      }
    }
    return scaleBits
  }
}
