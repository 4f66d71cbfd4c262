import Foundation
import Testing

/// Expects that each block of Swift in a document of this package stands in a source file, the caller's, as it is. Each
/// `import` is one of the file's.
func expectCompiled(_ document: String, in source: String = #filePath) throws {
  let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
  let text = try String(contentsOf: package.appending(path: document), encoding: .utf8)
  let source = try String(contentsOf: URL(filePath: source), encoding: .utf8)
  let blocks = text.components(separatedBy: "```swift\n").dropFirst()
  #expect(!blocks.isEmpty)
  for block in blocks {
    let lines = block.components(separatedBy: "```")[0].components(separatedBy: "\n")
    let code = lines.drop { $0.hasPrefix("import ") || $0.isEmpty }
    #expect(source.contains(code.joined(separator: "\n")))
    #expect(lines[..<code.startIndex].allSatisfy { source.contains($0 + "\n") })
  }
}
