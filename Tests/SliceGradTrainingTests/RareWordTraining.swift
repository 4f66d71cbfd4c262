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
      seed: 2, generators: ["dropout": RandomGenerator(seed: 3)])
  }

  /// Texts of which 10 batches are an epoch: three words each, drawn at random, and a class.
  private static let examples: [(words: [Int32], label: Int32)] = {
    var generator = RandomGenerator(seed: 4)
    func randomNumber(below bound: Int) -> Int32 { Int32(generator.next() % UInt64(bound)) }
    return (0..<39).map { _ in
      (words: (0..<3).map { _ in randomNumber(below: rowCount) }, label: randomNumber(below: 4))
    }
  }()

  /// Trains on some batches, in the middle of an epoch or across its end.
  mutating func run(steps: Int) {
    let end = state.optimizer.step + steps
    while true {
      for batch in state.shuffled(Self.examples.batches(ofSize: 4)) {
        if state.optimizer.step == end { return }
        let tape = Tape<Float>()
        tape.generator = state.generators["dropout"]
        state.catchUp(\.embedding, rows: RaggedIndices(batch.map(\.words)))
        let (_, gradients) = valueWithGradients(at: state.model, on: tape) {
          $0.loss(RaggedIndices(batch.map(\.words)), batch.map(\.label))
        }
        state.generators["dropout"] = tape.generator
        state.update(with: gradients)
      }
      state.beginEpoch()
      state.settle()
    }
  }
}
