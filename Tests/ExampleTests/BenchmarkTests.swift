import Foundation
import Testing

struct BenchmarkTests {
  private let program = Program(name: "Benchmark")

  private struct Line: Decodable {
    let `case`: String
    let peer: String
    let threads: Int
    let microseconds: Double
    let fastest: Double
    let peakBytes: Int
    let allocations: Double?
  }

  @Test("a case checks its result and is timed")
  func timesACase() throws {
    let result = try program.run("--json", "--case", "mlpStep", "--threads", "2")
    #expect(result.status == 0, "\(result.errors)")
    let lines = try result.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    #expect(lines.map(\.case) == ["mlpStep"])
    #expect(lines.allSatisfy { $0.peer == "SliceGrad" && $0.threads == 2 && $0.peakBytes > 1_000_000 })
    #if canImport(Glibc)  // which lets the program count; a sanitizer doesn't
      #expect(lines.allSatisfy { $0.allocations.map { $0 > 0 } ?? false })
    #endif
    #expect(lines.allSatisfy { 0 < $0.fastest && $0.fastest <= $0.microseconds })
  }

  @Test("one step, for timing the start")
  func makesOneStep() throws {
    let result = try program.run("--first-step")
    #expect(result.status == 0 && result.output.hasPrefix("loss ") && result.errors.isEmpty)
  }

  @Test(
    "bad options are refused",
    arguments: [
      (["--case", "nothing"], "no case begins with “nothing”; see --help"),
      (["--threads", "0"], "--threads: found “0”, expected a whole number in 1...256"),
      (["--threads", "two"], "--threads: found “two”, expected a whole number in 1...256"),
      (["--fast"], "unknown option --fast; --help lists them"),
    ])
  func refusesOptions(arguments: [String], message: String) throws {
    let result = try program.run(arguments)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors == "Benchmark: \(message)\n")
  }
}
