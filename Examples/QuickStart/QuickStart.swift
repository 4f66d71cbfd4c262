// 1. One training step of an embedding, and what it changes: the rows that were looked up, and nothing else.
//
//     swift run -c release QuickStart
//
// It takes no time that one notices. It prints two rows before and after the step, and then:
//
//     20 rows changed: [31, 56, 77, 102, 113, 162, 197, 204, 234, 235, 239, 345, 360, 402, …, 973]
//     all other rows are bit-identical
//     gradients agree with finite differences along 3 directions

import SliceGrad

/// 1000 words, a vector of 50 numbers for each.
struct WordVectors: Module {
  typealias Scalar = Double
  var embedding: Embedding<Double>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
    visit(&embedding, "embedding")
  }
}

@main
struct QuickStart {
  static func main() {
    var generator = RandomGenerator(seed: 1)
    var model = WordVectors(embedding: Embedding(rows: 1000, columns: 50, using: &generator))
    let words = (0..<20).map { _ in Int32.random(in: 0..<1000, using: &generator) }  // 4 texts of 5 words

    /// The sum of the squares of all the vectors looked up, [4, 5, 50].
    func loss(_ model: WordVectors) -> Variable<Double> {
      model.embedding(words, shape: [4, 5]).square().sum()
    }

    // A step: the loss and its gradients, then the update.
    let before = model.embedding.weight.value
    var optimizer = ModelOptimizer(for: model, sparse: SparseAdam(learningRate: 0.01))
    let (value, gradients) = valueWithGradients(at: model, loss)
    optimizer.update(&model, with: gradients)
    let after = model.embedding.weight.value

    // The gradient has a row for each different word; here are two of them, before and after the step.
    let slices = gradients[\.embedding.weight, in: model]!
    print("loss \(value); gradient: \(slices.count) rows of a table of shape \(slices.denseShape)")
    for row in slices.indices.prefix(2) {
      print("row \(row) before: \(before.row(row))")
      print("row \(row) after:  \(after.row(row))")
    }
    let changed = (0..<1000 as Range<Int32>).filter { before.row($0).bits != after.row($0).bits }
    print("\(changed.count) rows changed: \(changed)")
    let isExact = changed == slices.indices.sorted()
    print(isExact ? "all other rows are bit-identical" : "the rows that changed are NOT those of the gradient")

    // Is the gradient right? Compare with finite differences.
    print(checkGradients(at: model, loss))
  }
}

extension Tensor<Double> {
  /// The bits of the elements: equal only for numbers that are the same to the last one.
  var bits: [UInt64] { elements.map(\.bitPattern) }
}
