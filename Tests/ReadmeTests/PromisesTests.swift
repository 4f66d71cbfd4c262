import Foundation
import Testing

/// The article Promises.md: each of its promises has a test, and each test that it names is there.
@Suite struct PromisesTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")

  @Test func testsAreThere() throws {
    let article = try String(
      contentsOf: Self.package.appending(path: "Sources/SliceGrad/SliceGrad.docc/Promises.md"), encoding: .utf8)
    let folder = Self.package.appending(path: "Tests")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    var sources: [String: URL] = [:]
    while let file = files?.nextObject() as? URL { sources[file.lastPathComponent] = file }

    let promises = article.components(separatedBy: "\n- ").dropFirst()
    #expect(promises.count > 20)
    for promise in promises where !promise.hasPrefix("**The C library**") {
      let named = promise.matches(of: /`(\w+Tests)\/(\w+)`/)
      #expect(!named.isEmpty, "no test: \(promise)")
      for test in named {
        let file = try #require(sources["\(test.1).swift"], "\(test.1)")
        #expect(try String(contentsOf: file, encoding: .utf8).contains("func \(test.2)("), "\(test.0)")
      }
    }
  }
}
