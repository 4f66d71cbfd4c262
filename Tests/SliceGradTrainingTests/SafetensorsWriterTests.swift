import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

@Suite struct SafetensorsWriterTests {
  /// The bytes of the file that is written.
  private func bytes(_ writer: SafetensorsWriter) throws -> [UInt8] {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "file")
      try writer.write(to: url)
      return Array(try Data(contentsOf: url))
    }
  }

  @Test func everyByte() throws {
    var writer = SafetensorsWriter(metadata: ["z": "\"\\/\n\u{1}", "a": "ä"])
    writer.add("int", [1, -1] as [Int32])
    writer.add("ä", Tensor<Float>([[1, -0.0]]))
    writer.add("long", [-2] as [Int])
    writer.add("scalar", Tensor<Double>(1))
    let header =
      #"{"__metadata__":{"SliceGrad checksum":"8673890123669206285","a":"ä","z":"\"\\/\n\u0001"},"#
      + #""long":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"#
      + #""scalar":{"dtype":"F64","shape":[],"data_offsets":[8,16]},"#
      + #""int":{"dtype":"I32","shape":[2],"data_offsets":[16,24]},"#
      + #""ä":{"dtype":"F32","shape":[1,2],"data_offsets":[24,32]}}"#
    let padding = String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let data: [UInt8] =
      [0xFE] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
      + [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + [0, 0, 0x80, 0x3F, 0, 0, 0, 0x80]
    #expect(try bytes(writer) == safetensors(header + padding) + data)
    #expect(try open(bytes(writer)).metadata == writer.metadata)
  }

  @Test func dataIsAligned() throws {
    for length in 0..<20 {
      let bytes = try bytes(SafetensorsWriter(metadata: ["a": String(repeating: "x", count: length)]))
      #expect(bytes.count % 8 == 0)
    }
    #expect(try open(bytes(SafetensorsWriter())).metadata == [:])
  }

  @Test func roundTrip() throws {
    var generator = RandomGenerator(seed: 1)
    let (float, double) = (
      Tensor<Float>(normal: [7, 3], using: &generator), Tensor<Double>(normal: [2, 0, 1], using: &generator)
    )
    var writer = SafetensorsWriter()
    writer.add("float", float)
    writer.add("double", double)
    writer.add("numbers", [0.1, .pi])
    writer.add("ints", [Int.min, .max])
    writer.add("int32s", [Int32]())
    let file = try open(bytes(writer))
    #expect(try file.tensor("float") == float)
    #expect(try file.tensor("double") == double)
    #expect(try file.tensor("numbers") == Tensor([0.1, .pi]))
    #expect(try file.integers("ints") == [Int.min, .max])
    #expect(try file.integers("int32s", shape: [0]) == [Int32]())
  }

  /// Blocks of rows, the last of which is used in part; bytes, and what is not in memory at all.
  @Test func pieces() throws {
    let blocks = [Tensor<Float>([[1, 2], [3, 4]]), Tensor([[5, 6], [7, 8]])]
    var writer = SafetensorsWriter()
    writer.add("slices", dtype: .f32, shape: [3, 2], pieces: [blocks[0].elements[0..<4], blocks[1].elements[0..<2]])
    writer.add("whole", dtype: .f32, shape: [4, 2], pieces: blocks.map(\.elements))
    writer.add("data", dtype: .bf16, shape: [2], pieces: [Data([0x80, 0x3F, 9])[..<2], Data([0, 0])])
    writer.add("repeated", dtype: .u8, shape: [4], pieces: [repeatElement(3 as UInt8, count: 4)])
    writer.add("none", dtype: .u8, shape: [0], pieces: [[UInt8]]())
    let file = try open(bytes(writer))
    #expect(try file.tensor("slices") == Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
    #expect(try file.tensor("whole") == Tensor<Float>([[1, 2], [3, 4], [5, 6], [7, 8]]))
    #expect(try file.tensor("data") == Tensor<Float>([1, 0]))
    #expect(try Array(file.bytes(of: "repeated")) == [3, 3, 3, 3])
    #expect(try file.bytes(of: "none").isEmpty)
  }

  /// Bytes that come while the file is written give the file of those that are there before, with any pieces.
  @Test func sharedRows() throws {
    let numbers = (0..<3000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var (whole, later) = (SafetensorsWriter(metadata: ["a": "b"]), SafetensorsWriter(metadata: ["a": "b"]))
    whole.add("none", dtype: .f32, shape: [0, 5], pieces: [[UInt8]]())
    whole.add("bytes", dtype: .u8, shape: [3000], pieces: [numbers])
    let sharing = RowSharing(rowCount: 4000, classCount: 4, classes: 1..<2)
    whole.add("ints", [1, 2] as [Int32])
    later.add(SharedRows("none", Tensor<Float>(zeros: [0, 5]), sharing))
    later.add(SharedRows("bytes", ofRowsAt: [3, 8], sharing, .u8) { $0.map { UInt8($0) } })
    later.add("ints", [1, 2] as [Int32])
    #expect(later.sharedRows.map(\.name) == ["none", "bytes"] && later.sharedRows.map(\.ownShape) == [[0, 5], [2]])
    for checksumsBlocks in [false, true] {
      (whole.checksumsBlocks, later.checksumsBlocks) = (checksumsBlocks, checksumsBlocks)
      let expected = try bytes(whole)
      try withTemporaryFile("older") { path in
        let url = URL(filePath: path)
        let error = #expect(throws: CheckpointError.self) {
          try later.write(to: url, rowCounts: [0, 3000]) { name, offset throws(CheckpointError) in
            if offset > 2000 { throw CheckpointError(path: "p", tensor: name, found: "nobody", expected: "someone") }
            return Array(numbers[offset..<min(offset + 700, 3000)])
          }
        }
        #expect(error?.found == "nobody")
        #expect(try String(contentsOf: url, encoding: .utf8) == "older")
        try later.write(to: url, rowCounts: [0, 3000]) { name, offset in
          #expect(name == "bytes")
          return Array(numbers[offset..<min(offset + (offset == 700 ? 300 : 700), 3000)])
        }
        #expect(try Array(Data(contentsOf: url)) == expected)
      }
    }
  }

  @Test func namesThatDifferInTheirScalarsOnly() throws {
    var writer = SafetensorsWriter()
    writer.add("\u{E9}", [1] as [Int32])
    writer.add("e\u{301}", [2] as [Int32])
    let file = try open(bytes(writer))
    #expect(try ["\u{E9}", "e\u{301}"].map { try file.integers($0) } == [[1], [2]] as [[Int32]])
  }

  /// A header over 100 MB is refused before anything is written.
  @Test func headersThatAreTooLong() throws {
    try withTemporaryFile("old") { path in
      let writer = SafetensorsWriter(metadata: ["notes": String(repeating: "x", count: 100_000_001)])
      let error = #expect(throws: CheckpointError.self) { try writer.write(to: URL(filePath: path)) }
      #expect(error?.found.hasPrefix("a header of 100000") == true)
      #expect(error?.expected == "names and metadata of at most 100000000 bytes")
      #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
    }
  }

  @Test func whatCannotBeWrittenIsFoundBefore() throws {
    try withTemporaryDirectory { directory in
      try SafetensorsWriter.check(directory.appending(path: "file"))
      #expect(try directory.fileNames() == [])
      expectError("found a directory, expected a file to write") {
        try SafetensorsWriter.check(directory)
      }
      expectError("found a device, a pipe or a socket, expected a file to write") {
        try SafetensorsWriter.check(URL(filePath: "/dev/null"))
      }
    }
  }

  @Test("errors name a path as it was given")
  func namedPaths() {
    func path(_ url: URL) -> String? {
      let error = #expect(throws: CheckpointError.self) { try SafetensorsWriter.check(url) }
      return error?.path
    }
    #expect(path(URL(filePath: "no/such/file")) == "no/such/file")
    #expect(path(URL(filePath: "/no/such/file")) == "/no/such/file")
    #expect(path(URL(filePath: "such/file", relativeTo: URL(filePath: "/no/"))) == "/no/such/file")
  }

  /// What is written is what was added.
  @Test func laterChangesAreNotWritten() throws {
    var tensor = Tensor<Float>([1, 2])
    var writer = SafetensorsWriter()
    writer.add("x", tensor)
    tensor[0] = 9
    #expect(try open(bytes(writer)).tensor("x") == Tensor<Float>([1, 2]))
  }

  @Test func traps() async {
    let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var writer = SafetensorsWriter()
      writer.add("x", [1])
      writer.add("x", [0.5])
    }
    #expect(twice?.standardErrorContent.trapMessage == "SafetensorsWriter: two tensors are named x")
    let metadata = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var writer = SafetensorsWriter()
      writer.add("__metadata__", [1])
    }
    #expect(metadata?.standardErrorContent.trapMessage == "SafetensorsWriter: no tensor can be named __metadata__")
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var writer = SafetensorsWriter()
      writer.add("x", dtype: .f32, shape: [2, 2], pieces: [[1, 2], [3]] as [[Float]])
    }
    #expect(
      size?.standardErrorContent.trapMessage == "SafetensorsWriter: x of F32, shape [2, 2], has pieces of 12 bytes")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var writer = SafetensorsWriter()
      writer.add("x", dtype: .f32, shape: [-2, -2], pieces: [[1, 2, 3, 4]] as [[Float]])
    }
    #expect(
      negative?.standardErrorContent.trapMessage
        == "SafetensorsWriter: x of F32, shape [-2, -2], has pieces of 16 bytes")
    let counts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var writer = SafetensorsWriter()
      writer.add("x", [1])
      try writer.write(to: URL(filePath: "/dev/null"), rowCounts: [1]) { _, _ in [] }
    }
    #expect(
      counts?.standardErrorContent.trapMessage
        == "SafetensorsWriter: row counts for 1 tensors, but 0 are shared")
  }
}
