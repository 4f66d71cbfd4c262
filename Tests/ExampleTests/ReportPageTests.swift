import ExampleParts
import Foundation
import SliceGradText
import TestSupport
import Testing

@testable import TextClassifier

/// The page of `--report`. Tests/ReportPage opens it in a browser.
struct ReportPageTests {
  private let program = Program(name: "TextClassifier")
  private let small = ["--dimensions", "8", "--buckets", "1000", "--char-ngrams", "1-3", "--epochs", "2"]

  /// Labels and texts that look like markup.
  private static let labels = ["<script>alert(1)</script>", "\"quoted\" & 'more'"]
  private let lines =
    (0..<40).map { i in
      "\(labels[i % 2])\t</td> \(["one", "two"][i % 2]) <img src=x onerror='alert(\(i))'>\n"
    }.joined() + "</style>\t</title> one\n"

  /// The elements that are open at the end of a page, and those that close another one, of which there should be none.
  /// All texts are escaped, so that each “<” begins a tag.
  private func unbalanced(_ page: String) -> [String] {
    var (open, wrong): ([Substring], [String]) = ([], [])
    for tag in page.split(separator: "<").dropFirst(page.hasPrefix("<") ? 0 : 1) {
      guard let end = tag.firstIndex(of: ">") else { return ["<\(tag)"] }
      let name = tag[..<end].prefix { $0 != " " && $0 != "\n" }
      if name.hasPrefix("!") || name == "meta" || tag[..<end].hasSuffix("/") { continue }
      if !name.hasPrefix("/") {
        open.append(name)
      } else if open.popLast() != name.dropFirst() {
        wrong.append(String(name))
      }
      if tag[..<end].count(where: { $0 == "\"" }) % 2 != 0 { wrong.append("quotation marks in \(tag[..<end])") }
    }
    return wrong + open.map(String.init)
  }

