// Times SliceGrad on the cases that peers/ measures in other frameworks: the same shapes, the same row numbers.
//
//     swift run -c release Benchmark                             # all cases, as a table
//     swift run -c release Benchmark --json --case sparseAdam    # some, one JSON line each
//     python3 Examples/Measurements/Benchmark/peers/compare.py   # side by side with the peers
//
// All cases take about a minute. It prints a line for each, with the time of a step, the process's memory and the
// blocks of memory that a step asks for. The article Performance shows what was measured.

import ExampleParts
import SliceGrad

@main
struct Benchmark {
  static func main() {
    do {
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      if options.wantsHelp { return print(Options.help) }
      if let threads = options.threads { Threads.count = threads }
      if options.makesFirstStep { return Case.firstMLPStep() }

      let cases = Case.all(includingLarge: options.includesLarge).filter { $0.name.hasPrefix(options.casePrefix) }
      if cases.isEmpty { throw UsageError("no case begins with “\(options.casePrefix)”; see --help") }
      let report = Report(isJSON: options.wantsJSON)
      report.printHeader()
      for benchmarkCase in cases {
        report.printResult(of: benchmarkCase, try Measurement(of: benchmarkCase))
      }
    } catch let error as UsageError {
      exit("Benchmark", saying: error, status: 2)
    } catch {
      exit("Benchmark", saying: error, status: 1)
    }
  }
}
