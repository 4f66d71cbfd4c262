import ExampleParts
import Foundation
import SliceGrad

/// What a model has learnt, on standard output.
struct Report {
  private let training: Training
  private let names: Names
  private let options: Options
  private let testLoss: Double

  init(of training: Training, _ names: Names, _ options: Options) {
    (self.training, self.names, self.options) = (training, names, options)
    testLoss = training.model.loss(of: names.test)
  }

  func printLoss() {
    print(
      "\(testLoss.formatted(digits: 4)) nats a character on \(names.test.count) names held out, perplexity "
        + exp(testLoss).formatted(digits: 2))
  }

  /// New names, with a star where one is among those to learn from.
  func printNewNames() {
    var generator = training.generator
    let new = training.model.newNames(options.count, options, using: &generator)
    for name in new { print("  " + names.text(name) + (names.isKnown(name) ? " *" : "")) }
    if new.contains(where: names.isKnown) { print("* a name to learn from") }
  }

  /// One line for programs.
  func printJSON(trainTime: Duration) throws {
    try printJSONLine([
      "characters": Double(names.characters.count), "trainNames": Double(names.training.count),
      "validNames": Double(names.validation.count), "testNames": Double(names.test.count), "testLoss": testLoss,
      "validLoss": training.best?.loss ?? .nan, "bestEpoch": Double(training.best?.epoch ?? 0),
      "trainSeconds": trainTime.seconds,
    ])
  }
}
