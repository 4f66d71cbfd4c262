import SliceGrad
import Testing

/// A whole model, trained for 40 steps: embedding bag (mean) → linear → relu → linear → softmax cross-entropy.
struct TrainingFixtureTests {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    struct Rule: Decodable, Sendable { let lr: Double }
    struct Batch: Decodable, Sendable {
      let indices: [Int32]
      let offsets: [Int32]
      let labels: [Int32]
    }
    let model: String
    let sparseAdam: Rule
    let adam: Rule
    let start: [String: NestedNumbers]
    let batches: [Batch]
    let losses: [Double]
    let end: [String: NestedNumbers]

    var description: String { model }
  }

  @Test func allCasesAreThere() throws {
    #expect(try FixtureCase<Case>.all(in: "training").count == 1)
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "training"))
  func lossesAndFinalParameters(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    var model = BagClassifier(
      embedding: EmbeddingBag(weight: try fixture.start(of: "embedding.weight")),
      hidden: Dense(weight: try fixture.start(of: "hidden.weight"), bias: try fixture.start(of: "hidden.bias")),
      output: Dense(weight: try fixture.start(of: "output.weight"), bias: try fixture.start(of: "output.bias")))
    var optimizer = ModelOptimizer(
      for: model, dense: Adam(learningRate: fixture.adam.lr),
      sparse: SparseAdam(learningRate: fixture.sparseAdam.lr, epsilonPlacement: .uncorrected))

    #expect(fixture.batches.count == 40)
    var losses: [Double] = []
    for batch in fixture.batches {
      let texts = RaggedIndices(values: batch.indices, rowSplits: batch.offsets + [Int32(batch.indices.count)])
      let (loss, gradients) = valueWithGradients(at: model) { model in
        softmaxCrossEntropy(model(texts), batch.labels)
      }
      optimizer.update(&model, with: gradients)
      losses.append(loss)
    }

    expectAgreement(Tensor(losses), Tensor(fixture.losses), "the losses")
    var parameters: [String: Tensor<Double>] = [:]
    model.forEachParameter { name, value in parameters[name] = value }
    #expect(parameters.keys.sorted() == fixture.end.keys.sorted())
    for (name, expected) in fixture.end {
      let parameter = try #require(parameters[name])
      expectAgreement(parameter, expected.tensor, name)
    }
  }
}

extension TrainingFixtureTests.Case {
  fileprivate func start(of name: String) throws -> Tensor<Double> { try #require(start[name]).tensor }
}

/// The fixture's model.
private struct BagClassifier: Module {
  typealias Scalar = Double
  var embedding: EmbeddingBag<Double>
  var hidden: Dense<Double>
  var output: Dense<Double>

  func callAsFunction(_ texts: RaggedIndices) -> Variable<Double> {
    output(hidden(embedding(texts)).relu())
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
    visit(&embedding, "embedding")
    visit(&hidden, "hidden")
    visit(&output, "output")
  }
}
