import Foundation
import SliceGrad

/// What a checkpoint says of one parameter's rule.
struct SavedRule: Codable, Equatable {
  /// "Densifying<Adam<Float>, Float>", or "frozen".
  let type: String
  /// What the rule encodes, as JSON: `{"beta1":0.9,"learningRate":0.001}`.
  let hyperparameters: String
  /// What multiplies its learning rate.
  let learningRateFactor: Double
}

extension SavedRule {
  /// Of a parameter's rule; nil if it is frozen.
  init(_ rule: (rule: any Optimizer, learningRateFactor: Double)?) {
    guard let (rule, factor) = rule else {
      self.init(type: "frozen", hyperparameters: "{}", learningRateFactor: 1)
      return
    }
    self.init(type: "\(Swift.type(of: rule))", hyperparameters: json(rule), learningRateFactor: factor)
  }

  /// The hyperparameters in which this rule differs from another of its type: "beta1 0.9" here, "beta1 0.5" there; nil
  /// if there are none.
  func difference(to other: SavedRule) -> (here: String, there: String)? {
    guard self != other else { return nil }
    let (here, there) = (lines, other.lines)
    func list(_ lines: Set<String>) -> String { lines.sorted().joined(separator: ", ") }
    guard here != there else { return (hyperparameters, other.hyperparameters) }  // numbers that print alike
    return (list(here.subtracting(there)), list(there.subtracting(here)))
  }

  /// Each hyperparameter with its name: "beta1 0.9", "weightDecay.l2 0.1", of a rule in another one "rule.beta1 0.9".
  private var lines: Set<String> {
    func lines(_ value: Any, _ path: [String]) -> [String] {
      let name = path.filter { $0 != "_0" }.joined(separator: ".")  // _0 is what a case of an enumeration holds.
      guard let object = value as? [String: Any] else { return ["\(name) \(value)"] }
      return object.isEmpty ? [name] : object.flatMap { lines($1, path + [$0]) }
    }
    let object = try? JSONSerialization.jsonObject(with: Data(hyperparameters.utf8))
    return Set(lines(object ?? hyperparameters, []) + ["learningRateFactor \(learningRateFactor)"])
  }
}
