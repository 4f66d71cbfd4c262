import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

@Suite struct SavedFieldTests {
  /// What a file has for a field of the same size, after this one was written to it.
  private func restored<Field: SavedField>(_ field: Field, into other: Field) throws -> Field {
    try withTemporaryDirectory { directory in
      let (url, name) = (directory.appending(path: "file"), FieldName(prefix: "optimizer.", name: "x", sharing: nil))
      var writer = SafetensorsWriter()
      field.add(to: &writer, name)
      try writer.write(to: url)
      let file = try SafetensorsFile(url)
      #expect(file.entries.map(\.name) == ["optimizer.x"])
      return try other.restored(from: file, name)
    }
  }

  @Test func numbersAndLists() throws {
    #expect(try restored(7, into: 0) == 7)
    #expect(try restored(0.1, into: 0) == 0.1)
    #expect(try restored([3, -1] as [Int32], into: [0, 0]) == [3, -1])
    #expect(try restored([0.1, -2], into: [0, 0]) == [0.1, -2])
    #expect(try restored([Double](), into: []) == [])
    #expect(try restored([Int32](), into: []) == [])
  }

  @Test func tensors() throws {
    let tensor = Tensor<Float>([[1, 2, 3], [4, 5, 6]])
    #expect(try restored(tensor, into: Tensor(zeros: [2, 3])) == tensor)
  }

  @Test func listsOfOtherLengthsAreRefused() {
    #expect(throws: CheckpointError.self) { try restored([0.1, -2], into: [0]) }
    #expect(throws: CheckpointError.self) { try restored([3, -1] as [Int32], into: [0]) }
  }
}
