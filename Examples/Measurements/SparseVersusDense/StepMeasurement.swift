import ExampleParts
import SliceGrad
import SliceGradText

/// The time that a rule takes for a step and the memory that it keeps.
struct StepFigure: Encodable {
  let figure = "step"
  let rule: String
  let rows: Int
  let columns = Workload.columns
  let touchedRowsAStep = Workload.rowsAStep
  /// How many rows were touched when the memory was taken.
  let touchedRows: Int
  /// Medians: of catching up, forward, backward and update, and of the update alone.
  let microseconds: Double
  let updateMicroseconds: Double
  let timedSteps: Int
  let stateBytes: Int
}

/// Trains one table by all rules in turn. Each rule has its own state; the table's numbers don't matter for the time.
struct StepMeasurement {
  let leftOut: [LeftOutFigure]
  private let rules: [Rule]
  private let rows: Int
  private let isQuick: Bool

  /// In each turn, a rule makes at most this number of steps, and begins no step after `turnTime`.
  private let stepsATurn = 20
  private let turnTime = Duration.milliseconds(150)

  init(rows: Int, _ options: Options) {
    self.rows = rows
    isQuick = options.isQuick
    let touchedRows = min(rows, 200 * Workload.rowsAStep)
    (rules, leftOut) = Rule.all.fitting(
      in: options.memoryBudget, rows: rows, touchedRows: touchedRows, columns: Workload.columns, for: "step")
  }

  func figures() -> [StepFigure] {
    guard !rules.isEmpty else { return [] }
    let workload = Workload(tableRows: rows, batchCount: isQuick ? 20 : 200)
    var training = TableTraining(rules, rows: rows)
    for (number, rule) in rules.enumerated() {
      // Makes the state of all rows that will be touched. What a rule of the whole table keeps is there from the start.
      let batches = if case .wholeTable = rule.memory { workload.batches.prefix(1) } else { workload.batches[...] }
      for batch in batches { _ = training.step(number, on: batch) }
    }

    var times = rules.map { _ in [TableTraining.StepTime]() }
    for turn in 0..<(isQuick ? 3 : 15) {
      for place in rules.indices {
        // Each turn begins with another rule, and no rule has the batches of the one before it.
        let number = (turn + place) % rules.count
        let first = (turn + number) * stepsATurn
        let start = ContinuousClock.now
        for step in first..<first + stepsATurn {
          times[number].append(training.step(number, on: workload.batches[step % workload.batches.count]))
          if ContinuousClock.now - start > turnTime { break }
        }
      }
    }
    return rules.enumerated().map { number, rule in
      StepFigure(
        rule: rule.key, rows: rows, touchedRows: workload.touchedRows,
        microseconds: times[number].map(\.whole.microseconds).median,
        updateMicroseconds: times[number].map(\.update.microseconds).median, timedSteps: times[number].count,
        stateBytes: training.optimizers[number].stateByteCount)
    }
  }
}

/// A model and, for each rule, an optimizer of it.
struct TableTraining {
  struct StepTime {
    let whole: Duration
    let update: Duration
  }

  private var model: TextModel
  private(set) var optimizers: [ModelOptimizer<TextModel>] = []

  init(_ rules: [Rule], rows: Int) {
    model = Workload.model(rows: rows)
    for rule in rules { add(rule) }
  }

  /// The dense layer has SGD, which keeps nothing: what an optimizer keeps is for the table.
  mutating func add(_ rule: Rule) {
    optimizers.append(
      ModelOptimizer(for: model, dense: SGD(learningRate: 0.01), sparse: rule.make(0.01)))
  }

  /// Catches up first, which only one rule has to, so that it takes the others no time.
  mutating func step(_ rule: Int, on batch: TextBatch) -> StepTime {
    let start = ContinuousClock.now
    optimizers[rule].catchUp(&model, \.embedding, rows: batch.texts)
    let gradients = valueWithGradients(at: model) { model in
      softmaxCrossEntropy(model(batch.texts), batch.labels)
    }.gradients
    let middle = ContinuousClock.now
    optimizers[rule].update(&model, with: gradients)
    let end = ContinuousClock.now
    return StepTime(whole: end - start, update: end - middle)
  }
}

extension Duration {
  var microseconds: Double { self / .microseconds(1) }
}

extension [Double] {
  /// The middle one; of none, not a number.
  var median: Double { isEmpty ? .nan : sorted()[count / 2] }
}
