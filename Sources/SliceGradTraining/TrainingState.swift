public import SliceGrad

/// Everything that a training needs to go on where it stopped: the model, the optimizer with the state of its rules, the
/// schedule, the place in the data, random generators and, if wanted, the moving average of the model.
///
///     var training = TrainingState(model: model, optimizer: optimizer, schedule: .linear(from: 1, to: 0, steps: 1000))
///     if resumes { try training.load(from: url) }
///     while training.epoch < epochs {
///       var generator = training.generators["shuffle"]!  // as it was when the epoch began
///       for batch in dataSet.shuffledBatches(ofSize: 64, using: &generator).dropFirst(training.batch) {
///         let (_, gradients) = valueWithGradients(at: training.model) { $0.loss(batch) }
///         training.update(with: gradients)
///         if training.optimizer.step.isMultiple(of: 1000) { try training.save(to: url) }
///       }
///       training.generators["shuffle"] = generator
///       training.beginEpoch()
///     }
///
/// Loaded and continued, it gives the same bits as the training that was never interrupted.
public struct TrainingState<Model: Module>: Sendable {
  public var model: Model
  public var optimizer: ModelOptimizer<Model>

  /// What multiplies the learning rates, by the number of updates before.
  public let schedule: Schedule

  /// The moving average of the model, if one is kept.
  public var average: ExponentialMovingAverage<Model>?

  /// The number of epochs that are complete.
  public var epoch = 0

  /// The number of updates in the epoch that isn't complete.
  public var batch = 0

  /// Random generators by names of your choice: of the order of the data, of a tape's dropout.
  public var generators: [String: RandomGenerator]

  /// A training that begins.
  public init(
    model: Model, optimizer: ModelOptimizer<Model>, schedule: Schedule = .constant(),
    average: ExponentialMovingAverage<Model>? = nil, generators: [String: RandomGenerator] = [:]
  ) {
    self.model = model
    self.optimizer = optimizer
    self.schedule = schedule
    self.average = average
    self.generators = generators
  }

  /// Changes the model by one step along its gradients, at the schedule's learning rate, and counts the batch.
  public mutating func update(with gradients: Gradients<Model>) {
    optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step))
    average?.update(with: model, after: gradients)
    batch += 1
  }

  /// Notes that an epoch is complete.
  public mutating func beginEpoch() {
    epoch += 1
    batch = 0
  }
}
