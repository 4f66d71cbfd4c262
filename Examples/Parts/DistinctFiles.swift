import Foundation
import SliceGradFiles

/// Throws `UsageError` if a file would be written twice, or over one that is read. Each comes with its option.
package func checkDistinct(
  read: [(option: String, file: String?)], written: [(option: String, file: String?)]
) throws(UsageError) {
  func place(_ file: String) -> String { URL(filePath: file).standardizedFileURL.resolvingSymlinksInPath().path }
  for (i, (option, file)) in written.enumerated() {
    guard let file else { continue }
    for (other, otherFile) in read + written[..<i] where otherFile.map(place) == place(file) {
      throw UsageError("\(other) and \(option): found \(file.quoted) for both, expected two files")
    }
  }
}
