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

  /// The labels by their logits `[texts, classes]`, the most probable first.
  func callAsFunction(_ logits: Tensor<Float>, _ loss: Loss) -> [[(label: Int32, probability: Float)]] {
    let classes = logits.shape[1]
    let probabilities = loss.probabilities(logits)
    let count = min(top ?? classes, classes)
    let best = threshold == 0 ? logits.topK(count).indices : nil
    return (0..<logits.shape[0]).map { text in
      let labels = best.map { Array($0[text * count..<(text + 1) * count]) } ?? Array(0..<Int32(classes))
      let probable = labels.map { (label: $0, probability: probabilities[text, Int($0)]) }
        .filter { Double($0.probability) >= threshold }
      guard best == nil else { return probable }
      let sorted = probable.sorted { ($1.probability, $0.label) < ($0.probability, $1.label) }
      return Array(sorted.prefix(count))
    }
  }
}
