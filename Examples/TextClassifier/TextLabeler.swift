/// What says how probable labels are for a text.
protocol TextLabeler {
  /// Whether it gives one label or any number, unless the user says how many.
  var loss: Loss { get }

  /// The labels that a text is given: so many, or all of this probability or more, as far as the user says so.
  func choice(top: Int?, threshold: Double?) -> LabelChoice

  /// The most probable labels of each text, best first.
  func mostProbable(_ count: Int, of texts: [String]) -> [[(label: String, probability: Float)]]
}

extension TextLabeler {
  /// The labels that each text is given, the most probable first.
  func labels(of texts: [String], _ choice: LabelChoice) -> [[(label: String, probability: Float)]] {
    mostProbable(choice.top ?? .max, of: texts).map { labels in
      Array(labels.prefix { Double($0.probability) >= choice.threshold })
    }
  }
}
