import Foundation
import TestSupport
import Testing

/// Signals that end a training with a checkpoint. Its log is longer than a pipe holds, so that it can't end before the
/// test has read of its second epoch.
struct InterruptionTests {
  private let program = Program(name: "TextClassifier")
  private let options = ["--dimensions", "2", "--buckets", "10", "--epochs", "1000"]

  @Test("Ctrl-C, SIGTERM and a closed terminal save the training first, but a signal that is ignored does nothing")
  func savesFirst() throws {
    try withTemporaryFile("a\tb\nc\td\n") { file in
      for number in [SIGINT, SIGTERM, SIGHUP] {
        let checkpoint = file + ".checkpoint\(number)"
        let training = ["--train", file, "--checkpoint", checkpoint] + options
        let status = try program.interrupt(afterWriting: "epoch 2/1000", by: number, training).status
        let resumed = try program.run(training)
        #expect(status == 130 && resumed.errors.contains("going on after step "), "signal \(number): \(status)")
      }
      for number in [SIGINT, SIGHUP] {
        let ignoring = ["--train", file, "--checkpoint", file + ".ignoring\(number)"] + options
        let status = try program.interrupt(afterWriting: "epoch 2/1000", by: number, isIgnored: true, ignoring).status
        #expect(status == 0, "signal \(number)")
      }
    }
  }

  @Test("without a checkpoint the program says that nothing was saved, and so does its log")
  func endsInOrder() throws {
    try withTemporaryFile("a\tb\nc\td\n") { file in
      let (model, log) = (file + ".safetensors", file + ".log")
      for (valid, best) in [([], ""), (["--valid", file], ", not even the best epoch")] {
        let training = ["--train", file, "--save", model, "--log", log] + valid + options
        let result = try program.interrupt(afterWriting: "epoch 2/1000", training)
        #expect(result.status == 130 && !FileManager.default.fileExists(atPath: model))
        let message = try #require(result.errors.split(separator: "\n").last)
        #expect(
          message.hasPrefix("TextClassifier: interrupted after step ")
            && message.hasSuffix(": nothing was saved\(best); with --checkpoint FILE a training can go on"),
          "\(message)")
        let last = try #require(try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").last)
        #expect(last.contains(#""event":"error""#) && last.contains("nothing was saved"), "\(last)")
      }
    }
  }
}
