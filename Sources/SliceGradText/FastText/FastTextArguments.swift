/// How a model of fastText's was trained, as far as its predictions depend on it.
struct FastTextArguments: Sendable {
  enum Kind: Int {
    case continuousBag = 1
    case skipGram, classifier
  }

  enum Loss: Int {
    case hierarchicalSoftmax = 1
    case negativeSampling, softmax, oneVersusAll
  }

  let dimensions: Int
  let wordNGrams: Int
  let loss: Loss
  let kind: Kind
  /// The number of rows that n-grams share.
  let buckets: Int
  /// The lengths of character n-grams, in Unicode scalars; `longest` is 0 if there are none.
  let shortest: Int
  let longest: Int

  /// Longer n-grams than anyone has, and few enough of them to be kept.
  private static let lengths = 0...100

  /// Reads what follows the version.
  init(_ reader: inout FastTextReader, version: Int) throws(DataError) {
    dimensions = try reader.integer("the number of dimensions", in: 1...Int(Int32.max))
    for name in ["ws", "epoch", "minCount", "neg"] { _ = try reader.integer(name) }
    wordNGrams = try reader.integer("the length of word n-grams", in: Self.lengths)
    loss = Loss(rawValue: try reader.integer("the loss", in: 1...4))!
    kind = Kind(rawValue: try reader.integer("the kind of model", in: 1...3))!
    buckets = try reader.integer("the number of buckets", in: 0...Int(Int32.max))
    shortest = try reader.integer("the smallest length of character n-grams", in: Self.lengths)
    let longest = try reader.integer("the largest length of character n-grams", in: Self.lengths)
    // Classifiers of version 11 had the field already, but not the n-grams.
    self.longest = version == 11 && kind == .classifier ? 0 : longest
    _ = try reader.integer("lrUpdateRate")
    try reader.skip(1, ofSize: 8, "t")
    guard !hasNGrams || buckets > 0 else { throw reader.error("n-grams, but no buckets", "buckets for them") }
  }

  /// Whether rows of n-grams are ever read.
  var hasNGrams: Bool { wordNGrams > 1 || longest > 0 }
}
