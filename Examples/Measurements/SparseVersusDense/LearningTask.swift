import ExampleParts

/// Something to learn, with any rule for the tables.
protocol LearningTask {
  /// Its name in JSON.
  var key: String { get }
  /// What is learnt, and from what.
  var title: String { get }
  var rules: [Rule] { get }
  /// What can be said of a model. The lowest of the first measure on the validation data chooses the learning rate.
  var measures: [Measure] { get }

  /// Rates to choose from.
  func learningRates(of rule: Rule) -> [Double]

  /// Trains a model, with initial numbers and batches that are the same for each rule, and looks at it.
  func train(_ rule: Rule, learningRate: Double, seed: UInt64, lookingAt part: DataPart) throws -> Learnt
}

/// The data that a trained model is looked at with.
enum DataPart {
  /// For choices.
  case validation
  /// For what is shown.
  case test
}

/// What a model has learnt.
struct Learnt {
  /// As many numbers as the task has measures.
  let values: [Double]
  let steps: Int
}

/// How well a model does something.
struct Measure: Equatable {
  let name: String
  /// Its name in JSON.
  let key: String
  let isBetterWhenLower: Bool

  static let loss = Measure(name: "loss", key: "loss", isBetterWhenLower: true)
  static let accuracy = Measure(name: "accuracy", key: "accuracy", isBetterWhenLower: false)
  static let hitRate = Measure(name: "HR@10", key: "hitRateAt10", isBetterWhenLower: false)
  static let rootMeanSquareError = Measure(name: "RMSE", key: "rmse", isBetterWhenLower: true)
  static let all = [loss, accuracy, hitRate, rootMeanSquareError]
}
