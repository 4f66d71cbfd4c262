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

    mutating func visitParameters(_ visitor: inout some ParameterVisitor<Float>) {
      visitor.visit(&embedding, "embedding")
      visitor.visit(&output, "output")
    }

    func loss(_ bags: RaggedIndices, _ labels: [Int32], on tape: Tape<Float>) -> Variable<Float> {
      softmaxCrossEntropy(output(dropout(embedding(bags, on: tape))), labels)
    }
  }

  static let rowCount = 200

  /// The optimizers of the trainings, each rule among them.
  static let rules: [@Sendable (Classifier) -> ModelOptimizer<Classifier>] =
    [
      { ModelOptimizer(for: $0, dense: Adam(amsgrad: true), sparse: SparseAdam()) },
      {
        ModelOptimizer(
          for: $0, dense: Adam(), sparse: SparseAdam(),
          overrides: [.frozen(\.output.bias), .learningRate(times: 0.5, for: \.embedding)])
      },
    ]
    + RuleCases<Float>.pairs.map { dense, sparse in
      { ModelOptimizer(for: $0, dense: dense, sparse: sparse) }
    }

  /// The number of Adam and SparseAdam among `rules`.
  static let adam = 0

  /// Whether one of `rules` puts changes off, so that no average can be kept.
  private static func postpones(_ rule: Int) -> Bool {
    rule > 1 && RuleCases<Float>.pairs[rule - 2].sparse.rowChanges == .postponed
  }

  var state: TrainingState<Classifier>

  /// The training by one of `rules`, at its start.
  init(rule: Int = adam) {
    var generator = RandomGenerator(seed: 1)
    let model = Classifier(
      embedding: EmbeddingBag(rows: Self.rowCount, columns: 3, using: &generator),
      output: Dense(inputs: 3, outputs: 4, using: &generator))
    let optimizer = Self.rules[rule](model)
    state = TrainingState(
      model: model, optimizer: optimizer,
      schedule: .warmUp(steps: 5).then(.cosine(steps: 30), after: 5),
      average: Self.postpones(rule)
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
      let (_, gradients) = valueWithGradients(at: state.model, on: tape) { $0.loss(bags, labels, on: $1) }
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
