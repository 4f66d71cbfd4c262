/// The tokens of one text as Unicode scalar values, in one array that the next text reuses.
///
/// Each token stands between a mark for the beginning of a word and one for its end, as character n-grams need it. The
/// tokens of “Hi you” are `<hi><you>`.
struct TokenBuffer {
  static let beginning = UInt32(("<" as Unicode.Scalar).value)
  static let end = UInt32((">" as Unicode.Scalar).value)

  /// All tokens with their marks, one after another.
  private(set) var scalars: [UInt32] = []
  /// Where each token with its marks begins, and where the last one ends.
  private var boundaries: [Int] = [0]
  private let foldsCase: Bool
  private let foldedScalars = FoldedScalar.ofBasicMultilingualPlane

  init(foldsCase: Bool) { self.foldsCase = foldsCase }

  var count: Int { boundaries.count - 1 }

  /// The range of token number `token`, with its marks, in `scalars`.
  func rangeOfMarkedWord(_ token: Int) -> Range<Int> {
    boundaries[token]..<boundaries[token + 1]
  }

  /// Token number `token`, without its marks.
  func word(_ token: Int) -> ArraySlice<UInt32> {
    scalars[rangeOfMarkedWord(token)].dropFirst().dropLast()
  }

  /// Replaces the tokens by the tokens of `text`. It allocates nothing once the arrays are large enough.
  ///
  /// - Complexity: O(length of the text).
  mutating func fill(with text: String) {
    scalars.removeAll(keepingCapacity: true)
    boundaries.removeAll(keepingCapacity: true)
    boundaries.append(0)
    for scalar in text.unicodeScalars { append(scalar) }
    endWord()
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    let folded = scalar.value < 0x10000 ? foldedScalars[Int(scalar.value)] : FoldedScalar(scalar)
    if folded.role == .whiteSpace { return endWord() }
    if folded.role == .mark { endWord() }
    if !isInWord { scalars.append(Self.beginning) }
    if foldsCase && folded.role == .expandingWordPart {
      scalars += scalar.properties.lowercaseMapping.unicodeScalars.map(\.value)
    } else {
      scalars.append(foldsCase ? folded.lowercase : scalar.value)
    }
    if folded.role == .mark { endWord() }
  }

  /// A word is open while scalars follow the last boundary.
  private var isInWord: Bool { scalars.count > boundaries[boundaries.count - 1] }

  private mutating func endWord() {
    guard isInWord else { return }
    scalars.append(Self.end)
    boundaries.append(scalars.count)
  }
}
