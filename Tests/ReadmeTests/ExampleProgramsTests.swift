import Foundation
import Testing

/// README's table of the example programs, and the programs in the folder Examples.
@Suite struct ExampleProgramsTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")

  /// What begins a row of the table: its number, nil for programs that measure, and the program's name.
  private static func rows() throws -> [(number: Int?, name: String)] {
    let readme = try String(contentsOf: package.appending(path: "README.md"), encoding: .utf8)
    return readme.matches(of: /\n\| (\d*) ?\| `swift run -c release (\w+)` \|/).map { (Int($0.1), String($0.2)) }
  }

  /// The folders that have a source file of their own name: the programs.
  private static func programs(in folder: String) throws -> Set<String> {
    let examples = package.appending(path: folder)
    return Set(
      try FileManager.default.contentsOfDirectory(atPath: examples.path).filter {
        FileManager.default.fileExists(atPath: examples.appending(path: "\($0)/\($0).swift").path)
      })
  }

  @Test("the table has every program, and those that teach are numbered without a gap")
  func theTableIsComplete() throws {
    let rows = try Self.rows()
    let teaching = rows.filter { $0.number != nil }
    #expect(teaching.map(\.number) == Array(1...teaching.count))
    #expect(try Set(teaching.map(\.name)) == Self.programs(in: "Examples"))
    let measuring = rows.filter { $0.number == nil }
    #expect(try Set(measuring.map(\.name)) == Self.programs(in: "Examples/Measurements"))
    #expect(Set(rows.map(\.name)).count == rows.count)
  }

  @Test("each program says its number, how it is run, how long it takes and what it prints")
  func programsBeginWithWhatTheyShow() throws {
    for (number, name) in try Self.rows() {
      let folder = number == nil ? "Examples/Measurements" : "Examples"
      let source = try String(
        contentsOf: Self.package.appending(path: "\(folder)/\(name)/\(name).swift"), encoding: .utf8)
      let comment = source.components(separatedBy: "\n").prefix { $0.hasPrefix("//") }.joined(separator: "\n")
      #expect(comment.hasPrefix(number.map { "// \($0). " } ?? "// "), "\(name)")
      for part in ["\n//     swift run -c release \(name)", " take", " prints "] {
        #expect(comment.contains(part), "\(name) has no “\(part)”")
      }
    }
  }
}
