import SliceGrad

/// The bags of rows of some texts, as they are kept.
enum TextBags: Sendable {
  case rows(RaggedIndices)
  case words(WordBags)

  /// Encodes these texts, as small as the features allow. Traps unless the numbered words, if there are some, are those
  /// of as many texts, and folded as the features say.
  init(_ texts: [String], words: NumberedWords? = nil, features: NGramFeatures) {
    let foldsCase = features.configuration.foldsCase
    if let words {
      require(
        words.textCount == texts.count, "TextDataSet: words of \(words.textCount) texts for \(texts.count) texts")
      require(
        words.foldsCase == foldsCase,
        "TextDataSet: words with foldsCase \(words.foldsCase), but features with foldsCase \(foldsCase)")
    }
    self =
      features.configuration.spansWords
      ? .rows(features.encode(texts))
      : .words(WordBags(words ?? NumberedWords(of: texts, foldsCase: foldsCase), features: features))
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

  /// The features with rows for those buckets alone that n-grams of these texts fall into, and the texts with these
  /// rows. They were encoded with these features, all of whose buckets have rows.
  func keepingBuckets(of features: NGramFeatures) -> (features: NGramFeatures, bags: TextBags) {
    let (wordCount, configuration) = (Int32(features.vocabulary.count), features.configuration)
    let allRows = 0..<Int32(features.rowCount)
    let kept = KeptRows(below: configuration.buckets) { keep in
      forEachRow { row in
        require(
          allRows.contains(row), "TextDataSet.keepingBuckets: row \(row) of features that have \(allRows.count) rows")
        if row >= wordCount { keep(row - wordCount) }
      }
    }
    func rowNow(_ row: Int32) -> Int32 {
      row < wordCount ? row : wordCount + kept.position(of: row - wordCount)!
    }
    let features = NGramFeatures(configuration, vocabulary: features.vocabulary, keptBuckets: kept)
    switch self {
    case .rows(let bags): return (features, .rows(bags.replacingValues(by: bags.values.map(rowNow))))
    case .words(let bags): return (features, .words(bags.renumbered(for: features, rowNow)))
    }
  }

  /// Calls the body with every row that some text has, mostly several times.
  func forEachRow(_ body: (_ row: Int32) -> Void) {
    switch self {
    case .rows(let bags): bags.values.forEach(body)
    case .words(let bags): bags.forEachRow(body)
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
