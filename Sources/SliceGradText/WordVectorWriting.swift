public import SliceGrad
import SliceGradFiles

extension WordVectorFile {
  /// Writes the vocabulary's words with their rows of the table in fastText's format, which gensim reads as well.
  ///
  ///     let table = EmbeddingTable(Tensor<Float>([[0.25, -1.5, 3e-05], [1, 0.1, -0.0]]))
  ///     try WordVectorFile("new.vec").write(table, for: WordVocabulary(of: ["the of"]))
  ///     for line in try String(contentsOfFile: "new.vec", encoding: .utf8).split(separator: "\n") { print(line) }
  ///     // 2 3
  ///     // the 0.25 -1.5 3e-05
  ///     // of 1.0 0.1 -0.0
  ///
  /// Each number has just enough digits for the same bits to be read. Rows after those of the words, such as the rows
  /// of n-grams, are left out. The file is written beside an older one, and takes its place when it is complete and on
  /// the disk.
  ///
  /// Throws `DataError` if the file can't be written. It also throws, with the line in the file, for a number that
  /// isn't finite, for an empty word, for a word with ASCII white space, which other programs would take for two
  /// words, and for one that begins with a byte order mark, which readers drop. An older file is then as it was. Traps
  /// if the table has fewer rows than the vocabulary.
  ///
  /// - Complexity: O(words · columns).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func write<Scalar>(_ table: EmbeddingTable<Scalar>, for vocabulary: WordVocabulary) throws(DataError) {
    checkRows(of: table, for: vocabulary)
    try AtomicFile.write(to: path) { file throws(DataError) in
      var lines = WordVectorLines(columns: table.columnCount, vocabulary, path, file)
      try lines.append(table.value)
      try lines.end()
    }
  }

  /// The same for vectors that need never be here as a whole.
  ///
  /// - Parameter forEachPart: calls its body with the vectors `[n, columns]` of some words after those of others, in
  ///   the order of the vocabulary. What it throws ends the writing.
  package func write<Scalar: TensorScalar>(
    columns: Int, for vocabulary: WordVocabulary, _ forEachPart: ((Tensor<Scalar>) throws -> Void) throws -> Void
  ) throws {
    var problem: (any Error)?
    do {
      try AtomicFile.write(to: path) { file throws(DataError) in
        var lines = WordVectorLines(columns: columns, vocabulary, path, file)
        do {
          try forEachPart { try lines.append($0) }
        } catch {
          problem = error
          throw DataError(at: TextLocation(path: path), found: "\(error)", expected: "vectors")
        }
        try lines.end()
      }
    } catch {
      throw problem ?? error
    }
  }
}

/// The lines of a file of word vectors, on their way to it.
private struct WordVectorLines {
  private let columns: Int
  private let words: [String]
  private let path: String
  private let file: AtomicFile<DataError>
  /// How many words have their lines.
  private var count = 0
  private var text: [UInt8]

  init(columns: Int, _ vocabulary: WordVocabulary, _ path: String, _ file: AtomicFile<DataError>) {
    (self.columns, words, self.path, self.file) = (columns, vocabulary.words, path, file)
    text = Array("\(words.count) \(columns)\n".utf8)
  }

  /// Appends the vectors of the next words. There may be more of them than words.
  mutating func append<Scalar: TensorScalar>(_ vectors: Tensor<Scalar>) throws(DataError) {
    let elements = vectors.elements
    for row in 0..<min(vectors.shape[0], words.count - count) {
      try append(words[count], elements[row * columns..<(row + 1) * columns])
      count += 1
      guard text.count >= 1 << 18 else { continue }
      try file.append(text)
      text.removeAll(keepingCapacity: true)
    }
  }

  private mutating func append<Scalar>(
    _ word: String, _ vector: Tensor<Scalar>.Elements
  ) throws(DataError) {
    let location = TextLocation(path: path, line: count + 2)
    try check(word, at: location)
    text += word.utf8
    if let number = vector.first(where: { !$0.isFinite }) {
      throw DataError(
        at: location, found: "\(number) in the vector of \(word.quoted)", expected: "finite numbers")
    }
    for number in vector {
      text.append(UInt8(ascii: " "))
      text += number.description.utf8
    }
    text.append(UInt8(ascii: "\n"))
  }

  /// Appends what is left. Traps unless all words have had their vectors.
  func end() throws(DataError) {
    require(count == words.count, "WordVectorFile: vectors of \(count) words, expected \(words.count)")
    try file.append(text)
  }

  /// Throws unless every program would read this as one word.
  private func check(_ word: String, at location: TextLocation) throws(DataError) {
    guard !word.isEmpty else {
      throw DataError(at: location, found: "an empty word", expected: "words of one character or more")
    }
    guard word.utf8.allSatisfy({ $0 != UInt8(ascii: " ") && !(9...13).contains($0) }) else {
      throw DataError(
        at: location, found: "white space in the word \(word.quoted)", expected: "words without")
    }
    guard !word.utf8.starts(with: FileLines.byteOrderMark) else {
      throw DataError(
        at: location, found: "a byte order mark before the word \(word.quoted)", expected: "words without")
    }
  }
}
