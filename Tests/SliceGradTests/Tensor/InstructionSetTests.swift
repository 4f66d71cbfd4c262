import Foundation
import SliceGrad
import Testing

/// The same bits, whatever the width of the vectors is, in debug and release builds. CI runs these tests under each
/// instruction set that its machine has.
@Suite struct InstructionSetTests {
  /// What some steps of training compute was noted once. They go through products, broadcasting, reductions, softmax,
  /// normalization, functions, bags, the merging of rows, norms and rules. What the C library computes isn't among it:
  /// `power` and Adam's bias correction.
  @Test func bitsOfTrainings() {
    #expect(bits(ofTrainings: Float.self) == noted(13_184_614_493_357_498_805, 7_120_006_443_529_036_213))
    #expect(bits(ofTrainings: Double.self) == noted(5_506_068_444_938_155_615, 11_277_827_399_777_194_040))
  }

  /// The same of what those trainings don't reach: products of several blocks, long rows, and other operations.
  @Test func bitsOfOperations() {
    #expect(bits(ofOperations: Float.self) == noted(60_353_055_121_373_855, 1_675_297_303_220_353_695))
    #expect(bits(ofOperations: Double.self) == noted(889_887_946_471_210_981, 14_915_327_358_352_785_566))
  }

  /// The same of comparisons of vectors with rows of a table.
  @Test func bitsOfComparisons() {
    #expect(bits(ofComparisons: Float.self) == noted(17_126_910_868_816_581_221, 4_548_005_407_046_947_429))
    #expect(bits(ofComparisons: Double.self) == noted(4_923_104_137_356_253_152, 4_066_275_639_373_158_784))
  }

  /// The same of layers over sequences.
  @Test func bitsOfSequences() {
    #expect(bits(ofSequences: Float.self) == noted(1_854_926_436_226_656_245, 12_878_897_636_257_916_917))
    #expect(bits(ofSequences: Double.self) == noted(11_949_031_440_286_108_944, 381_105_374_812_192_587))
  }

  /// The same of attention, within one block of queries and beyond.
  @Test func bitsOfAttention() {
    #expect(bits(ofAttention: Float.self) == noted(8_492_091_394_158_100_429, 12_391_395_878_428_082_125))
    #expect(bits(ofAttention: Double.self) == noted(16_279_812_687_461_443_474, 7_552_502_086_246_497_533))
  }

  /// The same of a conditional random field, whose rows are filled up to whole registers.
  @Test func bitsOfTags() {
    #expect(bits(ofTags: Float.self) == noted(12_466_544_294_245_632_893, 7_238_241_807_311_506_301))
    #expect(bits(ofTags: Double.self) == noted(13_710_837_536_056_156_121, 11_637_361_713_346_546_704))
  }

  /// The bits for sets that round a product and a sum once, or for those that round twice.
  private func noted(_ roundedOnce: UInt64, _ roundedTwice: UInt64) -> UInt64 {
    InstructionSet.current.roundsOnce ? roundedOnce : roundedTwice
  }

  private func bits<Scalar: TensorScalar>(ofOperations: Scalar.Type) -> UInt64 {
    var (bits, generator) = (NotedBits(), RandomGenerator(seed: 6))
    let bags = RaggedIndices([[3, 1, 3], [], [2], [0, 1, 2, 3, 4]])
    let inputs = ([[3, 700], [700, 600], [5, 700]] as [Shape]).map {
      Tensor<Scalar>(normal: $0, using: &generator)
    }
    let (loss, gradients) = valueWithGradients(at: inputs) { x in
      let product = x[0].matmul(x[1])
      let targets = Tensor<Scalar>(repeating: 0.3, shape: [3, 600])
      let table = x[2].softmax()
      let terms = [
        softmaxCrossEntropy(product, [7, 599, 0]), product.logSoftmax().square().mean(),
        sigmoidCrossEntropy(product, targets), table.norm(), product.matmul(x[1], transposeRight: true).silu().sum(),
        (x[0].square() + 1).log().sqrt().max(over: [1]).sum(), product.clamped(to: -1...1).exp().mean(),
      ]
      return terms.dropFirst().reduce(terms[0], +)
    }
    bits.note(loss)
    for gradient in gradients { bits.note(gradient.elements) }
    let table = EmbeddingTable(inputs[2])
    for mode in [BagMode.sum, .mean, .max] {
      bits.note(table.embeddingBag(bags, mode: mode).value.elements)
    }
    return bits.hash
  }

  private func bits<Scalar: TensorScalar>(ofComparisons: Scalar.Type) -> UInt64 {
    var (bits, generator) = (NotedBits(), RandomGenerator(seed: 7))
    let rows = RaggedIndices([[3, 1, 3], [], [2], [0, 1, 2, 3, 4]])
    let inputs = ([[5, 106], [4, 106]] as [Shape]).map { Tensor<Scalar>(normal: $0, using: &generator) }
    let model = Dense(weight: inputs[1], bias: nil)
    let table = EmbeddingTable(inputs[0])
    for distance in Distance.allCases {
      let (loss, gradients) = valueWithGradients(at: inputs) { x in x[0].distances(to: x[1], distance).square().sum() }
      bits.note(loss)
      for gradient in gradients { bits.note(gradient.elements) }
      let listed = valueWithGradients(at: model) { model in
        table.distances(of: rows, to: model.weight.variable, distance).square().sum()
          + table.scores(of: rows, against: model.weight.variable).square().sum()
      }
      bits.note(listed.value)
      bits.note(listed.gradients[\.weight, in: model]!.elements)
    }
    return bits.hash
  }

