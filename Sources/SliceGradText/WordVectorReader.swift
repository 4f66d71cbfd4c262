import SliceGrad
import SliceGradFiles

/// Reads a file of word vectors and keeps the vectors of the words that are wanted, one after another.
///
/// Every line is checked for its number of fields and for a word in UTF-8. That the other fields are finite numbers is
/// checked only if the word is wanted.
struct WordVectorReader<Scalar: TensorScalar> {
  private let path: String
  /// The number of numbers in a vector; `nil` until the first line says it. `authority` is what says it.
  private(set) var dimension: Int?
  private var authority: String
  private var announcedCount: Int?
  private var wordCount = 0
  /// The vectors of the wanted words in the order of the file.
  private(set) var numbers: [Scalar] = []

  /// A reader of vectors for a table with this number of columns, or for any table.
  init(path: String, columnCount: Int?) {
    self.path = path
    dimension = columnCount
    authority = "as the table has columns"
  }

  /// Calls `isWanted` with each word in the order of the file.
  ///
  /// - Complexity: O(bytes of the file) time, O(wanted vectors) memory.
  mutating func read(
    isWanted: (_ word: ArraySlice<UInt32>) -> Bool
  ) throws(DataError) {
    try FileLines(path: path, contents: "word vectors").visit { bytes, number throws(DataError) in
      try read(bytes, at: TextLocation(path: path, line: number), isWanted: isWanted)
    }
    if let announcedCount, wordCount != announcedCount {
      throw DataError(path: path, found: "\(wordCount) words", expected: "\(announcedCount), as line 1 says")
    }
    if announcedCount == nil && wordCount == 0 {
      throw DataError(path: path, found: "no words", expected: "lines of \(Self.pattern)")
    }
  }

  private static var pattern: String { "a word and its numbers" }

  private mutating func read(
    _ line: ArraySlice<UInt8>, at location: TextLocation,
    isWanted: (_ word: ArraySlice<UInt32>) -> Bool
  ) throws(DataError) {
    var fields = line.split(separator: UInt8(ascii: " "))
    if location.line == 1, let header = Header(fields) { return try begin(with: header, at: location) }
    guard var bytes = fields.first else { return }  // a blank line
    fields.removeFirst()

    wordCount += 1
    if let announcedCount, wordCount > announcedCount {
      throw DataError(at: location, found: "a word more", expected: "\(announcedCount) words, as line 1 says")
    }
    guard bytes.startIndex == line.startIndex else {
      throw DataError(at: location, found: "a space at the beginning", expected: Self.pattern)
    }
    // A word may have several fields, as “. . .” has in some of GloVe's files.
    if let dimension, fields.count > dimension {
      let rest = fields.dropLast(dimension)
      if rest.allSatisfy({ Scalar(decimal: $0) == nil }) {
        bytes = line[..<rest.last!.endIndex]
        fields.removeFirst(rest.count)
      }
    }
    guard let word = String(utf8: bytes) else {
      throw DataError(at: location, found: "bytes that are not UTF-8", expected: "UTF-8 text")
    }
    try checkDimension(fields.count, of: word, at: location)
    guard isWanted(word.unicodeScalars.map(\.value)[...]) else { return }

    for (column, field) in fields.enumerated() {
      guard let number = Scalar(decimal: field), number.isFinite else {
        let text = String(decoding: field, as: UTF8.self).quoted
        throw DataError(
          at: location, found: "\(text) as number \(column + 1) of \(word.quoted)", expected: "a finite number")
      }
      numbers.append(number)
    }
  }

  private mutating func begin(with header: Header, at location: TextLocation) throws(DataError) {
    if let dimension, dimension != header.dimension {
      throw DataError(
        at: location, found: "vectors of \(header.dimension) numbers", expected: "\(dimension), \(authority)")
    }
    guard header.dimension <= Int32.max else {
      throw DataError(
        at: location, found: "vectors of \(header.dimension) numbers", expected: "at most \(Int32.max)")
    }
    announcedCount = header.wordCount
    dimension = header.dimension
    authority = "as line 1 says"
  }

  /// Throws unless a vector has as many numbers as those before it, or as the file or the table says.
  private mutating func checkDimension(_ count: Int, of word: String, at location: TextLocation) throws(DataError) {
    if let dimension, count != dimension {
      throw DataError(
        at: location, found: "\(count) numbers after \(word.quoted)", expected: "\(dimension), \(authority)")
    }
    guard dimension == nil else { return }
    guard count > 0 else {
      throw DataError(at: location, found: "no numbers after \(word.quoted)", expected: Self.pattern)
    }
    dimension = count
    authority = "as line \(location.line!) has"
  }
}

/// The first line of a file in the format of word2vec or fastText: the number of words, and of numbers in a vector.
private struct Header {
  let wordCount: Int
  let dimension: Int

  /// `nil` unless the line is two whole numbers, as in a file in GloVe's format.
  init?(_ fields: [ArraySlice<UInt8>]) {
    let isWhole = fields.allSatisfy { $0.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }
    let numbers = fields.prefix(2).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    guard fields.count == 2, isWhole, numbers.count == 2 else { return nil }
    (wordCount, dimension) = (numbers[0], numbers[1])
  }
}
