@preconcurrency import Foundation  // for `stdout`, which is a variable on Linux
package import SliceGradText

/// Prints a line that another program may be waiting for. Throws `DataError` if it can't be written.
package func printAtOnce(_ line: String) throws(DataError) {
  print(line)
  try flushOutput()
}

/// Writes what was printed so far. Throws `DataError` if any of it can't be written, now or when it was printed.
package func flushOutput() throws(DataError) {
  guard fflush(stdout) == 0, ferror(stdout) == 0 else {
    throw DataError(
      at: TextLocation(path: "standard output"), found: "a line that can't be written", expected: "room for it")
  }
}