  private func bits<Scalar: TensorScalar>(ofSequences: Scalar.Type) -> UInt64 {
    var (bits, generator) = (NotedBits(), RandomGenerator(seed: 8))
    var model = SequenceModel<Scalar>(
      gru: GRU(inputs: 9, hidden: 20, isBidirectional: true, using: &generator),
      lstm: LSTM(inputs: 40, hidden: 19, using: &generator), norm: RMSNorm([19]), batchNorm: BatchNorm(features: 19))
    let x = Tensor<Scalar>(normal: [13, 9], using: &generator)
    let (loss, gradients) = valueWithGradients(at: model) { model in
      let (states, _) = model.gru(Sequences(values: Variable(x), rowSplits: [0, 3, 3, 12, 13]))
      let (outputs, final) = model.lstm(states)
      return outputs.map { model.batchNorm(model.norm($0)) }.max().square().sum() + final.cell.exp().sum()
    }
    bits.note(loss)
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 1))
    optimizer.update(&model, with: gradients)
    model.forEachParameter { bits.note($1.elements) }
    return bits.hash
  }

  private func bits<Scalar: TensorScalar>(ofAttention: Scalar.Type) -> UInt64 {
    var (bits, generator) = (NotedBits(), RandomGenerator(seed: 9))
    let layer = MultiHeadAttention<Scalar>(columns: 10, heads: 2, using: &generator)
    let elements = Tensor<Scalar>(normal: [101, 10], using: &generator)
    for isCausal in [false, true] {
      let (loss, gradients) = valueWithGradients(at: layer) { layer in
        let sequences = Sequences(values: Variable(elements), rowSplits: [0, 70, 70, 71, 101])
        return layer(sequences, isCausal: isCausal).values.square().sum()
      }
      bits.note(loss)
      bits.note(gradients[\.inputWeight, in: layer]!.elements)
    }
    return bits.hash
  }

  private func bits<Scalar: TensorScalar>(ofTags: Scalar.Type) -> UInt64 {
    var (bits, generator) = (NotedBits(), RandomGenerator(seed: 8))
    for k in [3, 21] {
      let model = TaggedEmissions<Scalar>(lengths: [5, 0, 1, 12], tags: k, using: &generator)
      let (losses, gradients) = model.lossesWithGradients()
      let (tags, scores) = model.field.bestTags(model.sequences)
      for tensor in [losses, scores] + gradients { bits.note(tensor.elements) }
      bits.note(tags.values.map { Scalar($0) })
    }
    return bits.hash
  }

  private func bits<Scalar: TensorScalar>(ofTrainings: Scalar.Type) -> UInt64 {
    let trainings: [(SmallClassifier<Scalar>) -> ModelOptimizer<SmallClassifier<Scalar>>] = [
      { ModelOptimizer(for: $0, dense: SGD(learningRate: 0.1, momentum: 0.9), sparse: RowwiseAdagrad()) },
      { ModelOptimizer(for: $0, dense: Adagrad(), sparse: SGD(learningRate: 0.1)) },
      { ModelOptimizer(for: $0, dense: Lion(), sparse: Adagrad()) },
      { ModelOptimizer(for: $0, dense: RMSprop(learningRate: 0.01, momentum: 0.5), sparse: Densifying(Lion())) },
    ]
    var (bits, generator) = (NotedBits(), RandomGenerator(seed: 5))
    for makeOptimizer in trainings {
      var model = SmallClassifier<Scalar>()
      var optimizer = makeOptimizer(model)
      for _ in 0..<3 {
        let bags = (0..<67).map { _ in
          (0..<Int.random(in: 0...9, using: &generator)).map { _ in Int32.random(in: 0..<97, using: &generator) }
        }
        var (loss, gradients) = valueWithGradients(at: model) { model in
          softmaxCrossEntropy(model(RaggedIndices(bags)), bags.map { Int32($0.count) }, labelSmoothing: 0.1)
        }
        bits.note(Scalar(gradients.clip(toGlobalNorm: 0.5)))
        bits.note(loss)
        optimizer.update(&model, with: gradients)
      }
      for leaf in model.leaves { bits.note(leaf.value.elements) }
    }
    return bits.hash
  }
}

/// Many numbers as one: the FNV-1a hash of their bits.
private struct NotedBits {
  private(set) var hash: UInt64 = 14_695_981_039_346_656_037

  mutating func note(_ number: some TensorScalar) {
    hash = (hash ^ Double(number).bitPattern) &* 1_099_511_628_211
  }

  mutating func note(_ numbers: some Sequence<some TensorScalar>) {
    for number in numbers { note(number) }
  }
}

private struct SmallClassifier<Scalar: TensorScalar>: Module {
  var embedding: EmbeddingBag<Scalar>
  var norm = LayerNorm<Scalar>([20])
  var hidden, output: Dense<Scalar>

  init() {
    var generator = RandomGenerator(seed: 1)
    embedding = EmbeddingBag(weight: Tensor(normal: [97, 20], using: &generator))
    hidden = Dense(inputs: 20, outputs: 37, using: &generator)
    output = Dense(inputs: 37, outputs: 11, using: &generator)
  }

  func callAsFunction(_ bags: RaggedIndices) -> Variable<Scalar> {
    let x = hidden(norm(embedding(bags)))
    return output(x.gelu() * x.sigmoid() + x.softplus().tanh())
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&embedding, "embedding")
    visit(&norm, "norm")
    visit(&hidden, "hidden")
    visit(&output, "output")
  }
}

private struct SequenceModel<Scalar: TensorScalar>: Module {
  var gru: GRU<Scalar>
  var lstm: LSTM<Scalar>
  var norm: RMSNorm<Scalar>
  var batchNorm: BatchNorm<Scalar>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&gru, "gru")
    visit(&lstm, "lstm")
    visit(&norm, "norm")
    visit(&batchNorm, "batchNorm")
  }
}
