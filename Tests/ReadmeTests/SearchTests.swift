import SliceGrad
import Testing

// The code of README.md's section on rows that are scored.

struct Search: Module {
  var questions: EmbeddingBag<Float>
  var answers: EmbeddingTable<Float>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&questions, "questions")
    visit(&answers, "answers")
  }
}

/// Each question is a bag of words, which the row of its answer is to fit better than the rows of others.
func train(_ model: inout Search, on batches: [(questions: RaggedIndices, answers: [Int32])], frequencies: [Int]) {
  let sampler = RowSampler(frequencies: frequencies, power: 0.75)
  var generator = RandomGenerator(seed: 1)
  var optimizer = ModelOptimizer(for: model, sparse: SparseAdam(learningRate: 1e-2, inactiveRows: .caughtUp))
  for batch in batches {
    let others = sampler.draw(64, using: &generator)  // the same for the whole batch
    optimizer.catchUp(&model, \.questions, rows: batch.questions)  // the rows that this step reads
    optimizer.catchUp(&model, \.answers, rows: batch.answers + others)
    let (_, gradients) = valueWithGradients(at: model) { model in
      let x = model.questions(batch.questions)
      return sampledSoftmaxCrossEntropy(
        model.answers.scores(of: batch.answers, shape: [batch.answers.count, 1], against: x),
        model.answers.scores(of: others, against: x), classes: batch.answers, drawn: others, by: sampler)
    }
    optimizer.update(&model, with: gradients)
  }
  optimizer.settle(&model)
}

func bestAnswers(_ model: Search, to questions: RaggedIndices) -> [Int32] {
  model.answers.scores(against: model.questions(questions)).value.topK(10).indices
}

struct SearchTests {
  /// Questions of two words, of which one decides the answer; the other one may be any. Some answers are rare.
  @Test func answersAreFound() {
    var generator = RandomGenerator(seed: 2)
    var model = Search(
      questions: EmbeddingBag(rows: 40, columns: 8, using: &generator),
      answers: EmbeddingTable(Tensor(normal: [20, 8], standardDeviation: 0.1, using: &generator)))
    let numbers = Array(Int32(0)..<640)
    let batches = numbers.batches(ofSize: 16).map { batch in
      (questions: RaggedIndices(batch.map { [$0 % 20, 20 + $0 / 20 % 20] }), answers: batch.map { $0 % 20 })
    }
    let test = RaggedIndices((Int32(0)..<20).map { [$0, 27] })
    func firstIsRight() -> Int {
      let best = bestAnswers(model, to: test)
      return (0..<20).count { best[$0 * 10] == Int32($0) }
    }
    let before = firstIsRight()
    train(&model, on: (0..<8).flatMap { _ in batches }, frequencies: [Int](repeating: 32, count: 20))
    #expect(before < 5 && firstIsRight() == 20)
  }
}