  private func expectSound(_ page: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(
      page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">") && page.hasSuffix("</html>\n"),
      sourceLocation: sourceLocation)
    #expect(unbalanced(page) == [], sourceLocation: sourceLocation)
    // Nothing is run, and nothing is asked for.
    for word in ["<script", "<img", "<link", " src=\"", "http:", "https:", "url(", "@import"] {
      #expect(!page.contains(word), "\(word)", sourceLocation: sourceLocation)
    }
  }

  @Test(
    "training writes a page with all sections, in which no text is markup, and the same one again but for the times")
  func writesPage() throws {
    try withTemporaryFile(lines) { file in
      let page = file + ".html"
      let texts = try (0..<2).map { _ in
        let result = try program.run(["--train", file, "--valid", file, "--test", file, "--report", page] + small)
        #expect(result.status == 0, "\(result.errors)")
        return try String(contentsOfFile: page, encoding: .utf8)
      }
      expectSound(texts[0])
      let sections = ["curves", "confusions", "matrix", "labels", "calibration", "settings", "timing"]
      #expect(
        texts[0].split(separator: "<section id=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) } == sections)
      for section in sections { #expect(texts[0].contains("<a href=\"#\(section)\">")) }
      #expect(texts[0].contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
      #expect(texts[0].contains("&quot;quoted&quot; &amp; &#39;more&#39;"))
      #expect(texts[0].contains("<title>TextClassifier on 41 test texts</title>"))
      let withoutTimes = texts.map { $0.components(separatedBy: "<section id=\"timing\"")[0] }
      #expect(withoutTimes[0] == withoutTimes[1])
    }
  }

  @Test("the page of a saved classifier says what test says")
  func writesPageOfTest() throws {
    try withTemporaryFile(lines) { file in
      let (model, page) = (file + ".safetensors", file + ".html")
      #expect(try program.run(["--train", file, "--save", model, "--quiet"] + small).status == 0)
      try withTemporaryFile(lines + "plant\tone\nplant\ttwo\n", name: "test.tsv") { test in
        let result = try program.run("test", "--load", model, "--test", test, "--report", page)
        let text = try String(contentsOfFile: page, encoding: .utf8)
        expectSound(text)
        #expect(
          !text.contains("id=\"curves\"") && text.contains("<bdi>plant</bdi> <span class=\"quiet\">(not in training)"))
        let counts = try #require(result.lines[0].split(separator: ": ").last).split(separator: " ")
        #expect(
          text.contains("<dd>\(counts[0]) of 43</dd>") && text.contains("2 of 43 texts have a label that training"))
        #expect(text.contains("test.tsv:42</span>") || text.contains("test.tsv:43</span>"))
        let loaded = try program.run("--load", model, "--test", test, "--report", page)
        #expect(loaded.status == 0)
        let again = try String(contentsOfFile: page, encoding: .utf8)
        #expect(again.components(separatedBy: "id=\"timing\"")[0] == text.components(separatedBy: "id=\"timing\"")[0])
      }
    }
  }

  @Test("a page that can't be written is refused before anything is learnt, and one without texts")
  func refuses() throws {
    try withTemporaryFile(lines) { file in
      let missing = file + "/page.html"
      for options in [["--train", file, "--test", file], ["test", "--load", file, "--test", file]] {
        let result = try program.run(options + ["--report", missing])
        #expect(result.status == 2 && result.output.isEmpty)
        #expect(result.errors.hasPrefix("TextClassifier: \(missing): found ") && !result.errors.contains("learning"))
      }
      for (options, message) in [
        (["--train", file, "--report", "a"], "--report needs texts to report on: --test FILE or --valid FILE"),
        (["--load", file, "--report", "a"], "--report needs texts to report on: --test FILE"),
        (["--train", file, "--log", file], "--train and --log: found \(file.quotedPath) for both, expected two files"),
        (["--save", "a", "--report", "a"], "--save and --report: found “a” for both, expected two files"),
        (
          ["test", "--load", "x", "--test", "a", "--report", "a"],
          "--test and --report: found “a” for both, expected two files"
        ),
      ] {
        let result = try program.run(options)
        #expect(
          result.status == 2 && result.output.isEmpty && result.errors == "TextClassifier: \(message)\n",
          "\(result.errors)")
      }
    }
  }

  private func page(labelCount: Int, textCount: Int) -> ReportPage {
    let labels = (0..<labelCount).map { "label \($0)" }
    let truths = (0..<textCount).map { labels[$0 % labelCount] }
    // The texts of the last labels are all mistaken.
    let classes = (0..<textCount).map { Int32($0 % labelCount < labelCount - 9 ? $0 % labelCount : 0) }
    let evaluation = Evaluation(
      labels: labels, truths: truths, classes: classes, probabilities: classes.map { _ in 0.5 })
    return ReportPage(
      evaluation: evaluation, texts: truths.map { LabeledText(label: $0, text: String(repeating: "é", count: 500)) },
      textsName: "texts", labelNames: labels, settings: [], labellingTime: .seconds(1))
  }

  @Test("of very many labels the matrix shows those with most mistakes")
  func limitsMatrix() {
    let few = page(labelCount: 160, textCount: 320).confusionMatrix.description
    #expect(few.contains(">label 50</text>") && !few.contains("with most mistakes"))
    let many = page(labelCount: 300, textCount: 600).confusionMatrix.description
    #expect(many.contains("Of 300 labels the 60 with most mistakes."))
    #expect((291..<300).allSatisfy { many.contains(">label \($0)</text>") } && !many.contains(">label 60</text>"))
    #expect(unbalanced(many) == [])
  }

  @Test("texts are cut, and pairs are at most 24")
  func limitsConfusions() {
    let some = page(labelCount: 30, textCount: 30).confusions.description
    #expect(some.contains(">\(String(repeating: "é", count: 240))…</bdi>") && some.contains("all 9 pairs"))
    #expect(some.contains("label 21</bdi> taken for <bdi>label 0</bdi>: 1 of 1 (100\u{A0}%)"))
    #expect(
      page(labelCount: 2, textCount: 0).confusions.description == "<p>None: each text was taken for what it is.</p>")
  }
}

extension String {
  /// As messages have a path: cut after 60 characters.
  fileprivate var quotedPath: String { "“\(count > 60 ? prefix(60) + "…" : self[...])”" }
}
