public import SliceGrad

/// A UTF-8 file of word vectors in the text format of word2vec, fastText or GloVe: a line has a word and its numbers.
///
///     let vocabulary = WordVocabulary(of: ["to be or not to be"])
///     var table = EmbeddingTable(Tensor<Float>(zeros: [4, 2]))
///     print(try WordVectorFile("words.vec").fill(&table, for: vocabulary))  // 3 of 4 words
///     print(table.value.row(vocabulary.row(of: "be")!))  // [3, 4]
///
/// One or more spaces (U+0020) separate the fields. Line 1 says how many words there are and how many numbers a vector
/// has, unless the file is in GloVe's format. Words are compared scalar by scalar: the file's “The” is not the “the” of
/// a vocabulary that folds case. A line may be 1 MiB long.
///
/// A word may contain spaces, as “. . .” does, if none of its parts after the first is a number, and if the table or a
/// line before says how many numbers a vector has. A damaged number can therefore pass for a part of a word. If a word
/// appears more than once, as in some published files, its first vector counts.
///
/// A file in GloVe's format is taken for one in the other format if its vectors have one number each and its first word
/// is a whole number.
public struct WordVectorFile: Sendable {
  /// Where the file is.
  public let path: String

  /// The file at a path. It isn't opened before it is read or written.
  public init(_ path: String) {
    self.path = path
  }

  /// Copies the vectors of the vocabulary's words into their rows; rows of words that the file lacks stay as they are.
  ///
  /// Throws `DataError` at the first line that is not as expected; the table is then as it was. Every line must have
  /// the right number of fields and a word in UTF-8. The numbers of words outside of the vocabulary aren't read. Traps
  /// if the table has fewer rows than the vocabulary; it may have more, as for n-grams.
  ///
  /// - Complexity: O(bytes of the file) time; memory for the vectors of the vocabulary, not for the file.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func fill<Scalar>(
    _ table: inout EmbeddingTable<Scalar>, for vocabulary: WordVocabulary
  ) throws(DataError) -> WordVectorCoverage {
    checkRows(of: table, for: vocabulary)
    var reader = WordVectorReader<Scalar>(path: path, columnCount: table.columnCount)
    var rows: [Int] = []
    var isFound = [Bool](repeating: false, count: vocabulary.count)
    var isRepeated = isFound
    try reader.read { word in
      guard let row = vocabulary.row(of: word).map(Int.init) else { return false }
      guard !isFound[row] else {
        isRepeated[row] = true
        return false
      }
      isFound[row] = true
      rows.append(row)
      return true
    }
    let columns = table.columnCount
    table.value.withUnsafeMutableBufferPointer { elements in
      for (vector, row) in rows.enumerated() {
        for column in 0..<columns { elements[row * columns + column] = reader.numbers[vector * columns + column] }
      }
    }
    return WordVectorCoverage(isFound: isFound, repeatedCount: isRepeated.count { $0 })
  }

  /// All words of the file in its order, and a table with their vectors.
  ///
  ///     let (vocabulary, table) = try WordVectorFile("words.vec").contents()
  ///     print(vocabulary.words, table)  // ["to", "be", "or"] EmbeddingTable [3, 2]
  ///
  /// Throws `DataError` at the first line that is not as expected.
  ///
  /// - Complexity: O(bytes of the file).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func contents<Scalar>(
    as scalar: Scalar.Type = Float.self
  ) throws(DataError) -> (vocabulary: WordVocabulary, table: EmbeddingTable<Scalar>) {
    var reader = WordVectorReader<Scalar>(path: path, columnCount: nil)
    var words = WordTable()
    try reader.read { word in
      let count = words.count
      return Int(words.number(of: word)) == count  // a new word
    }
    let vectors = Tensor(shape: [words.count, reader.dimension!], elements: reader.numbers)
    return (WordVocabulary(words), EmbeddingTable(vectors))
  }

  /// Traps unless the table has a row for each word.
  func checkRows<Scalar>(of table: EmbeddingTable<Scalar>, for vocabulary: WordVocabulary) {
    require(
      table.rowCount >= vocabulary.count,
      "WordVectorFile: a table of \(table.rowCount) rows for \(vocabulary.count) words")
  }
}
