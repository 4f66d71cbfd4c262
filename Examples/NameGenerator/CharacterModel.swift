import SliceGrad

/// From the characters of names up to each place to the logits of the one that follows.
struct CharacterModel: Module {
  enum Kind: String, CaseIterable {
    /// The last character alone decides.
    case bigram
    /// The last few characters. Bengio et al., “A Neural Probabilistic Language Model” (2003).
    case mlp
    /// All characters, read one after another.
    case gru
    /// All characters, among which each place looks for what it needs.
    case attention
  }

  let kind: Kind
  let context: Int
  let dropout: Float
  var embedding: Embedding<Float>
  var hidden: Dense<Float>?
  var gru: GRU<Float>?
  var positions: Embedding<Float>?
  var blocks: [TransformerBlock<Float>] = []
  var output: Dense<Float>?

  /// Places for which attention has learnt where they are; later ones count as the last of them.
  static let positionCount = 64

  init(characters: Int, _ options: Options, using generator: inout RandomGenerator) {
    (kind, context, dropout) = (options.model, options.context, Float(options.dropout))
    let (columns, units) = (options.dimensions, options.hidden)
    // The rows of bigrams are the logits themselves.
    embedding = Embedding(
      rows: characters, columns: kind == .bigram ? characters : columns,
      standardDeviation: kind == .bigram ? 0.01 : 0.3, using: &generator)
    switch kind {
    case .bigram: return
    case .mlp: hidden = Dense(inputs: columns * context, outputs: units, using: &generator)
    case .gru: gru = GRU(inputs: columns, hidden: units, layers: options.layers, using: &generator)
    case .attention:
      positions = Embedding(
        rows: Self.positionCount, columns: columns, standardDeviation: 0.3, using: &generator)
      for _ in 0..<options.layers {
        blocks.append(
          TransformerBlock(
            columns: columns, heads: options.heads, hidden: units, isNormFirst: true, using: &generator))
      }
    }
    output = Dense(inputs: kind == .attention ? columns : units, outputs: characters, using: &generator)
  }

  /// The logits `[n, characters]` after each of n characters.
  func callAsFunction(_ names: RaggedIndices) -> Variable<Float> {
    let vectors = embedding(names)
    guard let output else { return vectors.values }
    return output(states(vectors).dropout(dropout))
  }

  private func states(_ vectors: Sequences<Float>) -> Variable<Float> {
    switch kind {
    case .bigram: return vectors.values
    case .mlp: return hidden!(vectors.windows(length: context, padding: .causal).values).tanh()
    case .gru: return gru!(vectors).outputs.values
    case .attention:
      let places = vectors.positions.map { min($0, Int32(Self.positionCount - 1)) }
      let start = vectors.map { $0 + positions!(places) }
      return blocks.reduce(start) { $1($0, isCausal: true) }.values
    }
  }

  /// The mean over the characters of names of −log the probability of the next one, in nats.
  func loss(of names: [[Int32]]) -> Double {
    var (sum, count) = (0.0, 0)
    for batch in names.batches(ofSize: 256) {
      let batch = NameBatch(batch)
      sum += Double(softmaxCrossEntropy(self(batch.inputs), batch.targets, reduction: .sum).scalar)
      count += batch.targets.count
    }
    return sum / Double(count)
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&embedding, "embedding")
    visit(&hidden, "hidden")
    visit(&gru, "gru")
    visit(&positions, "positions")
    visit(&blocks, "blocks")
    visit(&output, "output")
  }
}

extension CharacterModel {
  /// Draws names, character by character, until each is at its end or has so many characters.
  func newNames(_ count: Int, longest: Int = 40, _ options: Options, using generator: inout RandomGenerator)
    -> [[Int32]]
  {
    var (open, finished) = (Array(repeating: [Int32](), count: count), [[Int32]]())
    while !open.isEmpty {
      let inputs = NameBatch(open).inputs
      let last = inputs.rowSplits.dropFirst().map { $0 - 1 }
      let next = self(inputs).gather(Array(last)).value
        .drawClasses(
          temperature: Float(options.temperature),
          topK: options.topK.map { min($0, output?.weight.shape[0] ?? embedding.weight.rowCount) }, using: &generator)
      var longer: [[Int32]] = []
      for (name, character) in zip(open, next) {
        if character == Names.mark || name.count == longest {
          finished.append(name)
        } else {
          longer.append(name + [character])
        }
      }
      open = longer
    }
    return finished
  }
}
