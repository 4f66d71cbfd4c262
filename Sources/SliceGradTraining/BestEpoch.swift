public import SliceGrad

/// The epoch of a training that had the best score so far, and the model as it was then.
public struct BestEpoch<Model: Module>: Sendable {
  /// `TrainingState.epoch` when the score was noted.
  public let epoch: Int

  /// The score: the higher, the better. An accuracy, or a loss with a minus.
  public let score: Double

  /// The model at that time.
  public package(set) var model: Model
}

extension TrainingState {
  /// Notes how good the model is now, on validation data for example, and keeps it if it is better than the best one so
  /// far. A score that isn't finite is never the best.
  ///
  /// What is kept is `model`, not its moving average. If a rule puts changes off, call `settle` first.
  ///
  ///     var training = TrainingState(model: model, optimizer: optimizer)
  ///     for score in [0.5, 0.7, 0.6] {
  ///       training.beginEpoch()  // after the updates of the epoch
  ///       training.noteScore(score)
  ///       if training.epochsSinceBest > 0 { training.learningRateFactor *= 0.5 }
  ///     }
  ///     print(training.best!.epoch, training.best!.score, training.learningRateFactor)  // 2 0.7 0.5
  ///
  /// - Returns: whether the model was kept.
  /// - Complexity: O(1): the model is copied when it changes.
  @discardableResult
  public mutating func noteScore(_ score: Double) -> Bool {
    guard score.isFinite, best == nil || score > best!.score else { return false }
    best = BestEpoch(epoch: epoch, score: score, model: model)
    return true
  }

  /// The number of epochs since the best one, or since the beginning if no score was noted: end the training early, or
  /// lower `learningRateFactor`, where it reaches your patience.
  public var epochsSinceBest: Int { epoch - (best?.epoch ?? 0) }
}
