import ExampleParts
import Foundation
import SliceGrad
import SliceGradText

/// How often the word nearest to b − a + c is d, for questions “a is to b as c is to d”.
///
/// Source: Mikolov, Yih and Zweig, “Linguistic Regularities in Continuous Space Word Representations” (2013). Questions
/// with a word that isn't in the vocabulary are left out, and a, b and c are no answers, as with word2vec's program.
struct Analogies {
  struct Section {
    let name: String
    var right = 0
    var asked = 0
  }
  private(set) var sections: [Section] = []
  /// How many questions the file has, with those that were left out.
  private(set) var all = 0

  var right: Int { sections.reduce(0) { $0 + $1.right } }
  var asked: Int { sections.reduce(0) { $0 + $1.asked } }

  private struct Question {
    let section: Int
    /// a, b, c and d
    let words: [Int32]
  }

  /// Reads lines of four words, and of a colon and a section's name. Throws `DataError` at the first line that isn't.
  init(_ path: String, in space: WordSpace) throws {
    var questions: [Question] = []
    for (line, text) in zip(1..., try TextLines(path: path).all()) {
      let words = text.split { $0.isWhitespace }.map(String.init)
      guard !words.isEmpty else { continue }
      if words[0] == ":" {
        sections.append(Section(name: words.dropFirst().joined(separator: " ")))
        continue
      }
      guard words.count == 4 else {
        throw DataError(
          at: TextLocation(path: path, line: line), found: "\(words.count) words",
          expected: "four words, or a colon and a section's name")
      }
      all += 1
      if sections.isEmpty { sections.append(Section(name: "")) }
      let rows = words.compactMap { space.row(of: $0) }
      if rows.count == 4 { questions.append(Question(section: sections.count - 1, words: rows)) }
    }
    guard all > 0 else {
      throw DataError(at: TextLocation(path: path), found: "no questions", expected: "lines of four words")
    }
    for first in stride(from: 0, to: questions.count, by: 256) {
      try answer(questions[first..<min(first + 256, questions.count)], in: space)
    }
  }

  private mutating func answer(_ questions: ArraySlice<Question>, in space: WordSpace) throws {
    func directions(_ place: Int) throws -> Tensor<Float> {
      try space.directions(ofRows: questions.map { $0.words[place] })
    }
    let sums = try directions(1) - directions(0) + directions(2)
    let answers = try space.nearest(1, to: sums, except: questions.map { Array($0.words[..<3]) })
    for (question, answer) in zip(questions, answers) {
      sections[question.section].asked += 1
      if answer.first?.row == question.words[3] { sections[question.section].right += 1 }
    }
  }
}
