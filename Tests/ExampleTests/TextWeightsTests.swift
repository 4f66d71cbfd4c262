import SliceGradText
import TestSupport
import Testing

@testable import TextClassifier

struct TextWeightsTests {
  private let texts = Array(repeating: LabeledText(label: "a", text: "x"), count: 3)

  private func weights(_ text: String) throws -> [Double] {
    try withTemporaryFile(text, name: "weights") { file in try TextWeights.read(file, for: texts, of: "train.tsv") }
  }

  @Test func oneNumberALine() throws {
    #expect(try weights("1\n0.5\n1e3") == [1, 0.5, 1000])
    #expect(try weights(" 1 \r\n\r\n0\r\n  \r\n2\r\n") == [1, 0, 2])
  }

  @Test(arguments: [
    ("1\n2\n", ": found 2 weights, expected 3, one for each text of train.tsv"),
    ("1\n2\n3\n4", ": found 4 weights, expected 3, one for each text of train.tsv"),
    ("", ": found 0 weights, expected 3, one for each text of train.tsv"),
    ("1\n\nx\n1", ":3: found “x”, expected one number in 0...1e12"),
    ("1\n1 1\n1", ":2: found “1 1”, expected one number in 0...1e12"),
    ("1\n-1\n1", ":2: found “-1”, expected one number in 0...1e12"),
    ("1\ninf\n1", ":2: found “inf”, expected one number in 0...1e12"),
    ("0\n0\n0", ": found only weights of 0, expected a weight above 0"),
  ])
  func refusals(text: String, message: String) throws {
    try withTemporaryFile(text, name: "weights") { file in
      let error = #expect(throws: DataError.self) { try TextWeights.read(file, for: texts, of: "train.tsv") }
      #expect(error?.description == file + message)
    }
  }

  @Test func theirMeanIsOne() {
    #expect([1, 0, 5, 2].withMeanOne == [0.5, 0, 2.5, 1])
    #expect([7, 7].withMeanOne == [1, 1])
  }
}
