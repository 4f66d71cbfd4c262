import Foundation
import SliceGrad
import SliceGradMPI
import SliceGradTraining
import TestSupport
import Testing

/// Bags and labels, in an order that all ranks know.
private struct Part: Sendable {
  var bags: RaggedIndices
  var words: [Int32]
  var targets: Tensor<Float>
}

private struct TextModel: Module {
  var bags: EmbeddingBag<Float>
  var words: EmbeddingTable<Float>
  var output: Dense<Float>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&bags, "bags")
    visit(&words, "words")
    visit(&output, "output")
  }

  init(mode: BagMode, paddingIndex: Int32? = nil) {
    var generator = RandomGenerator(seed: 5)
    bags = EmbeddingBag(rows: 21, columns: 3, mode: mode, paddingIndex: paddingIndex, using: &generator)
    words = EmbeddingTable(Tensor(normal: [21, 3], using: &generator))
    output = Dense(inputs: 3, outputs: 2, using: &generator)
  }

  /// A loss with look-ups of most kinds.
  func loss(_ part: Part) -> Variable<Float> {
    let texts = bags(part.bags)
    let first = words.gather(part.words)
    let largest = words.embeddingBag(RaggedIndices(values: part.words, rowSplits: part.halves), mode: .max)
    let scores = words.scores(of: RaggedIndices(values: part.words, rowSplits: part.halves), against: texts)
    let distances = words.distances(
      of: RaggedIndices(values: part.words, rowSplits: part.halves), to: texts, .squaredL2)
    let result = output(texts * first.reshaped(to: [part.bags.bagCount, 6]).slice(0..<3, axis: 1) + largest)
    return (result - Variable(part.targets)).square().mean() + (scores.square().mean() + distances.mean()) * 0.1
  }
}

extension Part {
  /// Two words for each bag.
  fileprivate var halves: [Int32] { (0...Int32(bags.bagCount)).map { $0 * 2 } }
}

extension Shards<Part> {
  fileprivate var empty: Shards { Shards(parts, counts: counts.map { _ in 0 }) }

  /// The same with counts in the bags of some parts.
  fileprivate func counted(_ isCounted: (_ part: Int) -> Bool) -> Shards {
    let parts = parts.enumerated().map { number, part in
      var part = part
      if isCounted(number) { part.bags = part.bags.counted }
      return part
    }
    return Shards(parts, counts: counts)
  }
}

private func lookups(_ paddingIndex: Int32?) -> [TableLookup<TextModel, Part>] {
  [.bags(\.bags.weight, \.bags, paddingIndex: paddingIndex), .rows(\.words, \.words)]
}

/// A batch of some texts in 8 parts: some are empty, one bag is empty, one has a row many times.
private func batch(_ count: Int, seed: UInt64, rows: Range<Int32> = 0..<21) -> Shards<Part> {
  var generator = RandomGenerator(seed: seed)
  var bags = (0..<count).map { _ in
    (0..<Int.random(in: 1...6, using: &generator)).map { _ in Int32.random(in: rows, using: &generator) }
  }
  bags[0] = []
  if count > 1 { bags[1] = [Int32](repeating: rows.lowerBound, count: 9) }
  let words = (0..<2 * count).map { _ in Int32.random(in: rows, using: &generator) }
  let targets = Tensor<Float>(normal: [count, 2], using: &generator)
  return Shards(8, of: count) { part in
    Part(
      bags: RaggedIndices(Array(bags[part])), words: Array(words[2 * part.lowerBound..<2 * part.upperBound]),
      targets: targets.slice(part, axis: 0))
  }
}

private func training(_ model: TextModel) -> TrainingState<TextModel> {
  TrainingState(
    model: model,
    optimizer: ModelOptimizer(for: model, dense: Adam(learningRate: 0.1), sparse: SparseAdam(learningRate: 0.1)))
}

/// All numbers of a model, so that two of them are compared by bits.
private func numbers(_ model: TextModel) -> [UInt32] { model.leafValues.joined().map(\.bitPattern) }

