/// The tokens of one text as Unicode scalar values, in one array that the next text reuses.
///
/// Each token stands between a mark for the beginning of a word and one for its end, as character n-grams need it:
/// “Hi you” is `<hi><you>`.
struct TokenBuffer {
  static let beginning = UInt32(("<" as Unicode.Scalar).value)
  static let end = UInt32((">" as Unicode.Scalar).value)

  /// All tokens with their marks, one after the other.
  private(set) var scalars: [UInt32] = []
  /// Where each token with its marks begins, and where the last one ends.
  private var boundaries: [Int] = [0]
  private let foldsCase: Bool
  private let foldedScalars = FoldedScalar.ofBasicMultilingualPlane

  init(foldsCase: Bool) { self.foldsCase = foldsCase }

  var count: Int { boundaries.count - 1 }

  /// Where token number `token` with its marks is in `scalars`.
  func rangeOfMarkedWord(_ token: Int) -> Range<Int> {
    boundaries[token]..<boundaries[token + 1]
  }

  /// Token number `token` without its marks.
  func word(_ token: Int) -> ArraySlice<UInt32> {
    scalars[rangeOfMarkedWord(token)].dropFirst().dropLast()
  }

  /// Replaces the tokens by those of `text`, without allocating once the arrays are large enough.
  ///
  /// - Complexity: O(length of the text)
  mutating func fill(with text: String) {
    scalars.removeAll(keepingCapacity: true)
    boundaries.removeAll(keepingCapacity: true)
    boundaries.append(0)
    var text = text
    text.withUTF8 { bytes in
      var position = 0
      while position < bytes.count {
        append(Self.decodeScalar(in: bytes, at: &position))
      }
    }
    endWord()
  }

  private mutating func append(_ scalar: UInt32) {
    let folded = scalar < 0x10000 ? foldedScalars[Int(scalar)] : FoldedScalar(Unicode.Scalar(scalar)!)
    switch folded.role {
    case .wordPart:
      beginWord()
      scalars.append(foldsCase ? folded.lowercase : scalar)
    case .whiteSpace:
      endWord()
    case .mark:
      endWord()
      beginWord()
      scalars.append(foldsCase ? folded.lowercase : scalar)
      endWord()
    case .expandingWordPart:
      beginWord()
      guard foldsCase else { return scalars.append(scalar) }
      scalars += Unicode.Scalar(scalar)!.properties.lowercaseMapping.unicodeScalars.map(\.value)
    }
  }

  /// A word is open while scalars follow the last boundary.
  private var isInWord: Bool { scalars.count > boundaries[boundaries.count - 1] }

  private mutating func beginWord() {
    if !isInWord { scalars.append(Self.beginning) }
  }

  private mutating func endWord() {
    guard isInWord else { return }
    scalars.append(Self.end)
    boundaries.append(scalars.count)
  }

  /// The scalar value at `position`, which moves to the next one. The bytes are valid UTF-8, as they are a String's.
  private static func decodeScalar(in bytes: UnsafeBufferPointer<UInt8>, at position: inout Int) -> UInt32 {
    let first = UInt32(bytes[position])
    position += 1
    guard first >= 0x80 else { return first }

    let continuationCount = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3
    var scalar = first & (0x3F >> UInt32(continuationCount))
    for _ in 0..<continuationCount {
      scalar = scalar << 6 | UInt32(bytes[position]) & 0x3F
      position += 1
    }
    return scalar
  }
}
