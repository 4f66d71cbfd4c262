import SliceGradFiles
import Testing

@Suite struct BytesTests {
  /// Of contiguous elements and of others, as `Int16` of two bytes each.
  @Test func bytesOfElements() throws {
    func bytes(_ elements: some Collection<Int16>) throws -> [UInt8] {
      var bytes: [UInt8] = []
      try elements.withBytes { found throws(Failure) in bytes += found }
      return bytes
    }
    let expected = [1, 2, 3].flatMap { withUnsafeBytes(of: $0 as Int16) { Array($0) } }
    #expect(try bytes([1, 2, 3]) == expected)
    #expect(try bytes([0, 1, 2, 3][1...]) == expected)
    #expect(try bytes([1, 2, 3].lazy.map { $0 }) == expected)
    #expect(try bytes(EmptyCollection()) == [])
  }

  @Test func errorsArePassedOn() {
    let failure = Failure(path: "nowhere", found: "nothing", expected: "something")
    #expect(throws: failure) { try [1, 2].withBytes { _ throws(Failure) in throw failure } }
  }
}
