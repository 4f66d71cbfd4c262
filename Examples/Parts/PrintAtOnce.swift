import Foundation
package import SliceGradText

/// Prints a line that another program may be waiting for. Throws `DataError` if it can't be written.
package func printAtOnce(_ line: String) throws(DataError) {
  do {
    try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
  } catch {
    throw DataError(
      at: TextLocation(path: "standard output"), found: "a line that can't be written", expected: "room for it")
  }
}
