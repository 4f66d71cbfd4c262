import ExampleParts

extension ReportPage {
  /// A reliability diagram, and what it says.
  var calibration: HTML {
    let calibration = evaluation.calibration()
    let rows = calibration.bins.map { bin -> HTML in
      let range = "\(Int((100 * bin.range.above).rounded()))–\(Self.percent(bin.range.upTo, digits: 0))"
      let (sure, right) = (Self.percent(bin.confidence), Self.percent(bin.accuracy))
      return """
        <tr><th scope="row">\(range)</th><td>\(bin.textCount)</td><td>\(bin.textCount > 0 ? sure : "–")</td>\
        <td>\(bin.textCount > 0 ? right : "–")</td></tr>
        """
    }
    let gap = calibration.confidence - evaluation.accuracy
    let judgement =
      abs(gap) < 0.005 ? "That agrees." : gap > 0 ? "So it is too sure of itself." : "So it could be surer of itself."
    return """
      <p>On average, the model gives its best label a probability of \(Self.percent(calibration.confidence)); that \
      label is right for \(Self.percent(evaluation.accuracy)) of the texts. \(judgement) \
      The expected calibration error is \(Self.percent(calibration.expectedError)): how far the share of right texts is \
      from the mean probability, on average over ten bins of probability, weighted by their texts (Guo et al. 2017, On \
      Calibration of Modern Neural Networks, equation 3).</p>
      <div class="charts">
      <figure>
      \(ReliabilityDiagram(calibration: calibration).svg)
      <figcaption>Bars: the share of right texts. Orange: the mean probability. Where both agree, bars end at the \
      dashed line.</figcaption>
      </figure>
      \(Self.scrolling("Calibration", Self.table(["Probability", "Texts", "Mean", "Right"], rows)))
      </div>
      """
  }
}

/// A bar for each bin of probability, as high as the share of its texts that are right.
private struct ReliabilityDiagram {
  let calibration: Calibration

  private let size = 300.0
  private let left = 58.0
  private let top = 14.0

  var svg: HTML {
    let error = ReportPage.percent(calibration.expectedError)
    return """
      <svg viewBox="0 0 \(left + size + 24) \(top + size + 40)" role="img" \
      aria-label="Reliability diagram; the expected calibration error is \(error)">
      \([0, 0.25, 0.5, 0.75, 1].map(gridLine))
      \(calibration.bins.filter { $0.textCount > 0 }.map(bar))
      <path class="even" d="M\(left) \(top + size)L\(left + size) \(top)"/>
      <text class="quiet" x="\(left + size)" y="\(top + size + 34)" text-anchor="end">probability</text>
      </svg>
      """
  }

  private func y(_ share: Double) -> Double { top + size * (1 - share) }

  private func gridLine(_ share: Double) -> HTML {
    let words = ReportPage.percent(share, digits: 0)
    return """
      <path class="axis" d="M\(left) \(y(share))H\(left + size)"/>\
      <text class="quiet" x="\(left - 6)" y="\(y(share) + 4)" text-anchor="end">\(words)</text>\
      <text class="quiet" x="\(left + size * share)" y="\(top + size + 18)" text-anchor="middle">\(words)</text>
      """
  }

  private func bar(_ bin: Calibration.Bin) -> HTML {
    let (x, width) = (left + size * bin.range.above + 2, size * (bin.range.upTo - bin.range.above) - 4)
    let words =
      "\(bin.textCount) texts: mean probability \(ReportPage.percent(bin.confidence)), "
      + "right \(ReportPage.percent(bin.accuracy))"
    return """
      <g><title>\(words)</title><rect class="right" fill-opacity="0.75" x="\(x)" y="\(y(bin.accuracy))" \
      width="\(width)" height="\(size * bin.accuracy)"/>\
      <path class="mean" d="M\(x) \(y(bin.confidence))h\(width)"/></g>
      """
  }
}
