import Foundation
import SliceGrad
import SliceGradText

/// Word vectors that are accepted are finite, are the same to the bit after they were written, and fill a table with
/// the same numbers. A table that is refused stays as it was.
@Sendable func fuzzWordVectors(_ bytes: [UInt8]) {
  let path = file("words.vec", bytes)
  let vectors = WordVectorFile(path)
  checkFill(vectors)
  let read = accepted { () throws(DataError) in try vectors.contents(as: Float.self) }
  guard let (vocabulary, table) = read else { return }
  require(table.rowCount == vocabulary.count && table.value.isFinite, "\(table) for \(vocabulary.count) words")

  // Whether all words can be written is the writer's to say.
  let copy = WordVectorFile(path + " copy")
  guard isAccepted({ () throws(DataError) in try copy.write(table, for: vocabulary) }) else { return }
  guard let (words, numbers) = accepted({ () throws(DataError) in try copy.contents(as: Float.self) }) else {
    trap("what was written can't be read")
  }
  require(words == vocabulary, "\(words.words) is not \(vocabulary.words)")
  require(numbers.value.elements.map(\.bitPattern) == table.value.elements.map(\.bitPattern), "other numbers")

  var filled = EmbeddingTable(Tensor<Float>(zeros: Shape([table.rowCount, table.columnCount])))
  guard let coverage = accepted({ () throws(DataError) in try vectors.fill(&filled, for: vocabulary) }) else { return }
  require(coverage.missingRows.isEmpty || table.columnCount == 0, "\(coverage)")
}

private func checkFill(_ vectors: WordVectorFile) {
  let before = EmbeddingTable(Tensor<Double>([[1, 2], [3, 4], [5, 6]]))
  var table = before
  let vocabulary = WordVocabulary(words: ["to", "be", ". ."])!
  guard let coverage = accepted({ () throws(DataError) in try vectors.fill(&table, for: vocabulary) }) else {
    return require(table == before, "a refused file has changed the table")
  }
  require(table.value.isFinite, "\(table.value)")
  for row in coverage.missingRows { require(table.value.row(row) == before.value.row(row), "row \(row) has changed") }
}
