import Foundation

/// Ends a program with a status and one line on standard error, whatever a file's name or an option's value holds.
package func exit(_ program: String, saying error: any Error, status: Int32) -> Never {
  let message = "\(error)".split(whereSeparator: \.isNewline).joined(separator: "\\n")
  try? FileHandle.standardError.write(contentsOf: Data("\(program): \(message)\n".utf8))
  Foundation.exit(status)
}
