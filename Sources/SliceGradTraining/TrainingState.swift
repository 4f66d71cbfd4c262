public import SliceGrad

/// Everything that a training needs to go on where it stopped: the model, the optimizer with the state of its rules,
/// the schedule, the place in the data and, if wanted, random generators and the moving average of the model.
///
///     var training = TrainingState(model: model, optimizer: optimizer, schedule: .linear(from: 1, to: 0, steps: 1000))
///     if resumes { try training.load(from: url) }
///     while training.epoch < epochs {
///       for batch in training.shuffled(examples.batches(ofSize: 64)) {
///         let (_, gradients) = valueWithGradients(at: training.model) { $0.loss(batch) }
///         training.update(with: gradients)
///         if training.optimizer.step.isMultiple(of: 1000) { try training.save(to: url) }
///       }
///       training.beginEpoch()
///     }
///
/// Saved at any place, loaded and continued, it gives the same bits as the training that was never interrupted. With
/// dropout, keep the generator of the tape in `generators`, and give it back to the tape after loading.
public struct TrainingState<Model: Module>: Sendable {
  /// The model as it is now.
  public var model: Model

  /// The optimizer with the state of its rules.
  public var optimizer: ModelOptimizer<Model>

  /// What multiplies the learning rates, by the number of updates before.
  public let schedule: Schedule

  /// The moving average of the model, if one is kept.
  public var average: ExponentialMovingAverage<Model>?

  /// The number of epochs that are complete.
  public var epoch = 0

  /// The number of updates in the epoch that isn't complete.
  public var batch = 0

  /// Random generators by names of your choice, such as that of a tape's dropout.
  public var generators: [String: RandomGenerator]

  /// The generator of the order of the examples, as it is at the beginning of the epoch.
  var order: RandomGenerator

  /// A training that begins.
  ///
  /// - Parameter seed: of the order of the examples.
  public init(
    model: Model, optimizer: ModelOptimizer<Model>, schedule: Schedule = .constant(),
    average: ExponentialMovingAverage<Model>? = nil, seed: UInt64 = 0, generators: [String: RandomGenerator] = [:]
  ) {
    order = RandomGenerator(seed: seed)
    self.model = model
    self.optimizer = optimizer
    self.schedule = schedule
    self.average = average
    self.generators = generators
  }

  /// The batches of this epoch that are left: the examples in the epoch's own random order, without the first `batch`
  /// batches, after which there was an update.
  ///
  /// Asked for again in the same epoch, also by another process that loaded this training, the order is the same one.
  ///
  /// - Complexity: O(n) for n examples
  public func shuffled<Batch>(_ batches: Batches<Batch>) -> Slice<Batches<Batch>> {
    var generator = order
    return batches.withShuffledExamples(using: &generator).dropFirst(batch)
  }

  /// Changes the model by one step along its gradients, at the schedule's learning rate, and counts the batch.
  public mutating func update(with gradients: Gradients<Model>) {
    optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step))
    average?.update(with: model, after: gradients)
    batch += 1
  }

  /// Notes that an epoch is complete. The next one has another order.
  public mutating func beginEpoch() {
    epoch += 1
    batch = 0
    order = RandomGenerator(seed: order.next())
  }
}
