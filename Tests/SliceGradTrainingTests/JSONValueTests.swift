import Foundation
import Testing

@testable import SliceGradTraining

@Suite struct JSONValueTests {
  /// What was read, in words.
  private func read(_ text: some Sequence<UInt8>) -> String? {
    func words(_ value: JSONValue) -> String {
      switch value {
      case .object(let members): "{" + members.map { "\($0.key): \(words($0.value))" }.joined(separator: ", ") + "}"
      case .list(let values): "[" + values.map(words).joined(separator: ", ") + "]"
      case .string(let text): "“\(text)”"
      case .number(let number): "\(number)"
      case .null: "null"
      case .other: "other"
      }
    }
    return JSONValue(Data(text)).map(words)
  }

  @Test(arguments: [
    ("{}", "{}"), ("[]", "[]"), (" [ 1 ,\n2,\t3 ] \r", "[1, 2, 3]"),
    (#"{"a":{"b":[]},"a":"c"}"#, "{a: {b: []}, a: “c”}"),
    (#""""#, "“”"), (#""é\u00e9\"\\\/\n\ud83d\ude00""#, "“éé\"\\/\n😀”"), ("9223372036854775807", "9223372036854775807"),
    (
      "[0, -0, 1.0, -1.5e-3, 1E5, 0.05e+00, 9223372036854775808, 1e999, true, false, null]",
      "[0" + String(repeating: ", other", count: 9) + ", null]"
    ),
  ])
  func values(text: String, words: String) {
    #expect(read(text.utf8) == words)
  }

  @Test(arguments: [
    "", " ", "{", "}", "[1", "[1,]", "[,1]", "[1 2]", "{1:2}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "\"",
    "\"\\\"", "\"\\x\"", "\"\\ud800\"", "\"\n\"", "'a'", "nul", "True", "NaN", "-", "--1", "1-1", "0x1", "1\"a\"",
    "[] []", "{]", "01", "-00", "+1", ".5", "-.5", "5.", "1.e5", "1e", "1e+", "1e5.", "1.5.", "e5",
  ])
  func notJSON(text: String) {
    #expect(read(text.utf8) == nil)
  }

  @Test func bytesThatAreNotUTF8() {
    #expect(read([0x22, 0xFF, 0x22]) == nil)
    #expect(read([0xFF]) == nil)
  }

  @Test func depth() {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(read(nested(128).utf8) == nested(128))
    #expect(read(nested(129).utf8) == nil)
    #expect(read(String(repeating: "[", count: 1_000_000).utf8) == nil)
  }
}
