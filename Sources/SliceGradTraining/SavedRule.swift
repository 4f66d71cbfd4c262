import Foundation
import SliceGrad

/// What a checkpoint says about the rule of one parameter.
struct SavedRule: Codable, Equatable {
  /// "Densifying<Adam<Float>, Float>", or "frozen".
  let type: String
  /// What the rule encodes, as JSON: `{"beta1":0.9,"learningRate":0.001}`.
  let hyperparameters: String
  /// The factor of its learning rate.
  let learningRateFactor: Double
}

extension SavedRule {
  private static let frozen = "frozen"

  /// Whether there is no rule.
  var isFrozen: Bool { type == Self.frozen }

  /// What to save about the rule of a parameter, which is nil if the parameter is frozen.
  init(_ rule: (rule: any Optimizer, learningRateFactor: Double)?) {
    guard let (rule, factor) = rule else {
      self.init(type: Self.frozen, hyperparameters: "{}", learningRateFactor: 1)
      return
    }
    self.init(type: "\(Swift.type(of: rule))", hyperparameters: json(rule), learningRateFactor: factor)
  }

  /// The hyperparameters in which this rule differs from another one of its type: "beta1 0.9" here, "beta1 0.5" there;
  /// nil if there are none.
  func difference(to other: SavedRule) -> (here: String, there: String)? {
    guard self != other else { return nil }
    let (here, there) = (lines, other.lines)
    func list(_ lines: Set<String>) -> String { lines.sorted().joined(separator: ", ") }
    guard here != there else { return (hyperparameters, other.hyperparameters) }  // numbers that print alike
    return (list(here.subtracting(there)), list(there.subtracting(here)))
  }

  /// Each hyperparameter with its name: "beta1 0.9", "weightDecay.l2 0.1", and in a rule within another one
  /// "rule.beta1 0.9".
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
