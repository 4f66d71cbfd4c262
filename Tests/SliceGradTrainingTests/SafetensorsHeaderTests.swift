import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

/// Every way in which a file can be wrong, and the words that say so.
@Suite struct SafetensorsHeaderTests {
  /// A header with these members, and 8 bytes of data.
  private func refuses(_ members: String, _ words: String, sourceLocation: SourceLocation = #_sourceLocation) {
    expectError(words, sourceLocation: sourceLocation) { try open(safetensors("{\(members)}", dataByteCount: 8)) }
  }

  @Test func accepted() throws {
    let file = try open(
      safetensors(
        #"{"c":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}, "empty":{"data_offsets":[4,4],"shape":[0,9],"dtype":"F64"},"#
          + "\"__metadata__\":{\"a\":\"b:\\\"\"},\n\t\"ä\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}  ",
        dataByteCount: 8))
    #expect(file.metadata == ["a": "b:\""])
    #expect(
      file.entries == [
        SafetensorsEntry(name: "ä", dtype: .bf16, shape: [2], byteRange: 0..<4),
        SafetensorsEntry(name: "empty", dtype: .f64, shape: [0, 9], byteRange: 4..<4),
        SafetensorsEntry(name: "c", dtype: .f32, shape: [1], byteRange: 4..<8),
      ])
    #expect(try open(safetensors("{}")).entries.isEmpty)
    #expect(try open(safetensors(#"{"__metadata__":null}"#)).metadata.isEmpty)
  }

  @Test(arguments: SafetensorsType.allCases) func everyType(dtype: SafetensorsType) throws {
    let header = #"{"x":{"dtype":"\#(dtype.rawValue)","shape":[8],"data_offsets":[0,\#(dtype.bitCount)]}}"#
    let file = try open(safetensors(header, dataByteCount: dtype.bitCount))
    #expect(file["x"]?.dtype == dtype)
    #expect(try file.bytes(of: "x").count == dtype.bitCount)
  }

  @Test func lengths() {
    expectError("found 0 bytes, expected a safetensors file, of 8 bytes or more") { try open([]) }
    expectError("found 7 bytes, expected a safetensors file, of 8 bytes or more") { try open([2, 0, 0, 0, 0, 0, 0]) }
    expectError("found a header that doesn't begin with {, expected a JSON object") { try open(safetensors("")) }
    expectError("found 2 bytes after the header's length, expected 3 or more") {
      try open([3, 0, 0, 0, 0, 0, 0, 0] + "{}".utf8)
    }
    expectError("found 2 bytes after the header's length, expected 100000000 or more") {
      try open([0, 0xE1, 0xF5, 0x05, 0, 0, 0, 0] + "{}".utf8)
    }
    let another = "found another kind of file: its header would have"
    let expected = "expected a safetensors file, whose header has at most 100000000"
    expectError("\(another) 100000001 bytes, \(expected)") {
      try open([1, 0xE1, 0xF5, 0x05, 0, 0, 0, 0] + "{}".utf8)
    }
    expectError("\(another) 18446744073709551615 bytes, \(expected)") {
      try open([UInt8](repeating: 255, count: 8) + "{}".utf8)
    }
  }

  @Test(arguments: ["{", "{}}", "{} {}", "{\"a}", "{\"a\"}", "{\"a\":}", "{]", #"{"a":[1 2]}"#, #"{"\ud800":{}}"#])
  func notJSON(header: String) {
    expectError("found a header that is not JSON, expected a JSON object of tensors") { try open(safetensors(header)) }
  }

  @Test(arguments: ["[]", " {}", "\u{FEFF}{}", "1"]) func notAnObject(header: String) {
    expectError("found a header that doesn't begin with {, expected a JSON object") { try open(safetensors(header)) }
  }

  @Test func notUnicode() {
    var bytes = safetensors(#"{"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#)
    bytes[bytes.firstIndex(of: UInt8(ascii: "x"))!] = 0xFF
    expectError("found a header that is not JSON, expected a JSON object of tensors") { try open(bytes) }
  }

  /// Refused, rather than that a recursion overflows the stack.
  @Test(arguments: ["[", "{\"a\":"]) func nestedTooDeep(opening: String) {
    expectError("found a header that is not JSON, expected a JSON object of tensors") {
      try open(safetensors("{\"x\":" + String(repeating: opening, count: 1_000_000)))
    }
  }

  @Test(arguments: ["-1", "1.0", "1e0", "-0", "true", "null", "\"1\"", "{}", "9223372036854775808"])
  func otherNumbers(number: String) {
    refuses(
      #""x":{"dtype":"U8","shape":[\#(number),8],"data_offsets":[0,8]}"#,
      "tensor “x”: found a shape that is no list of dimensions, expected one such as [2, 3]")
  }

  @Test func keys() {
    let expected = "expected dtype, shape and data_offsets"
    refuses(#""x":{}"#, "tensor “x”: found no keys, \(expected)")
    refuses(#""x":8"#, "tensor “x”: found no keys, \(expected)")
    refuses(
      #""x":{"dtype":"U8","shape":[8]}"#, "tensor “x”: found the keys “dtype”, “shape”, \(expected)")
    refuses(
      #""x":{"dtype":"U8","shape":[8],"a":1}"#, "tensor “x”: found the keys “a”, “dtype”, “shape”, \(expected)")
  }

  /// Python's library ignores them as well.
  @Test(arguments: [#""a""#, "-1.5e-3", "null", "true", #"{"b":[{"c":[]}],"b":2}"#, "[[]]", #""\u00e9\"""#])
  func furtherKeys(value: String) throws {
    let header = #"{"x":{"a":\#(value),"dtype":"U8","shape":[8],"b":\#(value),"data_offsets":[0,8],"a":0}}"#
    let file = try open(safetensors(header, dataByteCount: 8))
    #expect(file.entries == [SafetensorsEntry(name: "x", dtype: .u8, shape: [8], byteRange: 0..<8)])
  }

  /// “é” of one Unicode scalar and of two are different names, though Swift's strings are equal.
  @Test func namesThatDifferInTheirScalarsOnly() throws {
    let names = ["\u{E9}", "e\u{301}"]
    let file = try open(
      safetensors(
        #"{"__metadata__":{"\#(names[0])":"1","\#(names[1])":"2"},"#
          + #""\#(names[0])":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"#
          + #""\#(names[1])":{"dtype":"I8","shape":[5],"data_offsets":[3,8]}}"#, dataByteCount: 8))
    #expect(file.entries.map { Array($0.name.utf8) } == names.map { Array($0.utf8) })
    #expect(names.map { file[$0]?.dtype } == [.u8, .i8])
    #expect(file.metadata == [names[0]: "1"])
  }

  /// Names and keys in numbers that need a time in which nothing is quadratic; and a shape that no line can hold.
  @Test(.timeLimit(.minutes(1))) func longHeaders() throws {
    let entry = #":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#
    let entries = (0..<30_000).map { #""tensor \#($0)"\#(entry)"# }.joined(separator: ",")
    let metadata = (0..<50_000).map { #""key \#($0)":"""# }.joined(separator: ",")
    let file = try open(safetensors("{\(entries),\"__metadata__\":{\(metadata)}}"))
    #expect(file.entries.count == 30_000 && file.metadata.count == 50_000)

    let zeros = String(repeating: "0,", count: 100_000)
    let long = try open(safetensors(#"{"x":{"dtype":"F32","shape":[\#(zeros)0],"data_offsets":[0,0]}}"#))
    let brief = "[" + String(repeating: "0, ", count: 16) + "…]"
    expectError("tensor “x”: found shape \(brief), expected at most 8 dimensions, each at most 2147483647") {
      try long.tensor("x", as: Float.self)
    }
    expectError("tensor “x”: found shape \(brief), expected [3]") { try long.tensor("x", shape: [3], as: Float.self) }
    refuses(
      #""x":{"dtype":"F32","shape":[\#(zeros)0],"data_offsets":[0,8]}"#,
      "tensor “x”: found 8 bytes for shape \(brief) of F32, expected 0")
    refuses(
      #""x":{"dtype":"F32","shape":[2],"data_offsets":[\#(zeros)0]}"#,
      "tensor “x”: found data_offsets \(brief), expected [begin, end]")
  }

  @Test(arguments: [
    #""x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}"#,
    #""x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"\u0078":{"dtype":"I8","shape":[8],"data_offsets":[0,8]}"#,
    #""x":{"dtype":"U8","shape":[8],"shape":[8],"data_offsets":[0,8]}"#,
    #""__metadata__":{"a":"b","a":"c"},"x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}"#,
    #""__metadata__":{},"__metadata__":{},"x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}"#,
  ])
  func duplicates(members: String) {
    refuses(members, "found a header with a name or key that stands twice, expected different names")
  }

  @Test(arguments: [#"{"a":1}"#, "[]", "\"a\"", #"{"a":{"b":"c"}}"#]) func metadata(metadata: String) {
    refuses(
      "\"__metadata__\":\(metadata)",
      "found __metadata__ of other things than strings, expected an object of strings")
  }

  @Test func types() {
    refuses(
      #""x":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}"#,
      "tensor “x”: found dtype “F33”, expected one such as “F32”")
    refuses(
      #""x":{"dtype":32,"shape":[2],"data_offsets":[0,8]}"#,
      "tensor “x”: found dtype that is no string, expected one such as “F32”")
  }

  @Test(arguments: ["2", "\"2\"", "[[2]]", "[\"2\"]", "[18446744073709551615]"]) func shapes(shape: String) {
    refuses(
      #""x":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,8]}"#,
      "tensor “x”: found a shape that is no list of dimensions, expected one such as [2, 3]")
  }

  @Test(arguments: ["[4294967296, 4294967296]", "[4294967296, 4294967296, 0]", "[9223372036854775807, 2]"])
  func overflows(shape: String) {
    refuses(
      #""x":{"dtype":"U8","shape":\#(shape),"data_offsets":[0,0]}"#,
      "tensor “x”: found shape \(shape) of U8, expected a number of bytes that can be counted")
  }

  @Test(arguments: [
    ("8", "that are no list of numbers"), ("[8]", "[8]"), ("[0,4,8]", "[0, 4, 8]"), ("[8,0]", "[8, 0]"),
    ("[0,18446744073709551615]", "that are no list of numbers"),
  ])
  func offsets(offsets: String, words: String) {
    refuses(
      #""x":{"dtype":"F32","shape":[2],"data_offsets":\#(offsets)}"#,
      "tensor “x”: found data_offsets \(words), expected [begin, end]")
  }

  @Test func sizes() {
    refuses(
      #""x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}"#,
      "tensor “x”: found 8 bytes for shape [3] of F32, expected 12")
    refuses(
      #""x":{"dtype":"F32","shape":[],"data_offsets":[0,9223372036854775807]}"#,
      "tensor “x”: found 9223372036854775807 bytes for shape [] of F32, expected 4")
  }

  @Test func holesAndOverlaps() {
    let a = #""a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}"#
    refuses(
      a + #","b":{"dtype":"U8","shape":[3],"data_offsets":[5,8]}"#,
      "tensor “b”: found data from byte 5, expected 4, where the tensor before it ends")
    refuses(
      a + #","b":{"dtype":"U8","shape":[5],"data_offsets":[3,8]}"#,
      "tensor “b”: found data from byte 3, expected 4, where the tensor before it ends")
    refuses(
      #""b":{"dtype":"U8","shape":[7],"data_offsets":[1,8]}"#,
      "tensor “b”: found data from byte 1, expected 0, where the tensor before it ends")
    refuses(a, "found 8 bytes of data, expected 4")
    refuses("", "found 8 bytes of data, expected 0")
    refuses(#""x":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}"#, "found 8 bytes of data, expected 9")
  }
}

/// A small file with everything in it, damaged in every place.
@Suite struct DamagedFileTests {
  private let whole: [UInt8]

  init() throws {
    whole = try withTemporaryDirectory { directory in
      var writer = SafetensorsWriter(metadata: ["a": "b"])
      writer.add("weight", Tensor<Float>([[1, 2], [3, 4]]))
      writer.add("rows", [1, 2, 3] as [Int32])
      let url = directory.appending(path: "file")
      try writer.write(to: url)
      return Array(try Data(contentsOf: url))
    }
  }

  @Test func noPartOfTheFileIsAccepted() throws {
    #expect(try open(whole).entries.count == 2)
    for count in whole.indices {
      #expect(throws: CheckpointError.self, "\(count) bytes") { try open(whole.prefix(count)) }
    }
    #expect(throws: CheckpointError.self) { try open(whole + [0]) }
  }

  /// What is accepted has consistent entries, all of which can be read.
  @Test func everyFlippedBit() throws {
    for position in whole.indices {
      for bit in 0..<8 {
        var damaged = whole
        damaged[position] ^= 1 << bit
        guard let file = try? open(damaged) else { continue }
        #expect(file.entries.map(\.byteRange.count).reduce(0, +) == 28, "byte \(position), bit \(bit)")
        for entry in file.entries {
          #expect(try file.bytes(of: entry.name).count == entry.byteRange.count)
          _ = try? file.tensor(entry.name, as: Double.self)
          _ = try? file.integers(entry.name, as: Int.self)
        }
      }
    }
  }
}
