import ExampleParts
import SliceGrad

/// How long something took.
struct Timing {
  let name: String
  let time: Duration

  init(_ name: String, _ time: Duration) { (self.name, self.time) = (name, time) }
}

extension ReportPage {
  /// The same page with what is known of the training: its curves, settings and times.
  func with(_ training: Training, _ options: Options, _ trainTime: Duration) -> ReportPage {
    var page = self
    page.epochs = training.history.epochs
    page.takenEpoch = training.bestEpoch
    page.settings = options.settings + training.sizes
    page.timing = [
      Timing("From the start of the program to the end of training", trainTime),
      Timing("Of that, the training steps", training.stepTime),
    ]
    return page
  }

  var settingsTable: HTML {
    Self.values(settings.map { ($0.name, $0.value.description) })
  }

  var timingTables: HTML {
    let all = timing + [Timing("Labelling these texts", labellingTime)]
    let rows = all.map { ($0.name, "\($0.time.seconds.formatted(digits: 2)) s") }
    let machine = [
      ("Texts labelled a second", "\(Int(Double(evaluation.count) / labellingTime.seconds))"),
      ("Threads", "\(Threads.count)"),
      ("Instruction set", "\(InstructionSet.current)"),
    ]
    let epochRows = zip(1..., epochs).map { number, epoch -> HTML in
      let seconds = epoch.seconds?.formatted(digits: 2) ?? "–"
      let speed = epoch.examplesPerSecond.map { "\(Int($0))" } ?? "–"
      return "<tr><th scope=\"row\">\(number)</th><td>\(seconds)</td><td>\(speed)</td></tr>"
    }
    let table = Self.table(["Epoch", "Seconds", "Texts a second"], epochRows)
    let byEpoch: HTML = """

      <details><summary>By epoch</summary>
      \(Self.scrolling("Times by epoch", isTall: epochRows.count > 40, table))
      </details>
      """
    return "\(Self.values(rows + machine))\(epochs.isEmpty ? .nothing : byEpoch)"
  }

  /// Names and their values.
  private static func values(_ values: [(String, String)]) -> HTML {
    let rows = values.map { name, value -> HTML in "<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>" }
    return "<table class=\"values\"><tbody>\n\(rows)\n</tbody></table>"
  }
}
