import Foundation
import SliceGradText
import SliceGradTraining

/// The program that `run` kills: trains by one of all rules, saves after each step, and writes the model and its word
/// vectors at the end. Started again, it goes on from the checkpoint.
///
/// usage: killed-training FOLDER RULE
@main struct KilledTraining {
  static func main() throws {
    let folder = URL(filePath: CommandLine.arguments[1])
    let checkpoint = folder.appending(path: "checkpoint")
    var training = RareWordTraining(rule: Int(CommandLine.arguments[2])! % RareWordTraining.rules.count)
    if FileManager.default.fileExists(atPath: checkpoint.path) { try training.state.load(from: checkpoint) }
    while training.state.optimizer.step < 30 {
      training.run(steps: 1)
      try training.state.save(to: checkpoint)
    }
    try training.state.model.save(to: folder.appending(path: "model"))
    let words = WordVocabulary(words: (0..<RareWordTraining.rowCount).map { "word\($0)" })!
    try WordVectorFile(folder.appending(path: "vectors").path).write(training.state.model.embedding.weight, for: words)
  }
}
