import ExampleParts
import Testing

/// Reliability diagrams and the expected calibration error.
struct CalibrationTests {
  @Test("bins have their upper limits in them")
  func sortsIntoBins() {
    let evaluation = Evaluation(
      labels: ["a", "b"], truths: ["a", "a", "b", "a", "a", "a"], classes: [0, 0, 0, 1, 0, 0],
      probabilities: [0, 0.25, 0.5, 0.5, 0.75, 1])
    let bins = evaluation.calibration(binCount: 4).bins
    #expect(bins.map(\.textCount) == [2, 2, 1, 1])
    #expect(bins.map(\.confidence) == [0.125, 0.5, 0.75, 1] && bins.map(\.accuracy) == [1, 0, 1, 1])
    #expect(bins.map(\.range.above) == [0, 0.25, 0.5, 0.75] && bins.map(\.range.upTo) == [0.25, 0.5, 0.75, 1])
    // (2 · |1 − 0.125| + 2 · |0 − 0.5| + 1 · |1 − 0.75| + 1 · |1 − 1|) / 6
    #expect(abs(evaluation.calibration(binCount: 4).expectedError - 0.5) < 1e-12)
    #expect(abs(evaluation.calibration(binCount: 4).confidence - 0.5) < 1e-12)
  }

  @Test("the error is that of a plain loop over bins and texts")
  func agreesWithPlainLoop() {
    let count = 500
    let probabilities = (0..<count).map { Float(($0 * 7919) % 1000) / 1000 + 0.0005 }
    let isRight = (0..<count).map { ($0 * 31) % 100 < 60 }
    let evaluation = Evaluation(
      labels: ["a", "b"], truths: isRight.map { $0 ? "a" : "b" }, classes: Array(repeating: 0, count: count),
      probabilities: probabilities)
    var expected = 0.0
    for bin in 0..<10 {
      let texts = (0..<count).filter {
        Double(probabilities[$0]) > Double(bin) / 10 && Double(probabilities[$0]) <= Double(bin + 1) / 10
      }
      guard !texts.isEmpty else { continue }
      let confidence = texts.reduce(0) { $0 + Double(probabilities[$1]) } / Double(texts.count)
      let accuracy = Double(texts.count { isRight[$0] }) / Double(texts.count)
      expected += Double(texts.count) / Double(count) * abs(accuracy - confidence)
    }
    #expect(expected > 0.1 && abs(evaluation.calibration().expectedError - expected) < 1e-12)
  }
}
