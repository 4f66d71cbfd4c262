import SliceGrad
import SliceGradFiles

@testable import SliceGradText

/// The lines of a file are those of its bytes as a whole, wherever a chunk of the file ends among them.
@Sendable func fuzzLines(_ bytes: [UInt8]) {
  var fuzzer = FuzzerBytes(bytes)
  // A first line that fills all but the last bytes of the first chunk, of 256 KiB, now and then.
  let filler = fuzzer.byte()
  let text = Array(fuzzer.remaining())
  let before = filler < 32 ? [UInt8](repeating: UInt8(ascii: "x"), count: (1 << 18) - filler) : []
  let path = file("lines", before + text)

  var (lines, numbers): ([[UInt8]], [Int]) = ([], [])
  let isRead = isAccepted { () throws(DataError) in
    try FileLines(path: path, contents: "text").visit { line, number in
      lines.append(Array(line))
      numbers.append(number)
    }
  }
  require(isRead, "the file can't be read")
  require(numbers == Array(1..<lines.count + 1), "lines \(numbers)")
  require(lines == plainLines(before + text), "other lines: \(lines.map(\.count))")
}

/// Lines end in CRLF, LF or CR; after the last end there is a line only if it isn't empty.
private func plainLines(_ bytes: [UInt8]) -> [[UInt8]] {
  var (lines, line): ([[UInt8]], [UInt8]) = ([], [])
  for (i, byte) in bytes.enumerated() {
    if byte == 10, i > 0, bytes[i - 1] == 13 { continue }
    if byte == 10 || byte == 13 {
      lines.append(line)
      line = []
    } else {
      line.append(byte)
    }
  }
  lines = (lines + [line]).map { line in
    var line = line
    while line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    return line
  }
  return lines.last == [] ? Array(lines.dropLast()) : lines
}
