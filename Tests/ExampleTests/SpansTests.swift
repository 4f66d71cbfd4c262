import SliceGradText
import Testing

@testable import Tagger

struct SpansTests {
  /// The spans of each list of tags, as seqeval 1.2.2 finds them, which follows conlleval.
  @Test(arguments: [
    ("", ""),
    ("O O", ""),
    ("B-A", "0-0 A"),
    ("B-A I-A O B-A", "0-1 A, 3-3 A"),
    ("B-A B-A I-A", "0-0 A, 1-2 A"),
    ("I-A I-A O I-B", "0-1 A, 3-3 B"),
    ("B-A I-B I-B", "0-0 A, 1-2 B"),
    ("I-A B-A I-A I-B B-B", "0-0 A, 1-2 A, 3-3 B, 4-4 B"),
    ("B-A E-A B-A I-A E-A S-A O S-B S-B", "0-1 A, 2-4 A, 5-5 A, 7-7 B, 8-8 B"),
    ("B-A-B I-A-B", "0-1 A-B"),
  ])
  func spans(tags: String, expected: String) {
    #expect(description(of: tags) == expected)
  }

  /// Tags without a beginning are spans of one word, which conlleval does with the option -r.
  @Test func plainTags() {
    #expect(description(of: "NOUN NOUN O X-A B-") == "0-0 NOUN, 1-1 NOUN, 3-3 X-A, 4-4 B-")
  }

  /// The kinds and tags are equal as Strings.
  @Test func spellingsStayApart() {
    #expect(Span.spans(of: ["B-\u{E9}", "I-e\u{301}"]).map(\.words) == [0..<1, 1..<2])
    #expect(Span.spans(of: ["B-e\u{301}", "I-e\u{301}"]).map(\.words) == [0..<2])
    #expect(Span.spans(of: ["B-\u{301}", "I-\u{301}"]).map(\.words) == [0..<2])  // “-” and an accent after it
    var score = Score()
    score.add(expected: ["\u{E9}", "\u{E9}"], found: ["e\u{301}", "\u{E9}"])
    #expect(score.rightSpans == 1 && score.rightWords == 1)
  }

  private func description(of tags: String) -> String {
    Span.spans(of: tags.split(separator: " ").map(String.init))
      .map { "\($0.words.lowerBound)-\($0.words.upperBound - 1) \($0.kind.text)" }.joined(separator: ", ")
  }

  @Test func scores() {
    var score = Score()
    #expect(score.f1 == 0 && score.precision == 0 && score.recall == 0 && score.accuracy == 0)
    score.add(expected: ["B-A", "I-A", "O", "B-B"], found: ["B-A", "I-A", "B-A", "B-A"])  // 1 of 2, and 1 of 3
    score.add(expected: ["B-A", "I-A"], found: ["B-A", "B-A"])  // 0 of 1, and 0 of 2
    #expect(score.expectedSpans == 3 && score.foundSpans == 5 && score.rightSpans == 1)
    #expect(score.precision == 1 / 5.0 && score.recall == 1 / 3.0 && score.f1 == 2 / 8.0)
    #expect(score.words == 6 && score.rightWords == 3 && score.accuracy == 0.5)
    #expect("\(score)" == "F1 25.0 % (precision 20.0 %, recall 33.3 %), token accuracy 50.0 %")
  }
}
