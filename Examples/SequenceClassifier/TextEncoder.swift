import SliceGrad

/// From the vectors of a text's elements to one vector.
struct TextEncoder: Module {
  enum Kind: String, CaseIterable {
    /// Filters of several lengths, and the largest output of each. Kim, “Convolutional Neural Networks for Sentence
    /// Classification” (2014).
    case cnn
    /// Both directions, and the largest state of each unit.
    case gru, lstm
    /// Transformer blocks, and the mean of their outputs.
    case attention
    /// The mean of the vectors.
    case bag
  }

  let kind: Kind
  var convolutions: [Conv1D<Float>] = []
  var gru: GRU<Float>?
  var lstm: LSTM<Float>?
  var blocks: [TransformerBlock<Float>] = []

  init(_ options: Options, using generator: inout RandomGenerator) {
    kind = options.encoder
    let (inputs, hidden, layers) = (options.dimensions, options.hidden, options.layers)
    switch kind {
    case .cnn:
      for length in options.filterLengths {
        convolutions.append(
          Conv1D(
            inputs: inputs, outputs: hidden, length: length, padding: .zeros(before: length - 1, after: length - 1),
            using: &generator))
      }
    case .gru:
      gru = GRU(inputs: inputs, hidden: hidden, layers: layers, isBidirectional: true, using: &generator)
    case .lstm:
      lstm = LSTM(inputs: inputs, hidden: hidden, layers: layers, isBidirectional: true, using: &generator)
    case .attention:
      for _ in 0..<layers {
        blocks.append(TransformerBlock(columns: inputs, heads: options.heads, hidden: 4 * inputs, using: &generator))
      }
    case .bag: break
    }
  }

  /// How many columns its output has.
  func columnCount(_ options: Options) -> Int {
    switch kind {
    case .cnn: options.filterLengths.count * options.hidden
    case .gru, .lstm: 2 * options.hidden
    case .attention, .bag: options.dimensions
    }
  }

  func callAsFunction(_ texts: Sequences<Float>) -> Variable<Float> {
    switch kind {
    case .cnn: .concatenate(convolutions.map { $0.maximum(over: texts) }, axis: 1).relu()
    case .gru: gru!(texts).outputs.max()
    case .lstm: lstm!(texts).outputs.max()
    case .attention: blocks.reduce(withPositions(texts)) { $1($0) }.mean()
    case .bag: texts.mean()
    }
  }

  private func withPositions(_ texts: Sequences<Float>) -> Sequences<Float> {
    let table = Tensor<Float>.sinusoidalPositions(length: texts.longest, columns: texts.values.shape[1])
    return texts.map { $0 + Variable(table).gather(texts.positions) }
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&convolutions, "convolutions")
    visit(&gru, "gru")
    visit(&lstm, "lstm")
    visit(&blocks, "blocks")
  }
}
