// What Adam for tables costs and what it is worth: SparseAdam, densified Adam and other rules, measured here.
//
//     swift run -c release SparseVersusDense            # tables on the terminal, a chart in SparseVersusDense.svg
//     swift run -c release SparseVersusDense --help

import ExampleParts
import MeasurementParts
import SliceGrad

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
    let (progress, machine) = (Progress(isQuiet: false), MachineFigure())
    var report = Report(isJSON: options.wantsJSON)
    report.print(machine)

    // Before anything else: memory that was dropped and is used again would not show as growth of the process.
    progress.line("memory of SparseAdam")
    let memoryMeasurement = MemoryMeasurement(options)
    let memory = memoryMeasurement.figures()
    report.add(memoryMeasurement.leftOut)
    report.print(memory)

    var steps: [StepFigure] = []
    for rows in options.rows {
      progress.line("steps with \(rows.grouped) rows")
      let measurement = StepMeasurement(rows: rows, options)
      report.add(measurement.leftOut)
      steps += measurement.figures()
    }
    report.print(steps)

    progress.line("training the classifier")
    let classifiers = try ClassifierComparison(options).figures(progress)
    report.print(classifiers)

    progress.line("shares of touched rows")
    let shares = CrossoverMeasurement(options).figures()
    report.print(shares)

    report.printLeftOut()
    report.print(Conclusion(steps, classifiers, shares))
    try chartFile.write(Chart(of: steps, memory, on: machine).svg)
    let note = "the chart is in \(options.chartPath)"
    if options.wantsJSON { progress.line(note) } else { writeLine(note) }
  }
}

/// A figure that can't be, such as a loss that is no number.
struct MeasurementError: Error, CustomStringConvertible {
  let description: String
}
