import SliceGrad
import SliceGradMPI

/// The questions of a step with what their tails are compared with, or a part of them.
struct Batch {
  let questions: [Fact]
  let candidates: Candidates
  /// For each question, tails of its own.
  let nearby: (rows: [Int32], logWeights: Tensor<Float>)?

  /// Some of the questions, or all.
  func part(_ range: Range<Int>) -> Batch {
    guard range != questions.indices else { return self }
    return Batch(
      questions: Array(questions[range]), candidates: candidates.ofQuestions(range),
      nearby: nearby.map { nearby in
        let count = nearby.logWeights.shape[1]
        let rows = nearby.rows[range.lowerBound * count..<range.upperBound * count]
        return (Array(rows), nearby.logWeights.slice(range, axis: 0))
      })
  }

  /// The look-ups of a part in the tables of a model, if its candidates are listed: the right tails are among them.
  static func lookups(at model: GraphModel) -> [TableLookup<GraphModel, Batch>] {
    let rowCount = model.relations.weight.rowCount
    return [
      .rows(\.entities.weight) { $0.questions.map(\.head) + $0.candidates.rows! + ($0.nearby?.rows ?? []) },
      .rows(\.relations.weight) { $0.questions.map { $0.relationRow(of: rowCount) } },
    ]
  }
}

extension GraphModel {
  /// The mean over questions of the cross-entropy −Σ targets · log softmax, and of the nuclear 3-norm.
  func loss(of batch: Batch, n3Weight: Float) -> Variable<Float> {
    let (heads, relations) = vectors(of: batch.questions)
    let queries = queries(heads, relations)
    let scores = scores(of: batch.candidates.rows, for: queries)
    var compared = scores + batch.candidates.logWeights
    if let nearby = batch.nearby {
      let others = self.scores(ofOwn: nearby.rows, for: queries) + nearby.logWeights
      compared = .concatenate([compared, others], axis: 1)
    }
    // The targets of a question add up to 1.
    let loss = (compared.logSumExp(over: [1]) - (scores * batch.candidates.targets).sum(over: [1])).mean()
    guard n3Weight > 0 else { return loss }
    let tails = entities(batch.questions.map(\.tail))
    return loss + (cubes(heads) + cubes(relations) + cubes(tails)) * (n3Weight / Float(batch.questions.count))
  }
}
