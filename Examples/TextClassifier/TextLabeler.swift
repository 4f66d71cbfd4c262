/// What says how probable labels are for a text.
protocol TextLabeler {
  /// The most probable labels of each text, best first.
  func mostProbable(_ count: Int, of texts: [String]) -> [[(label: String, probability: Float)]]
}
