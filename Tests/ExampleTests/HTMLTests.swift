import ExampleParts
import Testing

/// Pieces of pages.
struct HTMLTests {
  @Test("a text is never taken for markup")
  func escapes() {
    let text = "<script>\"&\u{0}\u{1B}' \t\u{202E}é\u{301}"
    let cell: HTML = "<td title=\"\(text)\">\(text)</td>"
    let escaped = "&lt;script&gt;&quot;&amp;\u{FFFD}\u{FFFD}&#39; \t\u{202E}é\u{301}"
    #expect(cell.description == "<td title=\"\(escaped)\">\(escaped)</td>")
  }

  @Test("a piece in a piece stays as it is, and numbers are short")
  func nests() {
    let items = (1...2).map { number -> HTML in "<li>\(number)</li>" }
    let list: HTML = "<ul>\(items)</ul>"
    #expect(list.description == "<ul><li>1</li>\n<li>2</li></ul>")
    let path: HTML = "M\(1.0) \(-0.001)L\(2.125) \(10.5) \(100.0)"
    #expect(path.description == "M1 0L2.12 10.5 100")
    let outer: HTML = "\(list)\(HTML.nothing)"
    #expect(outer.description == list.description)
  }
}
