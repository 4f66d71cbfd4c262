public import SliceGrad

/// Everything that a training needs to resume where it stopped: the model, the optimizer with the state of its rules,
/// the schedule, the place in the data and, if wanted, random generators, the moving average of the model and the best
/// epoch so far.
///
///     let url = URL(filePath: "checkpoint.safetensors")
///     var training = TrainingState(model: model, optimizer: optimizer, schedule: .linear(from: 1, to: 0, steps: 4))
///     if FileManager.default.fileExists(atPath: url.path) { try training.load(from: url) }
///     while training.epoch < 2 {
///       for batch in training.shuffled(data.batches(ofSize: 2)) {
///         let (_, gradients) = valueWithGradients(at: training.model) { model in
///           softmaxCrossEntropy(model(batch.texts), batch.labels)
///         }
///         training.update(with: gradients)
///         if training.optimizer.step.isMultiple(of: 100) { try training.save(to: url) }
///       }
///       training.beginEpoch()
///     }
///     print(training.epoch, training.optimizer.step)  // 2 4
///
/// Saved at any point, loaded and continued, it gives the same bits as a training that was never interrupted. If it
/// goes on with an instruction set that rounds otherwise, loading says so on standard error; see `instructionSets`.
///
/// With dropout, put the tape's generator into `generators` before saving, and give it back to the tape after loading.
public struct TrainingState<Model: Module>: Sendable {
  /// The model as it is now.
  public var model: Model

  /// The optimizer with the state of its rules.
  public var optimizer: ModelOptimizer<Model>

  /// The factor of the learning rates, given the number of updates so far.
  public let schedule: Schedule

  /// Another factor of the learning rates, besides the schedule's, for you to change on the way. Traps unless it is
  /// finite and 0 or more.
  public var learningRateFactor = 1.0 {
    didSet {
      require(
        learningRateFactor >= 0 && learningRateFactor.isFinite,
        "TrainingState: learning rate factor \(learningRateFactor), expected a finite number of 0 or more")
    }
  }

  /// What else you want to find again in a checkpoint.
  public var notes: [String: String] = [:]

  /// What tells this training from others of the same model and rules, if you want others' checkpoints refused.
  public var identity: TrainingIdentity?

  /// The best epoch so far, if `noteScore` was called.
  public package(set) var best: BestEpoch<Model>?

  /// The moving average of the model, if one is kept.
  public var average: ExponentialMovingAverage<Model>?

  /// The number of epochs that are complete.
  public var epoch = 0

  /// The number of updates so far in the epoch that isn't complete.
  public var batch = 0

  /// Random generators by names of your choice, such as that of a tape for dropout.
  public var generators: [String: RandomGenerator]

  /// The instruction sets that have computed this training, more than one if it went on on another machine.
  public internal(set) var instructionSets: Set<InstructionSet> = [.current]

  /// The generator for the order of the examples, as it was at the beginning of the epoch.
  var order: RandomGenerator

  /// A training at its beginning. The seed is that of the order of the examples.
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
  /// batches, which have had their updates.
  ///
  /// Within an epoch the order is always the same, even in another process that has loaded this training.
  ///
  /// - Complexity: O(n) for n examples.
  public func shuffled<Batch>(_ batches: Batches<Batch>) -> Slice<Batches<Batch>> {
    var generator = order
    return batches.withShuffledExamples(using: &generator).dropFirst(batch)
  }

  /// Does what the rule of a table has put off for the rows that a step will read; see `ModelOptimizer.catchUp`.
  public mutating func catchUp<Row: RowNumber>(_ table: KeyPath<Model, some Module>, rows: [Row]) {
    optimizer.catchUp(&model, table, rows: rows)
  }

  /// The same for the rows of a batch of bags.
  public mutating func catchUp(_ table: KeyPath<Model, some Module>, rows: RaggedIndices) {
    optimizer.catchUp(&model, table, rows: rows)
  }

  /// Does what rules have put off for all rows: before you evaluate the model, or save it alone.
  public mutating func settle() { optimizer.settle(&model) }

  /// Changes the model by one step along its gradients, at the learning rate of the schedule and of
  /// `learningRateFactor`, and counts the batch.
  public mutating func update(with gradients: Gradients<Model>) {
    optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step) * learningRateFactor)
    average?.update(with: model, after: gradients)
    batch += 1
  }

  /// Notes that an epoch is complete. The next one has another random order.
  public mutating func beginEpoch() {
    epoch += 1
    batch = 0
    order = RandomGenerator(seed: order.next())
  }
}
