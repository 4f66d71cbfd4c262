import Foundation
import SliceGradFiles

/// Ends a program with a status and one line on standard error, whatever a file's name or an option's value holds.
package func exit(_ program: String, saying error: any Error, status: Int32) -> Never {
  try? FileHandle.standardError.write(contentsOf: Data("\(program): \("\(error)".visible())\n".utf8))
  Foundation.exit(status)
}

/// The same with the status 1 for a training that failed, 130 for one that was interrupted, and 2 for what can't be
/// done as it was asked for.
package func exit(_ program: String, saying error: any Error) -> Never {
  exit(program, saying: error, status: error is TrainingError ? 1 : error is Interruption ? 130 : 2)
}
