import Foundation
import SliceGrad
import SliceGradTraining

/// A small training in which everything is that a checkpoint has to keep: a table of which rows are touched now and
/// then, dropout, a schedule, a moving average, epochs of ten batches.
struct RareWordTraining {
  struct Classifier: Module {
    var embedding: EmbeddingBag<Float>
    var output: Dense<Float>
    var dropout = Dropout<Float>(0.25)

    mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
      visit(&embedding, "embedding")
      visit(&output, "output")
    }

    func loss(_ bags: RaggedIndices, _ labels: [Int32]) -> Variable<Float> {
      softmaxCrossEntropy(output(dropout(embedding(bags))), labels)
    }
  }

  static let rowCount = 200

  /// The optimizers of the trainings, each rule among them.
  static let rules: [@Sendable (Classifier) -> ModelOptimizer<Classifier>] = [
    { ModelOptimizer(for: $0, dense: SGD(learningRate: 0.1), sparse: SGD(learningRate: 0.1)) },
    {
      ModelOptimizer(
        for: $0, dense: SGD(learningRate: 0.1, momentum: 0.9, nesterov: true),
        sparse: SGD(learningRate: 0.1, momentum: 0.9, dampening: 0.1))
    },
    { ModelOptimizer(for: $0, dense: Adam(amsgrad: true), sparse: SparseAdam()) },
    {
      ModelOptimizer(
        for: $0, dense: AdamW(),
        sparse: SparseAdam(biasCorrection: .activeSteps, epsilonPlacement: .uncorrected, weightDecay: .touchedRows(0.1))
      )
    },
    {
      ModelOptimizer(
        for: $0, dense: RMSprop(momentum: 0.9, centered: true),
        sparse: SparseAdam(inactiveRows: .decayed, amsgrad: true))
    },
    {
      ModelOptimizer(
        for: $0, dense: Adagrad(learningRateDecay: 0.1),
        sparse: SparseAdam(inactiveRows: .decayed, weightDecay: .caughtUp(0.1)))
    },
    { ModelOptimizer(for: $0, dense: RMSprop(), sparse: Adagrad(initialAccumulator: 0.1)) },
    { ModelOptimizer(for: $0, dense: Lion(), sparse: Lion()) },
    { ModelOptimizer(for: $0, dense: Adam(), sparse: RowwiseAdagrad()) },
    { ModelOptimizer(for: $0, dense: Adam(weightDecay: .l2(0.1)), sparse: Densifying(Adam())) },
    {
      ModelOptimizer(
        for: $0, dense: Adam(), sparse: SparseAdam(),
        overrides: [.frozen(\.output.bias), .learningRate(times: 0.5, for: \.embedding)])
    },
  ]

  /// Those of `rules` that put changes off, of which no average can be kept.
  static let postponingRules = [5]

  var state: TrainingState<Classifier>

  /// The training by one of `rules`, at its start.
  init(rule: Int) {
    var generator = RandomGenerator(seed: 1)
    let model = Classifier(
      embedding: EmbeddingBag(rows: Self.rowCount, columns: 3, using: &generator),
      output: Dense(inputs: 3, outputs: 4, using: &generator))
    let optimizer = Self.rules[rule](model)
    state = TrainingState(
      model: model, optimizer: optimizer,
      schedule: .warmUp(steps: 5).then(.cosine(steps: 30), after: 5),
      average: Self.postponingRules.contains(rule)
        ? nil : ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.9),
      generators: ["data": RandomGenerator(seed: 2), "dropout": RandomGenerator(seed: 3)])
  }

  /// Trains on some batches.
  mutating func run(steps: Int) {
    for _ in 0..<steps {
      let bags = RaggedIndices((0..<4).map { _ in (0..<3).map { _ in randomNumber(below: Self.rowCount) } })
      let labels = (0..<4).map { _ in randomNumber(below: 4) }
      let tape = Tape<Float>()
      tape.generator = state.generators["dropout"]
      let (_, gradients) = valueWithGradients(at: state.model, on: tape) { $0.loss(bags, labels) }
      state.generators["dropout"] = tape.generator
      state.update(with: gradients)
      if state.batch == 10 {
        state.beginEpoch()
        state.optimizer.settle(&state.model)
      }
    }
  }

  private mutating func randomNumber(below bound: Int) -> Int32 {
    Int32(state.generators["data"]!.next() % UInt64(bound))
  }
}
