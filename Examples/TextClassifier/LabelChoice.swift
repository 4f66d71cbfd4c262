import SliceGrad

/// Which labels a text is given: so many of the most probable ones, or all that are probable enough, or both.
struct LabelChoice {
  /// So many at most; `nil` for any number.
  let top: Int?
  /// Of this probability or more.
  let threshold: Double

  /// What the user asks for. Without a wish, a text gets its most probable label, or all independent ones of the usual
  /// probability or more.
  init(_ loss: Loss, top: Int? = nil, threshold: Double? = nil, usual: Double = 0.5) {
    switch loss {
    case .softmax:
      self.top = top ?? 1
      self.threshold = threshold ?? 0
    case .independent:
      self.top = top
      self.threshold = threshold ?? (top == nil ? usual : 0)
    }
  }

  /// The labels by their logits `[texts, classes]`, the most probable first. With a threshold of 0, a probability may
  /// be NaN.
  func callAsFunction(_ logits: Tensor<Float>, _ loss: Loss) -> [[(label: Int32, probability: Float)]] {
    let count = min(top ?? .max, logits.shape[1])
    guard logits.shape[0] > 0 else { return [] }
    let (probabilities, labels) = (loss.probabilities(logits), logits.topK(count).indices)
    return (0..<logits.shape[0]).map { text in
      let best = labels[text * count..<(text + 1) * count].map {
        (label: $0, probability: probabilities[text, Int($0)])
      }
      return Array(best.prefix { Double($0.probability) >= threshold || threshold == 0 })
    }
  }
}