@Suite struct SharedGradientsTests {
  /// The losses and the whole model after some steps, on rank 0 of so many.
  private static func trained(
    ranks: Int, mode: BagMode = .mean, paddingIndex: Int32? = nil, batches: [Shards<Part>]
  ) throws -> (losses: [Float], model: TextModel) {
    let results = try Communicator.threads(ranks, deadline: .seconds(60)) { world in
      let model = try world.sharingRows(of: TextModel(mode: mode, paddingIndex: paddingIndex))
      var training = training(model)
      var losses: [Float] = []
      for batch in batches {
        world.comeLate(training.batch)
        var (loss, gradients) = try world.valueWithGradients(
          at: training.model, shards: batch, lookups: lookups(paddingIndex)
        ) { $0.loss($1) }
        let norm = try world.clip(&gradients, toGlobalNorm: 0.5, at: training.model)
        training.update(with: gradients)
        losses += [loss, Float(norm)]
      }
      try world.agree(onParametersOf: training.model)
      return (losses, try world.gathered(training.model))
    }
    for result in results { #expect(result.0 == results[0].0) }
    return (results[0].0, results[0].1!)
  }

  /// Of the last one, only every second part has counts.
  private static let batches = [
    batch(19, seed: 1), batch(3, seed: 2), batch(9, seed: 3, rows: 8..<9),
    batch(30, seed: 4, rows: 0..<4).counted { _ in true }, batch(30, seed: 5, rows: 0..<4).counted { $0 % 2 == 0 },
  ]

  /// Any number of ranks gives the bits of one, and the losses and rows of whole tables to within rounding.
  @Test(arguments: [(BagMode.sum, nil), (.mean, nil), (.mean, 8), (.sum, 3)] as [(BagMode, Int32?)])
  func sameBits(mode: BagMode, paddingIndex: Int32?) throws {
    let one = try Self.trained(ranks: 1, mode: mode, paddingIndex: paddingIndex, batches: Self.batches)
    for ranks in [2, 3, 4, 5, 8, 9] {
      let several = try Self.trained(ranks: ranks, mode: mode, paddingIndex: paddingIndex, batches: Self.batches)
      #expect(several.losses == one.losses)
      #expect(numbers(several.model) == numbers(one.model))
    }
    var whole = training(TextModel(mode: mode, paddingIndex: paddingIndex))
    for (number, batch) in Self.batches.enumerated() {
      var (loss, gradients) = valueWithGradients(at: whole.model, shards: batch) { $0.loss($1) }
      let norm = Float(gradients.clip(toGlobalNorm: 0.5))
      whole.update(with: gradients)
      for (expected, found) in zip([loss, norm], one.losses.dropFirst(2 * number)) {
        #expect(abs(expected - found) < 1e-4 * expected)
      }
    }
    for (expected, found) in zip(whole.model.leafValues, one.model.leafValues) {
      #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-3 })
    }
  }

  /// Rows that no look-up read stay as they are, and get no state.
  @Test func untouchedRows() throws {
    let only8 = [batch(5, seed: 4, rows: 8..<9)]
    let (_, model) = try Self.trained(ranks: 2, batches: only8)
    let start = TextModel(mode: .mean)
    for row in 0..<21 {
      #expect((model.bags.weight.value.row(row) == start.bags.weight.value.row(row)) == (row != 8))
      #expect((model.words.value.row(row) == start.words.value.row(row)) == (row != 8))
    }
  }

  /// Saved by some ranks, a training goes on with others: same bits, and one file for any number of ranks.
  @Test func savedAndResumed() throws {
    let straight = try Self.trained(ranks: 2, batches: Self.batches + Self.batches)
    try withTemporaryDirectory { directory in
      func url(_ ranks: Int) -> URL { directory.appending(path: "\(ranks).safetensors") }
      for ranks in [1, 2, 3, 8] {
        let url = url(ranks)
        _ = try Communicator.threads(ranks) { world in
          var training = training(try world.sharingRows(of: TextModel(mode: .mean)))
          try Self.update(&training, world)
          try world.save(training, to: url)
        }
      }
      let file = try Data(contentsOf: url(1))
      for ranks in [2, 3, 8] { #expect(try Data(contentsOf: url(ranks)) == file) }
      for ranks in [1, 3, 4] {
        let url = url(8)
        let models = try Communicator.threads(ranks) { world in
          var training = training(try world.sharingRows(of: TextModel(mode: .mean)))
          try world.load(&training, from: url)
          try Self.update(&training, world)
          return try world.gathered(training.model)
        }
        #expect(numbers(models[0]!) == numbers(straight.model))
      }
    }
  }

  /// Dropout draws and buffers are those of the parts, on any number of ranks, and the same as without ranks.
  @Test(arguments: rankCounts) func dropoutAndBuffers(ranks: Int) throws {
    let rows = Shards(4, of: 9) { part in Tensor<Float>(part.map { [Float($0), Float($0 * $0)] }) }
    @Sendable func loss(_ model: BatchNorm<Float>, _ rows: Tensor<Float>) -> Variable<Float> {
      (model(Variable(rows)) + Variable(rows)).dropout(0.5).square().mean()
    }
    let (model, tape) = (BatchNorm<Float>(features: 2), Tape<Float>(seed: 7))
    let expected = [0, 1].map { _ in valueWithGradients(at: model, shards: rows, on: tape, loss) }
    let results = try Communicator.threads(ranks) { world in
      let tape = Tape<Float>(seed: 7)
      return try [0, 1].map { _ in try world.valueWithGradients(at: model, shards: rows, on: tape, loss) }
    }
    for steps in results {
      for (step, expected) in zip(steps, expected) {
        #expect(step.value == expected.value && step.gradients == expected.gradients)
      }
    }
  }

  /// Rows that ranks make alone are those of a whole table.
  @Test(arguments: rankCounts + [9], [0, 3, 21]) func ownRowsAlone(ranks: Int, rows: Int) throws {
    for columns in [0, 1, 4, 5] {
      var generator = RandomGenerator(seed: 4)
      let uniform = Tensor<Float>(uniform: [rows, columns], in: -2..<3, using: &generator)
      let normal = Tensor<Double>(normal: [rows, columns], standardDeviation: 3, using: &generator)
      let after = generator
      let tables = try Communicator.threads(ranks) { world in
        var generator = RandomGenerator(seed: 4)
        let table = world.embeddingTable(
          rows: rows, columns: columns, uniformIn: -2..<3 as Range<Float>, using: &generator)
        let other = world.embeddingTable(
          rows: rows, columns: columns, standardDeviation: 3 as Double, using: &generator)
        #expect(generator == after)
        #expect(try world.sharingRows(of: table) == table)
        #expect(other.value.shape == table.value.shape)
        return (own: table.value.shape[0], whole: try world.gathered(table), try world.gathered(other))
      }
      #expect(tables[0].whole!.value == uniform && tables[0].2!.value == normal)
      #expect(tables.map(\.own).max()! <= (rows + 7) / 8 * ((8 + ranks - 1) / ranks))
    }
  }

  /// What a rank sends in a step of bags and in one of rows is what the types say.
  @Test(arguments: [2, 4], [false, true]) func bytes(ranks: Int, haveCounts: Bool) throws {
    let batch = Self.batches[haveCounts ? 3 : 0]
    let sent = try Communicator.threads(ranks) { world in
      let table = try world.sharingRows(of: TextModel(mode: .sum)).bags.weight
      world.step = 1  // In the first step, ranks compare their batches.
      let start = world.sentByteCount
      _ = try world.valueWithGradients(at: table, shards: batch, lookups: [.bags(\.self, \.bags)]) { table, part in
        table.embeddingBag(part.bags, mode: .sum).square().mean()
      }
      let middle = world.sentByteCount
      _ = try world.valueWithGradients(at: table, shards: batch, lookups: [.rows(\.self, \.words)]) { table, part in
        table.gather(part.words).square().mean()
      }
      return [middle - start, world.sentByteCount - middle]
    }
    for (rank, bytes) in sent.enumerated() {
      func isHere(_ row: Int32) -> Bool { Int(row) % 8 * ranks / 8 == rank }
      let isOwn = (0..<8).map { $0 * ranks / 8 == rank }
      var (texts, otherTexts, asked, wanted, given) = (0, 0, 0, 0, 0)
      for (part, isOwn) in zip(batch.parts, isOwn) {
        let words = Set(part.words)
        if isOwn {
          texts += part.bags.bagCount
          asked += part.bags.values.count { !isHere($0) }
          wanted += words.count { !isHere($0) }
        } else {
          otherTexts += part.bags.bagCount
          given += words.count(where: isHere)
        }
      }
      let others = ranks - 1
      let ofCounts = haveCounts ? 4 * asked : 0
      // 3 columns of 4 bytes, there and back; whether a part failed, the loss, how often table and bags are used.
      let ofBags: Int = (24 + 4 * texts) * others + 4 * asked + ofCounts + 12 * (otherTexts + texts * others)
      let ofRows: Int = 24 * others + 4 * wanted + 12 * given + (1 + 12) * wanted
      #expect(bytes == [ofBags + 4 * 4 * others, ofRows + 4 * 3 * others])
    }
  }

  /// Ranks whose parameters have drifted apart find it out within 64 steps, and which they are.
  @Test(arguments: [63, 64]) func driftingApart(stepsBefore: Int) throws {
    @Sendable func step(_ world: Communicator) throws {
      var model = try world.sharingRows(of: TextModel(mode: .mean))
      if world.rank == 1 { model.forEachParameter { name, value in if name == "output.bias" { value[0] += 1e-6 } } }
      world.step = stepsBefore
      _ = try world.valueWithGradients(at: model, shards: Self.batches[0], lookups: lookups(nil)) { $0.loss($1) }
    }
    guard stepsBefore == 64 else {
      _ = try Communicator.threads(3, step)
      return
    }
    let error = communicatorError(ranks: 3, step)
    #expect(
      error?.withoutHost.replacing(#/hash [0-9a-f]+/#, with: "hash") == "rank 0 of 3, step 65, all-gather: "
        + "rank 0 has output.bias [2] with hash, rank 1 has output.bias [2] with hash")
  }

  /// What is computed from the parts comes to all ranks, in the order of the examples; also if some parts are empty.
  @Test(arguments: rankCounts + [9]) func rowsOfAllParts(ranks: Int) throws {
    let table = TextModel(mode: .sum).words
    for batch in Self.batches {
      let words = batch.parts.flatMap(\.words)
      let expected = table.gather(words).value.reshaped(to: [words.count / 2, 2, 3])
      let results = try Communicator.threads(ranks) { world in
        try world.rows(
          at: try world.sharingRows(of: table), shards: batch, lookups: [.rows(\.self, \.words)]
        ) { table, part in table.gather(part.words).value.reshaped(to: [part.words.count / 2, 2, 3]) }
      }
      for rows in results { #expect(rows == expected) }
    }
  }

  /// Ranks whose batches differ in all, or only in how often the rows of bags count, notice it every 64 steps.
  @Test(arguments: [0, 64], [false, true]) func otherBatches(stepsBefore: Int, onlyInCounts: Bool) {
    let error = communicatorError(ranks: 2) { world in
      world.step = stepsBefore
      let model = try world.sharingRows(of: TextModel(mode: .mean))
      var batch = batch(19, seed: onlyInCounts ? 0 : UInt64(world.rank))
      if onlyInCounts {
        let parts = batch.parts.map { part in
          var part = part
          let counts = [Int32](repeating: 2 + Int32(world.rank), count: part.bags.values.count)
          part.bags = RaggedIndices(values: part.bags.values, rowSplits: part.bags.rowSplits, counts: counts)
          return part
        }
        batch = Shards(parts, counts: batch.counts)
      }
      _ = try world.valueWithGradients(at: model, shards: batch, lookups: lookups(nil)) { $0.loss($1) }
    }
    #expect(
      error?.withoutHost.replacing(#/hash [0-9a-f]+/#, with: "hash")
        == "rank 0 of 2, step \(stepsBefore + 1), all-gather: "
        + "rank 0 has look-ups of the batch with hash, rank 1 has look-ups of the batch with hash")
  }

  private static let misuses: [(message: String, step: @Sendable (Communicator) throws -> Void)] = [
    (
      "the table bags.weight is whole on each rank, expected one of `sharingRows(of:)`",
      { world in
        _ = try world.valueWithGradients(at: TextModel(mode: .sum), shards: batches[0], lookups: lookups(nil)) {
          $0.loss($1)
        }
      }
    ),
    (
      "gather: ranks share the rows of the table [21, 3]; take `Communicator.valueWithGradients`, `results` or `rows`, "
        + "which fetch those of their `lookups`, or a model from `gathered`",
      { world in _ = try world.sharingRows(of: TextModel(mode: .sum)).words.gather([1]) }
    ),
    (
      "the table [21, 3] as an operand: its rows are on several ranks",
      { world in _ = try world.sharingRows(of: TextModel(mode: .sum)).words.variable }
    ),
    (
      "embeddingBag: row 2 of the table [21, 3] is in no `.rows` of the step's `lookups`; a `.bags` answers only "
        + "`embeddingBag` of its bags, without weights",
      { world in
        let model = try world.sharingRows(of: TextModel(mode: .sum))
        _ = try world.results(at: model, shards: batches[0], lookups: [.rows(\.words) { _ in [1, 3] }]) { model, _ in
          model.words.embeddingBag(RaggedIndices([[3, 1], [2]])).value
        }
      }
    ),
    (
      "a gradient of a table whose rows are on several ranks: take `Communicator.valueWithGradients`",
      { world in
        let model = try world.sharingRows(of: TextModel(mode: .sum))
        _ = try world.results(at: model, shards: batches[0], lookups: lookups(nil)) { model, part in
          valueWithGradients(at: model) { $0.loss(part) }.value
        }
      }
    ),
    (
      "a look-up that is announced: row number 21 at position 1 is not in 0..<21",
      { world in
        let model = try world.sharingRows(of: TextModel(mode: .sum))
        _ = try world.results(at: model, shards: batches[0], lookups: [.rows(\.words) { _ in [20, 21] }]) { _, _ in 0 }
      }
    ),
    (
      "look-up 0 of bags in bags.weight is used in 1 of 8 parts with examples, expected all",
      { world in
        let model = try world.sharingRows(of: TextModel(mode: .sum))
        let words = batches[0].parts[0].words
        _ = try world.valueWithGradients(at: model, shards: batches[0], lookups: lookups(nil)) { model, part in
          part.words == words ? model.loss(part) : model.words.gather(part.words).square().sum()
        }
      }
    ),
    (
      "the rows of the table [21, 3] are on several ranks; save with `Communicator.save` or `gathered`",
      { world in
        let model = try world.sharingRows(of: TextModel(mode: .sum))
        try training(model).save(to: URL(filePath: "never-written"))
      }
    ),
    (
      "the rows of the table [21, 3] are on several ranks; save with `Communicator.save` or `gathered`",
      { world in
        let model = try world.sharingRows(of: TextModel(mode: .sum))
        try model.save(to: URL(filePath: "never-written"))
      }
    ),
    (
      "sharingRows: the rows of the table [21, 3] are shared otherwise already",
      { world in _ = try world.sharingRows(of: world.sharingRows(of: TextModel(mode: .sum)), in: 4) }
    ),
    (
      "globalNorm: the rows of a table are on several ranks; take `Communicator.globalNorm` or `clip`",
      { world in
        let model = try world.sharingRows(of: TextModel(mode: .sum))
        var (_, gradients) = try world.valueWithGradients(at: model, shards: batches[0], lookups: lookups(nil)) {
          $0.loss($1)
        }
        gradients.clip(toGlobalNorm: 1)
      }
    ),
    (
      "Communicator.valueWithGradients: 8 parts, but the table [21, 3] has its rows in 4 shards, expected as many; see "
        + "`sharingRows(of:in:)`",
      { world in
        let model = try world.sharingRows(of: TextModel(mode: .sum), in: 4)
        _ = try world.valueWithGradients(at: model, shards: batches[0], lookups: lookups(nil)) { $0.loss($1) }
      }
    ),
    (
      "Communicator.valueWithGradients: 8 parts without any examples",
      { world in
        let model = try world.sharingRows(of: TextModel(mode: .sum))
        _ = try world.valueWithGradients(at: model, shards: batches[0].empty, lookups: lookups(nil)) { $0.loss($1) }
      }
    ),
  ]

  @Test(arguments: 0..<misuses.count) func misuseTraps(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [index = index as Int] in
      try SharedGradientsTests.misuses[index].step(Communicator.world())
    }
    #expect(result?.standardErrorContent.trapMessage == Self.misuses[index].message)
  }

  /// Updates with all batches.
  private static func update(_ training: inout TrainingState<TextModel>, _ world: Communicator) throws {
    for batch in batches {
      var (_, gradients) = try world.valueWithGradients(
        at: training.model, shards: batch, lookups: lookups(nil)
      ) { $0.loss($1) }
      try world.clip(&gradients, toGlobalNorm: 0.5, at: training.model)
      training.update(with: gradients)
    }
  }
}

extension TextModel {
  fileprivate var leafValues: [[Float]] {
    var (model, values) = (self, [[Float]]())
    model.forEachParameter { values.append(Array($1.elements)) }
    return values
  }
}
