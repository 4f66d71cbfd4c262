import Foundation
import SliceGradFiles

/// Runs a program. One that fails, or whose results can't be printed, ends with one line and the error's status.
package func runProgram(_ program: String, _ body: () throws -> Void) {
  do {
    try body()
    try flushOutput()
  } catch {
    exit(program, saying: error)
  }
}

/// Ends a program with a status and one line on standard error, whatever a file's name or an option's value holds.
package func exit(_ program: String, saying error: any Error, status: Int32) -> Never {
  let start = isatty(STDERR_FILENO) == 1 ? Terminal.emptyLine : ""  // in place of a line of progress
  try? FileHandle.standardError.write(contentsOf: Data("\(start)\(program): \("\(error)".visible())\n".utf8))
  Foundation.exit(status)
}

/// 1 for a training that failed, 130 for one that was interrupted, and 2 for what can't be done as it was asked for.
package func exitStatus(of error: any Error) -> Int32 {
  error is TrainingError ? 1 : error is Interruption ? 130 : 2
}

/// The same with the status that is the error's.
package func exit(_ program: String, saying error: any Error) -> Never {
  exit(program, saying: error, status: exitStatus(of: error))
}
