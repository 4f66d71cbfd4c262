import Foundation

/// Writes a line on standard output at once, also into a pipe, where `print` would hold it back.
package func writeLine(_ line: String) {
  try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
}
