import Foundation
import SliceGrad
import SliceGradFiles

/// What a training's checkpoint says besides its tensors, as the strings of a safetensors file.
struct TrainingMetadata {
  var epoch: Int
  var batch: Int
  var generators: [String: RandomGenerator]
  /// Each parameter's rule.
  var rules: [String: SavedRule]
  var schedule: String
  /// The decay of the moving average, if one is kept.
  var averageDecay: String?
  /// The file that says so.
  var path = ""

  static let format = "SliceGrad training checkpoint"
  private static let version = "2"

  var strings: [String: String] {
    var strings = [
      "format": Self.format, "version": Self.version, "epoch": "\(epoch)", "batch": "\(batch)", "schedule": schedule,
    ]
    strings["averageDecay"] = averageDecay
    for (name, generator) in generators { strings["generator.\(name)"] = "\(generator.state)" }
    for (name, rule) in rules {
      strings["rule.\(name)"] = rule.type
      strings["hyperparameters.\(name)"] = rule.hyperparameters
    }
    return strings
  }
}

extension TrainingMetadata {
  /// Reads a file's metadata. Throws if it is no checkpoint of a training, of another version, or damaged.
  init(of file: SafetensorsFile) throws(CheckpointError) {
    func value<Value>(_ key: String, _ read: (String) -> Value?, _ expected: String) throws(CheckpointError) -> Value {
      try file.value(key, read, expected)
    }
    func exactly(_ expected: String) -> (String) -> String? { { $0 == expected ? $0 : nil } }
    func count(_ text: String) -> Int? { Int(text).flatMap { $0 >= 0 ? $0 : nil } }

    _ = try value("format", exactly(Self.format), "“\(Self.format)”")
    _ = try value(
      "version", exactly(Self.version),
      "version \(Self.version): begin the training anew; model.load(from:) takes the model from this file")
    try file.checkIsUndamaged()
    epoch = try value("epoch", count, "a number from 0")
    batch = try value("batch", count, "a number from 0")
    schedule = try value("schedule", { $0 }, "a schedule")
    averageDecay = file.metadata["averageDecay"]
    (generators, rules) = ([:], [:])
    for key in file.metadata.keys {
      if let name = key.suffix(after: "generator.") {
        generators[name] = RandomGenerator(state: try value(key, { UInt64($0) }, "a number of 64 bits"))
      } else if let name = key.suffix(after: "rule.") {
        rules[name] = SavedRule(
          type: try value(key, { $0 }, "a rule"),
          hyperparameters: try value("hyperparameters.\(name)", { $0 }, "a rule's hyperparameters"))
      }
    }
    path = file.path
  }

  /// Throws unless this is of a training like the expected one. Hyperparameters, the schedule and the average's decay
  /// may differ if they aren't checked, the rules themselves and the generators' names may not.
  func check(against expected: TrainingMetadata, hyperparameters: Bool) throws(CheckpointError) {
    for (name, rule) in expected.rules.sorted(by: { $0.key < $1.key }) {
      guard let found = rules[name] else { throw error("no rule for “\(name)”", rule.type) }
      guard found.type == rule.type else {
        throw CheckpointError(path: path, tensor: name, found: found.type, expected: rule.type)
      }
      if hyperparameters, let (found, expected) = found.difference(to: rule) {
        throw CheckpointError(path: path, tensor: name, found: "\(rule.type) with \(found)", expected: expected)
      }
    }
    let (found, names) = (generators.keys.sorted(), expected.generators.keys.sorted())
    guard found == names else { throw error("generators \(found)", "\(names)") }
    guard hyperparameters else { return }
    guard schedule == expected.schedule else { throw error("schedule \(schedule)", expected.schedule) }
    guard averageDecay == expected.averageDecay else {
      func description(_ decay: String?) -> String {
        decay.map { "a moving average of decay \($0)" } ?? "no moving average"
      }
      throw error(description(averageDecay), description(expected.averageDecay))
    }
  }

  private func error(_ found: String, _ expected: String) -> CheckpointError {
    CheckpointError(path: path, found: found, expected: expected)
  }
}

extension SafetensorsFile {
  /// Throws unless a checkpoint's contents have the checksum in its metadata.
  func checkIsUndamaged() throws(CheckpointError) {
    for entry in entries where entry.dtype.bitCount < 32 {
      throw CheckpointError(
        path: path, tensor: entry.name, found: entry.dtype.rawValue, expected: "32 bits a number or more")
    }
    let checksum = "\(checksum())"
    _ = try value(
      Checksum.key, { $0 == checksum ? $0 : nil }, "\(checksum), that of the contents: the file is damaged")
  }

  /// What the metadata have under a key. Throws if there is nothing, or if it can't be read as a value.
  fileprivate func value<Value>(
    _ key: String, _ read: (String) -> Value?, _ expected: String
  ) throws(CheckpointError) -> Value {
    guard let text = metadata[key] else {
      throw CheckpointError(path: path, found: "no “\(key)” in the metadata", expected: expected)
    }
    guard let value = read(text) else {
      throw CheckpointError(path: path, found: "\(key) \(text.quoted) in the metadata", expected: expected)
    }
    return value
  }
}

extension String {
  fileprivate func suffix(after prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
