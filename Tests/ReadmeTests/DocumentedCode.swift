import Foundation
import Testing

/// Expects that each block of Swift in a document of this package stands in a source file of this folder, as it is, or
/// indented as the body of a loop in a function is. Each `import` is one of that file's.
func expectCompiled(_ document: String) throws {
  let folder = URL(filePath: #filePath).deletingLastPathComponent()
  let text = try String(contentsOf: folder.appending(path: "../../\(document)"), encoding: .utf8)
  let sources = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter {
    $0.pathExtension == "swift"
  }.map { try String(contentsOf: $0, encoding: .utf8) }
  let blocks = text.components(separatedBy: "```swift\n").dropFirst()
  #expect(!blocks.isEmpty)
  for block in blocks {
    let lines = block.components(separatedBy: "```")[0].components(separatedBy: "\n")
    let code = lines.drop { $0.hasPrefix("import ") || $0.isEmpty }
    let forms = ["", "    "].map { space in code.map { $0.isEmpty ? $0 : space + $0 }.joined(separator: "\n") }
    let isThere = sources.contains { source in
      forms.contains { source.contains($0) }
        && lines[..<code.startIndex].allSatisfy { source.contains($0 + "\n") }
    }
    #expect(isThere, "a block that begins with \(code.first ?? "nothing")")
  }
}

/// Expects that a document shows this text, as what a program prints.
func expectPrinted(_ text: String, _ document: String) throws {
  let folder = URL(filePath: #filePath).deletingLastPathComponent()
  let contents = try String(contentsOf: folder.appending(path: "../../\(document)"), encoding: .utf8)
  #expect(contents.contains("```text\n\(text)\n```"), "\(text)")
}
