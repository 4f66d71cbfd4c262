// What Adam for tables costs and what it is worth: SparseAdam, densified Adam and other rules, measured here.
//
//     swift run -c release SparseVersusDense            # tables on the terminal, a chart in SparseVersusDense.svg
//     swift run -c release SparseVersusDense --help
//
// It takes three to four minutes and 10 GB, less with `--quick`. It prints tables of time, memory and what was
// learnt. README shows them in “SparseAdam or Adam?”.

import ExampleParts
import MeasurementParts
import SliceGrad
import SliceGradText

@main
struct SparseVersusDense {
  static func main() {
    do {
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      if options.wantsHelp { return print(Options.help) }
      if let threads = options.threads { Threads.count = threads }
      try compare(options)
    } catch let error as MeasurementError {
      exit("SparseVersusDense", saying: error, status: 1)
    } catch {
      exit("SparseVersusDense", saying: error, status: 2)
    }
  }

  private static func compare(_ options: Options) throws {
    let chartFile = try ChartFile(path: options.chartPath)
    let ratings = try options.ratingsPath.map { path throws(DataError) in try RatingData(train: path, test: nil) }
    let (progress, machine) = (Progress(isQuiet: false), MachineFigure())
    var report = Report(isJSON: options.wantsJSON)
    try report.print(machine)

    // Before more is made: memory that was dropped and is used again would not show as growth of the process.
    progress.line("memory of SparseAdam")
    let memoryMeasurement = MemoryMeasurement(options)
    let memory = memoryMeasurement.figures()
    report.add(memoryMeasurement.leftOut)
    try report.print(memory)

    let seeds = options.isQuick ? 3 : 7
    let recommenders = RecommenderSetup(ratings, isQuick: options.isQuick, seeds: seeds)
    let tasks: [any LearningTask] = [try NamesTask(options), try RankingTask(recommenders), RatingTask(recommenders)]

    var steps: [StepFigure] = []
    for rows in options.rows {
      progress.line("steps with \(rows.grouped) rows")
      let measurement = StepMeasurement(rows: rows, options)
      report.add(measurement.leftOut)
      steps += measurement.figures()
    }
    try report.print(steps)

    var learning: [LearningFigure] = []
    for task in tasks {
      let figures = try LearningComparison(seeds: seeds).figures(of: task, progress)
      try report.print(figures, of: task)
      learning += figures
    }

    progress.line("shares of touched rows")
    let shares = CrossoverMeasurement(options).figures()
    try report.print(shares)

    try report.printLeftOut()
    try report.print(Conclusion(steps, learning, shares))
    try chartFile.write(Chart(of: steps, memory, on: machine).svg)
    let note = "the chart is in \(options.chartPath)"
    if options.wantsJSON { progress.line(note) } else { writeLine(note) }
  }
}

/// A figure that can't be, such as a loss that is no number.
struct MeasurementError: Error, CustomStringConvertible {
  let description: String
}
