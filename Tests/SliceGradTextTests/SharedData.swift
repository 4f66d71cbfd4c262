import Foundation
import SliceGradText

/// The files of `../shared/data`, which the project does not bring along.
enum SharedData {
  /// This file's folder is `PACKAGE/Tests/SliceGradTextTests`.
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared/data")

  static let isThere = FileManager.default.fileExists(atPath: folder.path)

  static func examples(_ name: String) throws -> [LabeledText] {
    try LabeledTextFile(folder.appendingPathComponent(name).path).examples()
  }
}
