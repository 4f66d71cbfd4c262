// Times SliceGrad on the cases that peers/ measures in other frameworks: the same shapes, the same row numbers.
//
//     swift run -c release Benchmark                             # all cases, as a table
//     swift run -c release Benchmark --json --case sparseAdam    # some, one JSON line each
//     python3 Examples/Benchmark/peers/compare.py                # side by side with the peers

import Foundation
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
      if cases.isEmpty { throw UsageError(description: "no case begins with “\(options.casePrefix)”; see --help") }
      let report = Report(isJSON: options.wantsJSON)
      report.printHeader()
      for benchmarkCase in cases {
        report.printResult(of: benchmarkCase, try Measurement(of: benchmarkCase))
      }
    } catch let error as UsageError {
      exit(saying: error, status: 2)
    } catch {
      exit(saying: error, status: 1)
    }
  }

  private static func exit(saying error: any Error, status: Int32) -> Never {
    try? FileHandle.standardError.write(contentsOf: Data("Benchmark: \(error)\n".utf8))
    Foundation.exit(status)
  }
}
