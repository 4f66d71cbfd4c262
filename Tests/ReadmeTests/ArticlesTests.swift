import Foundation
import Testing

/// The articles of the documentation: their length, and their figures.
@Suite struct ArticlesTests {
  private static let catalog = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/SliceGrad/SliceGrad.docc")

  /// The articles by their names, without the pages that only sort symbols.
  private static func articles() throws -> [String: String] {
    var articles: [String: String] = [:]
    for file in try FileManager.default.contentsOfDirectory(at: catalog, includingPropertiesForKeys: nil) {
      guard file.pathExtension == "md" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      if !text.hasPrefix("# ``") { articles[file.lastPathComponent] = text }
    }
    return articles
  }

  private static func figure(_ name: String) throws -> String {
    try String(contentsOf: catalog.appending(path: "Resources/\(name).svg"), encoding: .utf8)
  }

  @Test("an article is at most two screens long")
  func articlesAreShort() throws {
    let articles = try Self.articles()
    #expect(articles.count > 15)
    for (name, text) in articles {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
      #expect(lines <= 120, "\(name)")
    }
  }

  @Test("each figure stands in an article, with words for those who don't see it, and is also there for a dark page")
  func figuresAreThere() throws {
    let folder = Self.catalog.appending(path: "Resources").path
    let files = Set(try FileManager.default.contentsOfDirectory(atPath: folder))
    let shown = try Self.articles().values.flatMap { $0.matches(of: /!\[([^\]]{20,})\]\((\w+)\)/).map { String($0.2) } }
    #expect(files == Set(shown.flatMap { ["\($0).svg", "\($0)~dark.svg"] }))
    for name in shown {
      // The two differ in nothing but the colours of their style.
      let (light, dark) = (try Self.figure(name), try Self.figure("\(name)~dark"))
      let color = /#[0-9a-f]{6}/
      #expect(light.replacing(color, with: "") == dark.replacing(color, with: ""), "\(name)")
      #expect(light.matches(of: color).map(\.output) != dark.matches(of: color).map(\.output), "\(name)")
    }
  }
}
