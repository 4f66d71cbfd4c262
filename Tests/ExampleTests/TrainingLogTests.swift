import Foundation
import TestSupport
import Testing

/// What `--log` and `--report` have of trainings that end well, badly, or later.
struct TrainingLogTests {
  private let program = Program(name: "TextClassifier")
  private let small = ["--dimensions", "8", "--buckets", "1000", "--char-ngrams", "1-3", "--learning-rate", "0.1"]
  private let lines = (0..<80).map { "\($0 % 2 == 0 ? "even" : "odd")\tthe number \($0)\n" }.joined()

  /// The events of a log.
  private func events(_ file: String) throws -> [[String: Any]] {
    try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test("a log has the settings, each epoch and the results, and replaces an older one")
  func logs() throws {
    try withTemporaryFile(lines) { file in
      let log = file + ".log"
      for epochs in ["4", "2"] {
        let result = try program.run(
          ["--train", file, "--valid", file, "--test", file, "--log", log, "--epochs", epochs, "--json"] + small)
        #expect(result.status == 0, "\(result.errors)")
        guard epochs == "2" else { continue }
        let events = try events(log)
        #expect(events.map { $0["event"] as? String } == ["start", "epoch", "epoch", "end"])
        let settings = try #require(events[0]["settings"] as? [String: Any])
        #expect(settings["train"] as? String == file && settings["epochs"] as? Int == 2)
        #expect(settings["char-ngrams"] as? String == "1-3" && settings["learning-rate"] as? Double == 0.1)
        for (number, event) in zip(1..., events[1...2]) {
          #expect(event["epoch"] as? Int == number)
          let (loss, accuracy) = (event["loss"] as! Double, event["validationAccuracy"] as! Double)
          let shown = String(format: "epoch \(number)/2  loss %.4f  validation accuracy %.4f", loss, accuracy)
          #expect(result.errors.contains(shown))
          #expect(abs((event["seconds"] as! Double) * (event["examplesPerSecond"] as! Double) - 80) < 1e-3)
        }
        let last = try #require(try JSONSerialization.jsonObject(with: Data(result.lines.last!.utf8)) as? [String: Any])
        #expect(events[3]["testAccuracy"] as? Double == last["testAccuracy"] as? Double && last["steps"] as? Int == 4)
        #expect(events[3].count == last.count + 1)
      }
    }
  }

  @Test("an error is the last event")
  func logsErrors() throws {
    try withTemporaryFile(lines) { file in
      let (log, page) = (file + ".log", file + ".html")
      let result = try program.run(
        ["--train", file, "--valid", file, "--log", log, "--report", page, "--optimizer", "sgd"] + small
          + ["--batch-size", "80", "--learning-rate", "1e30", "--dense-learning-rate", "1e30"])
      #expect(result.status == 1)
      let events = try events(log)
      #expect(events.map { $0["event"] as? String } == ["start", "epoch", "error"])
      #expect((events[2]["message"] as? String)?.hasPrefix("the loss of step 2 is not a finite number") == true)
      #expect(events[2]["status"] as? Int == 1 && !FileManager.default.fileExists(atPath: page))
    }
  }

  /// Its lines on standard error are more than a pipe holds: it can't end before the test has read of its second epoch.
  @Test("a training that goes on adds to its log, and its page is that of one that was never interrupted")
  func goesOn() throws {
    try withTemporaryFile(lines) { file in
      let (log, page) = (file + ".log", file + ".html")
      let training =
        ["--train", file, "--valid", file, "--epochs", "1000", "--report", page, "--batch-size", "8"] + small
      #expect(try program.run(training + ["--quiet"]).status == 0)
      let expected = try pageWithoutTimes(page)
      try FileManager.default.removeItem(atPath: page)

      let resumable = training + ["--checkpoint", file + ".checkpoint", "--log", log]
      #expect(try program.interrupt(afterWriting: "epoch 2/1000", resumable).status == 130)
      #expect(try program.run(resumable).status == 0)
      #expect(try pageWithoutTimes(page) == expected)
      let events = try events(log)
      let names = events.map { $0["event"] as! String }
      let resumption = try #require(names.firstIndex(of: "resume"))
      #expect(Array(names[(resumption - 2)...resumption]) == ["error", "start", "resume"])
      #expect(events[resumption - 2]["status"] as? Int == 130 && names.last == "end")
      let epochs = events.compactMap { $0["event"] as? String == "epoch" ? $0["epoch"] as? Int : nil }
      #expect(epochs == Array(1...1000) && events[resumption]["epoch"] as? Int == resumption - 2)
    }
  }

  private func pageWithoutTimes(_ file: String) throws -> String {
    let page = try String(contentsOfFile: file, encoding: .utf8)
    return String(page[..<(try #require(page.firstRange(of: "<section id=\"timing\"")).lowerBound)])
  }
}
