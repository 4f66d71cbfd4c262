import Foundation
import SliceGrad
import SliceGradFiles

/// What the checkpoint of a training says besides its tensors: JSON under one key of the file's metadata.
struct TrainingMetadata: Codable {
  /// The best epoch, whose model is in tensors of its own.
  struct Best: Codable {
    let epoch: Int
    let score: Double
  }

  let epoch: Int
  let batch: Int
  let order: RandomGenerator
  let generators: [String: RandomGenerator]
  /// Each parameter's rule.
  var rules: [String: SavedRule]
  let schedule: String
  /// The decay of the moving average, if one is kept.
  var averageDecay: Double?
  /// In files from version 5 on, if there is one.
  let best: Best?
  /// In files from version 5 on.
  let learningRateFactor: Double?
  /// In files from version 5 on.
  let notes: [String: String]?
  /// The names of the sets that have computed the training so far. Earlier files don't say, later ones may name others.
  let instructionSets: [String]?
  /// Of a training whose tables ranks share, in how many shards the rows of each are; nil of others, and in earlier
  /// files.
  let shards: [String: Int]?
}

extension TrainingMetadata {
  fileprivate static let format = "SliceGrad training checkpoint"
  static let version = "5"
  /// The versions that can be read. Version 4 has neither a best epoch nor a learning rate factor nor notes.
  static let versions = ["4", version]
  private static let key = "training"

  /// The metadata of the file.
  var strings: [String: String] { ["format": Self.format, "version": Self.version, Self.key: json(self)] }

  /// Reads a file's metadata. Throws if the file is no checkpoint of a training, is of another version, or, if its
  /// contents are checked, is damaged.
  init(of file: SafetensorsFile, checksContents: Bool = true) throws(CheckpointError) {
    try file.check("format", is: [Self.format], "“\(Self.format)”")
    try file.check(
      "version", is: Self.versions,
      "version \(Self.versions.joined(separator: " or ")): begin the training anew; model.load(from:) takes the model "
        + "from this file")
    if checksContents { try file.checkIsUndamaged(needsChecksum: true) }
    let text = file.metadata[Self.key] ?? ""
    guard let metadata = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)),
      [metadata.epoch, metadata.batch, metadata.best?.epoch ?? 0].allSatisfy((0...1 << 53).contains),
      metadata.learningRateFactor ?? 1 >= 0
    else {
      throw CheckpointError(
        path: file.path, found: "\(Self.key) \(text.quoted) in the metadata", expected: "what a training saves there")
    }
    self = metadata
  }

  /// Throws unless this, read from the file at `path`, is of a training like the expected one. Hyperparameters, the
  /// schedule and the average's decay may differ if they aren't checked; the rules themselves and the generators' names
  /// may not, and neither may the numbers of shards, if the file says them, and the identity.
  func check(
    against expected: TrainingMetadata, identity: TrainingIdentity? = nil, hyperparameters: Bool, path: String
  ) throws(CheckpointError) {
    func check(_ found: String, _ expected: String, _ what: String = "", of tensor: String? = nil)
      throws(CheckpointError)
    {
      guard found != expected else { return }
      throw CheckpointError(path: path, tensor: tensor, found: what + found, expected: expected)
    }
    for (name, count) in (expected.shards ?? [:]).sorted(by: { $0.key < $1.key }) {
      if let found = shards?[name], found != count { try check("rows in \(found) shards", "\(count)", of: name) }
    }
    if let identity, notes?[identity.note] != identity.value {
      try check("a training with other \(identity.description)", "this one's")
    }
    for (name, rule) in expected.rules.sorted(by: { $0.key < $1.key }) {
      try check(rules[name]?.type ?? "no rule", rule.type, of: name)
      if hyperparameters, let (found, expected) = rules[name]?.difference(to: rule) {
        try check(found, expected, "\(rule.type) with ", of: name)
      }
    }
    try check("\(generators.keys.sorted())", "\(expected.generators.keys.sorted())", "generators ")
    guard hyperparameters else { return }
    try check(schedule, expected.schedule, "schedule ")
    func average(_ decay: Double?) -> String { decay.map { "a moving average of decay \($0)" } ?? "no moving average" }
    try check(average(averageDecay), average(expected.averageDecay))
  }
}

extension SafetensorsFile {
  /// Whether it is a checkpoint of a training, by what it says of itself.
  package var isCheckpoint: Bool { metadata["format"] == TrainingMetadata.format }

  /// Throws unless the metadata have one of these texts under a key.
  fileprivate func check(_ key: String, is texts: [String], _ expected: String) throws(CheckpointError) {
    if let text = metadata[key], texts.contains(text) { return }
    let found = metadata[key].map { "\(key) \($0.quoted)" } ?? "no “\(key)”"
    throw CheckpointError(path: path, found: "\(found) in the metadata", expected: expected)
  }
}
