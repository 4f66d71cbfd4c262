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
    let elements = table.value.elements
    let columns = table.columnCount
    try AtomicFile.write(to: path) { file throws(DataError) in
      var text = Array("\(vocabulary.count) \(columns)\n".utf8)
      for (row, word) in vocabulary.words.enumerated() {
        let location = TextLocation(path: path, line: row + 2)
        try check(word, at: location)
        text += word.utf8
        let vector = elements[row * columns..<(row + 1) * columns]
        if let number = vector.first(where: { !$0.isFinite }) {
          throw DataError(
            at: location, found: "\(number) in the vector of \(word.quoted)", expected: "finite numbers")
        }
        for number in vector {
          text.append(UInt8(ascii: " "))
          text += number.description.utf8
        }
        text.append(UInt8(ascii: "\n"))
        if text.count >= 1 << 18 {
          try file.append(text)
          text.removeAll(keepingCapacity: true)
        }
      }
      try file.append(text)
    }
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
