import Foundation
import Testing

/// The version that manifests ask for, in README and in Getting started, is the newest in Changes.
@Test func manifestsAskForTheNewestVersion() throws {
  let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
  let articles = "Sources/SliceGrad/SliceGrad.docc"
  let changes = try String(contentsOf: package.appending(path: "\(articles)/Changes.md"), encoding: .utf8)
  let newest = try #require(changes.firstMatch(of: /\n## (\d+\.\d+\.\d+)\n/)).1
  for document in ["README.md", "\(articles)/GettingStarted.md"] {
    let text = try String(contentsOf: package.appending(path: document), encoding: .utf8)
    let versions = text.matches(of: /SliceGrad\.git", from: "([^"]*)"/).map(\.1)
    #expect(versions == [newest], "\(document)")
  }
}
