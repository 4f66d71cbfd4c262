import Foundation
import SliceGrad

/// What a checkpoint says of one parameter's rule.
struct SavedRule {
  /// "Densifying<Adam<Float>, Float>", or "frozen".
  let type: String
  /// A JSON object: what the rule encodes, and what multiplies its learning rate.
  let hyperparameters: String
}

extension SavedRule {
  /// Of a parameter's rule; nil if it is frozen.
  init(_ rule: (rule: any Optimizer, learningRateFactor: Double)?) {
    guard let (rule, factor) = rule else {
      self.init(type: "frozen", hyperparameters: "{}")
      return
    }
    func encoded(_ rule: some Optimizer) -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      do {
        let content = Content(hyperparameters: rule, learningRateFactor: factor)
        return String(decoding: try encoder.encode(content), as: UTF8.self)
      } catch {
        fatalError("\(Swift.type(of: rule)): its hyperparameters can't be encoded: \(error)")
      }
    }
    self.init(type: "\(Swift.type(of: rule))", hyperparameters: encoded(rule))
  }

  private struct Content<Rule: Optimizer>: Encodable {
    let hyperparameters: Rule
    let learningRateFactor: Double
  }

  /// The first hyperparameter in which this rule differs from another of its type: "learningRate 0.1" of both; nil if
  /// there is none.
  func difference(to other: SavedRule) -> (String, String)? {
    func object(_ json: String) -> Any {
      (try? JSONSerialization.jsonObject(with: Data(json.utf8))) ?? json
    }
    func difference(_ a: Any, _ b: Any, _ name: String) -> (String, String)? {
      if let a = a as? [String: Any], let b = b as? [String: Any], a.keys == b.keys {
        return a.keys.sorted().lazy.compactMap { difference(a[$0]!, b[$0]!, $0) }.first
      }
      let (a, b) = ("\(name) \(text(a))", "\(name) \(text(b))")
      return a == b ? nil : (a, b)
    }
    return difference(object(hyperparameters), object(other.hyperparameters), "hyperparameters")
  }

  /// A JSON value, objects in the order of their keys.
  private func text(_ value: Any) -> String {
    guard let object = value as? [String: Any] else { return "\(value)" }
    return "{" + object.keys.sorted().map { "\($0): \(text(object[$0]!))" }.joined(separator: ", ") + "}"
  }
}
