import SliceGrad
import SliceGradFiles

/// Goes through a file of word vectors and keeps the vectors of the words that are wanted, one after the other.
///
/// Every line is checked for its number of fields and for a word in UTF-8. That the other fields are finite numbers is
/// checked only where the word is wanted.
struct WordVectorReader<Scalar: TensorScalar> {
  private let path: String
  /// The numbers in a vector, and who says so; `nil` until the first line does.
  private(set) var dimension: Int?
  private var authority: String
  private var announcedCount: Int?
  private var wordCount = 0
  /// The Unicode scalars of a word.
  private var scalars: [UInt32] = []
  /// The vectors of the wanted words in the order of the file.
  private(set) var numbers: ContiguousArray<Scalar> = []

  /// A reader of vectors for a table with this number of columns, or for any table.
  init(path: String, columnCount: Int?) {
    self.path = path
    dimension = columnCount
    authority = "as the table has columns"
  }

  /// Calls `isWanted` with each word in the order of the file.
  ///
  /// - Complexity: O(bytes of the file) time, O(wanted vectors) memory
  mutating func read(
    isWanted: (_ word: ArraySlice<UInt32>, _ location: TextLocation) throws(DataError) -> Bool
  ) throws(DataError) {
    try FileLines(path: path, contents: "word vectors").visit { bytes, number throws(DataError) in
      try bytes.withUnsafeBufferPointer { line throws(DataError) in
        try read(line, at: TextLocation(path: path, line: number), isWanted: isWanted)
      }
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
    _ line: UnsafeBufferPointer<UInt8>, at location: TextLocation,
    isWanted: (_ word: ArraySlice<UInt32>, _ location: TextLocation) throws(DataError) -> Bool
  ) throws(DataError) {
    if location.line == 1, let header = Header(line) { return try begin(with: header, at: location) }
    var fields = LineFields(line)
    guard var word = fields.next() else { return }  // a blank line

    wordCount += 1
    if let announcedCount, wordCount > announcedCount {
      throw DataError(at: location, found: "a word more", expected: "\(announcedCount) words, as line 1 says")
    }
    guard line.first != LineFields.space else {
      throw DataError(at: location, found: "a space at the beginning", expected: Self.pattern)
    }
    var count = LineFields.count(in: line) - 1
    if let longer = wordOfSeveralFields(in: line, numberCount: count, &fields) { (word, count) = (longer, dimension!) }
    guard decode(word) else {
      throw DataError(at: location, found: "bytes that are not UTF-8", expected: "UTF-8 text")
    }
    let dimension = try checkDimension(count, at: location)
    guard try isWanted(scalars[...], location) else { return }

    for column in 0..<dimension {
      let field = fields.next()!
      guard let number = DecimalNumber(field)?.rounded(to: Scalar.self), number.isFinite else {
        let text = String(decoding: field, as: UTF8.self).quoted
        throw DataError(
          at: location, found: "\(text) as number \(column + 1) of \(quotedWord)", expected: "a finite number")
      }
      numbers.append(number)
    }
  }

  /// The word of a line that has more fields than a word and its numbers, as “. . .” in some of GloVe's files. `fields`
  /// then go on after the word.
  ///
  /// `nil` if one of the superfluous fields is a number.
  private func wordOfSeveralFields(
    in line: UnsafeBufferPointer<UInt8>, numberCount: Int, _ fields: inout LineFields
  ) -> UnsafeBufferPointer<UInt8>? {
    guard announcedCount == nil, let dimension, numberCount > dimension else { return nil }
    var (rest, last) = (fields, line)
    for _ in dimension..<numberCount {
      last = rest.next()!
      guard DecimalNumber(last) == nil else { return nil }
    }
    fields = rest
    return UnsafeBufferPointer(rebasing: line[..<(last.baseAddress! + last.count - line.baseAddress!)])
  }

  private mutating func begin(with header: Header, at location: TextLocation) throws(DataError) {
    if let dimension, dimension != header.dimension {
      throw DataError(
        at: location, found: "vectors of \(header.dimension) numbers", expected: "\(dimension), \(authority)")
    }
    announcedCount = header.wordCount
    dimension = header.dimension
    authority = "as line 1 says"
  }

  /// The dimension of all vectors: that of the first one, unless it was known before. Throws if `count` is another.
  private mutating func checkDimension(_ count: Int, at location: TextLocation) throws(DataError) -> Int {
    if let dimension {
      guard count == dimension else {
        throw DataError(
          at: location, found: "\(count) numbers after \(quotedWord)", expected: "\(dimension), \(authority)")
      }
    } else {
      guard count > 0 else {
        throw DataError(at: location, found: "no numbers after \(quotedWord)", expected: Self.pattern)
      }
      dimension = count
      authority = "as line \(location.line!) has"
    }
    return count
  }

  /// Fills `scalars` with the word. Returns whether it is UTF-8.
  private mutating func decode(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
    scalars.removeAll(keepingCapacity: true)
    var bytes = word.makeIterator()
    var decoder = UTF8()
    while true {
      switch decoder.decode(&bytes) {
      case .scalarValue(let scalar): scalars.append(scalar.value)
      case .emptyInput: return true
      case .error: return false
      }
    }
  }

  private var quotedWord: String { String(scalars: scalars[...]).quoted }
}

/// The first line of a file in the format of word2vec or fastText: how many words there are, and numbers in a vector.
private struct Header {
  let wordCount: Int
  let dimension: Int

  /// `nil` unless the line is two whole numbers, as in a file in GloVe's format.
  init?(_ line: UnsafeBufferPointer<UInt8>) {
    var fields = LineFields(line)
    guard let wordCount = Self.number(fields.next()), let dimension = Self.number(fields.next()), fields.next() == nil
    else { return nil }
    self.wordCount = wordCount
    self.dimension = dimension
  }

  private static func number(_ field: UnsafeBufferPointer<UInt8>?) -> Int? {
    guard let field, field.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return Int(String(decoding: field, as: UTF8.self))
  }
}
