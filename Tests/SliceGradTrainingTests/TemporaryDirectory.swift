import Foundation
import Testing

@testable import SliceGradTraining

/// Runs the body with an empty directory that is removed afterwards.
func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let directory = FileManager.default.temporaryDirectory.appending(path: "SliceGrad-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}

/// Opens a file of these bytes, which is in memory only.
func open(_ bytes: some Sequence<UInt8>) throws -> SafetensorsFile {
  try SafetensorsFile(bytes: Data(bytes), path: "/file")
}

/// A file with this header and so many zeros of data.
func safetensors(_ header: String, dataByteCount: Int = 0) -> [UInt8] {
  let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
  return length + Array(header.utf8) + [UInt8](repeating: 0, count: dataByteCount)
}

/// Expects an error that says this behind the path.
func expectError<Result>(
  _ words: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) {
  let error = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) { try body() }
  if let error {
    #expect(error.description == "\(error.path): \(words)", sourceLocation: sourceLocation)
    #expect(error.path.hasPrefix("/"), sourceLocation: sourceLocation)
  }
}

extension URL {
  /// The names of a directory's files.
  func fileNames() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

extension ExitTest.Result {
  /// What the process wrote on standard error when it trapped.
  var trapMessage: String? {
    let lines = String(decoding: standardErrorContent, as: UTF8.self).split(separator: "\n")
    let prefix = "Fatal error: "
    return lines.lazy.compactMap { line in line.firstRange(of: prefix).map { String(line[$0.upperBound...]) } }.first
  }
}
