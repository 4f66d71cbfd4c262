import SliceGrad

/// The bags of rows of some texts, as they are kept.
enum TextBags: Sendable {
  case rows(RaggedIndices)
  case words(WordBags)

  /// Encodes these texts, as small as the features allow.
  init(_ texts: [String], features: NGramFeatures) {
    self =
      features.configuration.spansWords ? .rows(features.encode(texts)) : .words(WordBags(texts, features: features))
  }

  /// The number of texts.
  var count: Int {
    switch self {
    case .rows(let bags): bags.bagCount
    case .words(let bags): bags.count
    }
  }

  /// The bags of all texts.
  var all: RaggedIndices {
    switch self {
    case .rows(let bags): bags
    case .words(let bags): bags.bags(ArraySlice(0..<bags.count))
    }
  }

  /// The bags of some texts, by their numbers.
  func chosen(_ texts: ArraySlice<Int>) -> RaggedIndices {
    switch self {
    case .rows(let bags): bags.bags(texts)
    case .words(let bags): bags.bags(texts)
    }
  }
}
