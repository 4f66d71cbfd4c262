import SliceGrad

/// A vector of length 1 for a name in any language, and one for an English name: those of the same thing are to be
/// close together.
struct TwoTowers: Module {
  var names: Tower
  var englishNames: Tower

  init(features: (names: Int, englishNames: Int), dimensions: Int, using generator: inout RandomGenerator) {
    names = Tower(features: features.names, dimensions: dimensions, using: &generator)
    englishNames = Tower(features: features.englishNames, dimensions: dimensions, using: &generator)
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&names, "names")
    visit(&englishNames, "englishNames")
  }
}

/// The mean of the vectors of a name's n-grams, at length 1.
struct Tower: Module {
  var embedding: EmbeddingBag<Float>

  init(features: Int, dimensions: Int, using generator: inout RandomGenerator) {
    embedding = EmbeddingBag(rows: features, columns: dimensions, using: &generator)
  }

  func callAsFunction(_ names: RaggedIndices) -> Variable<Float> { embedding(names).unitRows() }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) { visit(&embedding, "embedding") }
}
