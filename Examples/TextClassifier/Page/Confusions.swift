import ExampleParts
import SliceGradText

extension ReportPage {
  private static let (mostPairs, mostTexts, mostScalars) = (24, 3, 240)

  /// The labels that are taken for one another most often, with the texts of which the model was surest.
  var confusions: HTML {
    let all = evaluation.confusions
    guard !all.isEmpty else { return "<p>None: each text was taken for what it is.</p>" }
    let counts = evaluation.labelFigures
    let cards = all.prefix(Self.mostPairs).map { pair -> HTML in
      let (truth, found) = (labelNames[pair.truth], labelNames[pair.found])
      let share = Double(pair.texts.count) / Double(counts[pair.truth].textCount)
      return """
        <li>
        <h3><bdi>\(truth)</bdi> taken for <bdi>\(found)</bdi>: \
        \(pair.texts.count) of \(counts[pair.truth].textCount) (\(Self.percent(share, digits: 0)))</h3>
        <ul>
        \(pair.texts.prefix(Self.mostTexts).map(example))
        </ul>
        </li>
        """
    }
    let shown = all.count > Self.mostPairs ? "the \(Self.mostPairs) most frequent of \(all.count)" : "all \(all.count)"
    return """
      <p>What was taken for what: \(shown) pairs of labels, with the texts of which the model was surest, the \
      probability that it gave to the wrong label, and where the text is.</p>
      <ol class="cards">
      \(cards)
      </ol>
      """
  }

  private func example(_ number: Int) -> HTML {
    let text = texts[number]
    let shown = text.text.unicodeScalars.prefix(Self.mostScalars)
    let rest = shown.endIndex < text.text.unicodeScalars.endIndex ? "…" : ""
    let place = text.location.map { ", " + "\($0)".split(separator: "/").last! } ?? ""  // the file's name and the line
    let probability = Self.percent(Double(evaluation.probabilities[number]))
    return """
      <li><bdi dir="auto">\(String(shown))\(rest)</bdi> <span class="quiet">\(probability)\(place)</span></li>
      """
  }
}
