import Foundation
import Testing

@testable import SliceGradTraining

/// Opens a file of these bytes, which is in memory only.
func open(_ bytes: some Sequence<UInt8>) throws -> SafetensorsFile {
  try SafetensorsFile(bytes: Data(bytes), path: "/file")
}

/// A file with this header and so many zeros of data.
func safetensors(_ header: String, dataByteCount: Int = 0) -> [UInt8] {
  let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
  return length + Array(header.utf8) + [UInt8](repeating: 0, count: dataByteCount)
}

/// Expects an error that says this after the path.
func expectError<Result>(
  _ words: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) {
  let error = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) { try body() }
  if let error {
    #expect(error.description == "\(error.path): \(words)", sourceLocation: sourceLocation)
    #expect(error.path.hasPrefix("/"), sourceLocation: sourceLocation)
  }
}
