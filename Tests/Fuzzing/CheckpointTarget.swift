import Foundation
import SliceGrad
import SliceGradTraining

/// The checkpoint of a training by one of all rules, edited by the fuzzer. The training can go on from the file
/// afterwards, or is as it was to the last bit.
@Sendable func fuzzCheckpoint(_ bytes: [UInt8]) {
  var fuzzer = FuzzerBytes(bytes)
  let rule = fuzzer.byte() % RareWordTraining.rules.count
  let options = fuzzer.byte()
  let (checksHyperparameters, takesWhatFits) = (options & 1 == 0, options & 2 != 0)
  let url = URL(filePath: file("checkpoint", EditedFile.bytes(of: checkpoints[rule], editedBy: &fuzzer)))
  var training = trainings[rule]
  let isLoaded = isAccepted { () throws(CheckpointError) in
    if takesWhatFits {
      _ = try training.state.loadWhatFits(
        from: url, growingTables: true, checksHyperparameters: checksHyperparameters)
    } else {
      try training.state.load(from: url, checksHyperparameters: checksHyperparameters)
    }
  }
  guard isLoaded else {
    return require(saved(training) == untouched[rule], "a refused file has changed the training")
  }
  let bytes = saved(training)
  var other = trainings[rule]
  let isLoadedAgain = isAccepted { () throws(CheckpointError) in
    try other.state.load(from: URL(filePath: path("saved")), checksHyperparameters: false)
  }
  require(isLoadedAgain && saved(other) == bytes, "a training that was saved and loaded is another one")
  // Whoever has made more steps than that has to wait for the next one.
  if training.state.optimizer.step < 1 << 30 && training.state.epoch < 1 << 30 { training.run(steps: 1) }
}

/// The bytes of a training's checkpoint.
private func saved(_ training: RareWordTraining) -> [UInt8] {
  let url = URL(filePath: path("saved"))
  guard (try? training.state.save(to: url)) != nil else { trap("a training can't be saved") }
  return contents(url.path)
}

/// A training by each rule, some steps on.
private let trainings = RareWordTraining.rules.indices.map { rule in
  var training = RareWordTraining(rule: rule)
  training.run(steps: 3)
  return training
}

/// Their checkpoints.
private let untouched = trainings.map(saved)

/// The checkpoints that are edited, two steps on.
private let checkpoints = trainings.map { training in
  var training = training
  training.run(steps: 2)
  return saved(training)
}
