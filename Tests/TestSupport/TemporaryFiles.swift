package import Foundation

/// Runs the body with an empty directory that is removed afterwards.
package func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let directory = try makeTemporaryDirectory()
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}

/// Runs the body, which may wait for other processes, with an empty directory that is removed afterwards.
package nonisolated(nonsending) func withTemporaryDirectory<Result>(
  _ body: nonisolated(nonsending) (URL) async throws -> Result
) async throws -> Result {
  let directory = try makeTemporaryDirectory()
  defer { try? FileManager.default.removeItem(at: directory) }
  return try await body(directory)
}

/// Runs the body with the path of a file that holds these bytes, in a directory of its own that is removed afterwards.
package func withTemporaryFile<Result>(
  _ bytes: some Sequence<UInt8>, name: String = "train.tsv", _ body: (String) throws -> Result
) throws -> Result {
  try withTemporaryDirectory { directory in
    let file = directory.appending(path: name)
    try Data(bytes).write(to: file)
    return try body(file.path)
  }
}

/// Runs the body with the path of a file that holds this text, in a directory of its own that is removed afterwards.
package func withTemporaryFile<Result>(
  _ text: String, name: String = "train.tsv", _ body: (String) throws -> Result
) throws -> Result {
  try withTemporaryFile(text.utf8, name: name, body)
}

extension URL {
  /// The names of a directory's files.
  package func fileNames() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

private func makeTemporaryDirectory() throws -> URL {
  let directory = FileManager.default.temporaryDirectory.appending(path: "SliceGrad-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  return directory
}
