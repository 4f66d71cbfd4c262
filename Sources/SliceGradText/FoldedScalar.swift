/// What the tokenizer has to know of a Unicode scalar: its role in a text and its lower-case form.
///
/// A table holds the scalars of the basic multilingual plane, where almost all text lies. Asking
/// `Unicode.Scalar.Properties` for a lower-case form would make a String each time.
struct FoldedScalar: Equatable {
  enum Role {
    case wordPart
    case whiteSpace
    /// Punctuation or a symbol (general categories P and S): a token of its own.
    case mark
    /// Part of a word. Its lower-case form has several scalars, as “İ” becomes “i” with a dot above.
    case expandingWordPart
  }

  let role: Role
  /// The lower-case form of the scalar, or the scalar itself if that form has several scalars.
  let lowercase: UInt32

  init(_ scalar: Unicode.Scalar) {
    let properties = scalar.properties
    let changes = properties.changesWhenLowercased
    let folded = changes ? properties.lowercaseMapping.unicodeScalars.map(\.value) : [scalar.value]
    role = folded.count == 1 ? Self.role(of: properties) : .expandingWordPart
    lowercase = folded.count == 1 ? folded[0] : scalar.value
  }

  /// The folded scalars 0...0xFFFF. No text has surrogates: U+FFFD stands in their places.
  static let ofBasicMultilingualPlane: [FoldedScalar] = (UInt32(0)...0xFFFF).map {
    FoldedScalar(Unicode.Scalar($0) ?? "\u{FFFD}")
  }

  private static func role(of properties: Unicode.Scalar.Properties) -> Role {
    if properties.isWhitespace { return .whiteSpace }
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
      return .mark
    default:
      return .wordPart
    }
  }
}
