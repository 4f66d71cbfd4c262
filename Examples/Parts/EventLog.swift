import Foundation
import SliceGradFiles
package import SliceGradText

/// A file of what happens in a program, for other programs: an event a line, as JSON, written at once.
///
///     let log = try EventLog("training.log", appends: false)
///     try log.write("epoch", ["number": 1])  // {"event":"epoch","number":1}
///
/// Each event has its name under `event`, beside what belongs to it.
package final class EventLog {
  private let path: String
  private let descriptor: Int32

  /// Begins a file, in the place of an older one, or goes on in it. A pipe or a device is written to as it is.
  ///
  /// Throws `DataError` if it can't be written.
  package init(_ path: String, appends: Bool) throws(DataError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (appends ? 0 : O_TRUNC), 0o666)
    guard descriptor >= 0 else { throw lastError("open it") }
    // The computer may have stopped within the last line.
    if appends, let byte = lastByte, byte != UInt8(ascii: "\n") { try write(Data("\n".utf8)) }
  }

  deinit { close(descriptor) }

  /// Writes an event. What belongs to it has to be encoded by keys, as a dictionary or a struct is.
  ///
  /// Throws `DataError` if it can't be written.
  package func write(_ event: String, _ content: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try write(encoder.encode(Event(name: event, content: content)) + Data("\n".utf8))
  }

  private struct Event<Content: Encodable>: Encodable {
    let name: String
    let content: Content

    enum CodingKeys: String, CodingKey { case name = "event" }

    func encode(to encoder: any Encoder) throws {
      try content.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
    }
  }

  private var lastByte: UInt8? {
    guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd(), end > 0 else { return nil }
    try? file.seek(toOffset: end - 1)
    return try? file.readToEnd()?.first
  }

  private func write(_ data: Data) throws(DataError) {
    var rest = Array(data)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      guard count >= 0 || errno == EINTR else { throw lastError("write it") }
      rest = rest.dropFirst(max(count, 0))
    }
  }

  private func lastError(_ action: String) -> DataError {
    DataError(
      at: TextLocation(path: path), found: "no way to \(action) (\(String(cString: strerror(errno))))",
      expected: "a file to write")
  }
}
