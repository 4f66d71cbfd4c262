import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

@Suite struct SafetensorsFileTests {
  /// "half" [2] of F16, "float" [1, 1] of F32, "long" [1] of I64, "int" [3] of I32; unaligned, after a byte.
  private func file() throws -> SafetensorsFile {
    let header =
      #"{"byte":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""half":{"dtype":"F16","shape":[2],"data_offsets":[1,5]},"#
      + #""float":{"dtype":"F32","shape":[1,1],"data_offsets":[5,9]},"#
      + #""long":{"dtype":"I64","shape":[1],"data_offsets":[9,17]},"#
      + #""int":{"dtype":"I32","shape":[3],"data_offsets":[17,29]},"#
      + #""double":{"dtype":"F64","shape":[2],"data_offsets":[29,45]},"#
      + #""empty":{"dtype":"F64","shape":[0,3],"data_offsets":[45,45]}}"#
    var bytes = safetensors(header) + [7]
    func append(_ number: some BitwiseCopyable) { withUnsafeBytes(of: number) { bytes += $0 } }
    append(0x3C00 as UInt16)
    append(0xC000 as UInt16)
    append(0.1 as Float)
    append(Int64.min)
    append(5 as Int32)
    append(-6 as Int32)
    append(Int32.max)
    append(0.1)
    append(-Double.infinity)
    return try open(bytes)
  }

  @Test func tensors() throws {
    let file = try file()
    #expect(try file.tensor("half") == Tensor<Float>([1, -2]))
    #expect(try file.tensor("half", shape: [2]) == Tensor<Double>([1, -2]))
    #expect(try file.tensor("float", as: Float.self) == Tensor([[0.1]]))
    #expect(try file.tensor("float") == Tensor<Double>([[Double(Float(0.1))]]))
    #expect(try file.tensor("double", as: Double.self) == Tensor([0.1, -.infinity]))
    #expect(try file.tensor("empty", shape: [0, 3], as: Double.self) == Tensor(zeros: [0, 3]))
    #expect(file.entries.map(\.name) == ["byte", "half", "float", "long", "int", "double", "empty"])
    #expect(file["int"] == SafetensorsEntry(name: "int", dtype: .i32, shape: [3], byteRange: 17..<29))
    #expect(file["integer"] == nil)
  }

  @Test func integers() throws {
    let file = try file()
    #expect(try file.integers("int") == [5, -6, .max] as [Int32])
    #expect(try file.integers("int", shape: [3]) == [5, -6, Int(Int32.max)] as [Int])
    #expect(try file.integers("long", as: Int64.self) == [.min])
    #expect(try Array(file.bytes(of: "byte")) == [7])
    #expect(try Array(file.bytes(of: "half")) == [0, 0x3C, 0, 0xC0])
  }

  @Test func otherTypes() throws {
    let file = try file()
    expectError("tensor “double”: found F64, expected F32 or F16 or BF16, as nothing is rounded") {
      try file.tensor("double", as: Float.self)
    }
    expectError("tensor “int”: found I32, expected F64 or F32 or F16 or BF16, as nothing is rounded") {
      try file.tensor("int", as: Double.self)
    }
    expectError("tensor “long”: found I64, expected I32, as nothing is rounded") {
      try file.integers("long", as: Int32.self)
    }
    expectError("tensor “float”: found F32, expected I32 or I64, as nothing is rounded") {
      try file.integers("float", as: Int.self)
    }
  }

  @Test func otherShapes() throws {
    let file = try file()
    for shape in [[1], [], [1, 2], [1, 1, 1]] as [Shape] {
      expectError("tensor “float”: found shape [1, 1], expected \(shape)") {
        try file.tensor("float", shape: shape, as: Float.self)
      }
    }
    expectError("tensor “int”: found shape [3], expected [1, 3]") {
      try file.integers("int", shape: [1, 3], as: Int.self)
    }
  }

  @Test func unknownNames() throws {
    let file = try file()
    let words =
      "tensor “x”: found none of this name, "
      + "expected one of “byte”, “half”, “float”, “long”, “int” and 2 others"
    expectError(words) { try file.tensor("x", as: Float.self) }
    expectError(words) { try file.integers("x", as: Int.self) }
    expectError(words) { try file.bytes(of: "x") }
  }

  @Test func aFileWithoutAnyNumber() throws {
    let header =
      #"{"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"y":{"dtype":"I32","shape":[2,0],"data_offsets":[0,0]}}"#
    try withTemporaryFile(safetensors(header)) { path in
      for file in [try open(safetensors(header)), try SafetensorsFile(path: path)] {
        #expect(try file.tensor("x", as: Float.self) == Tensor(zeros: [0]))
        #expect(try file.tensor("x", as: Double.self) == Tensor(zeros: [0]))
        #expect(try file.integers("y", as: Int.self) == [] && file.bytes(of: "y").isEmpty)
        try file.checkIsUndamaged()
      }
    }
  }

  /// A shape that a file may have, but not a tensor.
  @Test(arguments: ["1, 1, 1, 1, 1, 1, 1, 1, 0", "0, 2147483648"]) func shapesOfNoTensor(shape: String) throws {
    let file = try open(safetensors(#"{"x":{"dtype":"F32","shape":[\#(shape)],"data_offsets":[0,0]}}"#))
    expectError("tensor “x”: found shape [\(shape)], expected at most 8 dimensions, each at most 2147483647") {
      try file.tensor("x", as: Float.self)
    }
  }

  @Test func paths() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "a b ä.safetensors")
      try SafetensorsWriter().write(to: url)
      #expect(try SafetensorsFile(path: url.path).path == SafetensorsFile(url).path)
    }
    let address = try #require(URL(string: "https://example.org/a"))
    let error = CheckpointError(path: "https://example.org/a", found: "no path", expected: "that of a file")
    #expect(throws: error) { try SafetensorsFile(address) }
    #expect(throws: error) { try SafetensorsWriter().write(to: address) }
    expectError("found no file, expected a file to read") { try SafetensorsFile(path: "/missing.safetensors") }
  }
}
