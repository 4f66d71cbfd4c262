import ExampleParts
import SliceGradFiles
import SliceGradText

/// A page on how well a classifier does: one file of HTML, which needs no other, no network and no script.
struct ReportPage {
  let evaluation: Evaluation
  /// The texts of the evaluation.
  let texts: [LabeledText]
  /// What they are called: “test texts”.
  let textsName: String
  /// The evaluation's labels as people call them.
  let labelNames: [String]
  /// What to say of labels that training never showed.
  var warning: String?
  var epochs: [TrainingHistory.Epoch] = []
  /// The epoch of which the model is, if not of the last one.
  var takenEpoch: Int?
  var settings: [Setting]
  /// How long it took to label the texts.
  let labellingTime: Duration
  var timing: [Timing] = []

  /// Writes the page to a file, which is replaced as a whole. Throws `DataError` if it can't be written.
  func write(to path: String) throws(DataError) {
    try AtomicFile.write(to: path) { file throws(DataError) in try file.append(Array(html.description.utf8)) }
  }

  /// The whole page. But for the section of the times, it is the same for the same training.
  var html: HTML {
    let title: HTML = "TextClassifier on \(evaluation.count) \(textsName)"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <title>\(title)</title>
      <style>
      \(Self.style)</style>
      </head>
      <body>
      <header>
      <h1>\(title)</h1>
      \(summary)
      \(contents)
      </header>
      <main>
      \(sections.map(\.html))
      </main>
      </body>
      </html>

      """
  }

  private struct Section {
    let id: String
    let title: String
    let content: HTML

    var html: HTML {
      """
      <section id="\(id)" aria-labelledby="\(id)-title">
      <h2 id="\(id)-title">\(title)</h2>
      \(content)
      </section>
      """
    }
  }

  private var sections: [Section] {
    [
      epochs.isEmpty ? nil : Section(id: "curves", title: "Curves", content: curves),
      Section(id: "confusions", title: "Most confused labels", content: confusions),
      Section(id: "matrix", title: "Confusion matrix", content: confusionMatrix),
      Section(id: "labels", title: "By label", content: labelTable),
      Section(id: "calibration", title: "Calibration", content: calibration),
      Section(id: "settings", title: "Settings", content: settingsTable),
      Section(id: "timing", title: "Timing", content: timingTables),
    ].compactMap { $0 }
  }

  private var contents: HTML {
    let links = sections.map { section -> HTML in "<li><a href=\"#\(section.id)\">\(section.title)</a></li>" }
    return "<nav aria-label=\"Contents\"><ul>\n\(links)\n</ul></nav>"
  }

  /// The figures that one looks at first.
  private var summary: HTML {
    let figures = [
      ("Accuracy", Self.percent(evaluation.accuracy)),
      ("Right", "\(evaluation.correctCount) of \(evaluation.count)"),
      ("Mean F1 of the labels", Self.percent(evaluation.meanF1)),
      ("Calibration error", Self.percent(evaluation.calibration().expectedError)),
      ("Labels", "\(evaluation.classCount)"),
    ]
    let tiles = figures.map { name, value -> HTML in "<div><dt>\(name)</dt><dd>\(value)</dd></div>" }
    let warning = warning.map { text -> HTML in "\n<p class=\"warning\">\(text).</p>" } ?? .nothing
    return "<dl class=\"tiles\">\n\(tiles)\n</dl>\(warning)"
  }

  static func percent(_ share: Double, digits: Int = 1) -> String {
    (100 * share).formatted(digits: digits) + "\u{A0}%"
  }

  /// What is too wide for the page, or too tall, is moved within a box of its own, also by keys.
  static func scrolling(_ name: String, isTall: Bool = false, _ content: HTML) -> HTML {
    "<div class=\"scroll\(isTall ? " tall" : "")\" role=\"region\" tabindex=\"0\" aria-label=\"\(name)\">\n\(content)\n</div>"
  }
}
