import SliceGrad
import SliceGradMPI
import Testing

/// The bags of some texts, for two look-ups in one table.
private struct Part: Sendable {
  var first: RaggedIndices
  var second: RaggedIndices
}

/// Which look-ups a step uses.
private enum Use: CaseIterable {
  case both, first, second, neither
}

/// A model of whole numbers so small that all that a step adds up is exact, so that no order matters.
private struct WholeNumbers: Module {
  var words = EmbeddingTable(Tensor<Float>(shape: [23, 2], elements: (0..<46).map { Float($0 * $0 % 5 - 1) }))
  var scale = Parameter(Tensor<Float>([1, 2]))

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&words, "words")
    visit(&scale, "scale")
  }

  /// A loss that reads the first bags twice.
  func loss(_ part: Part, _ use: Use) -> Variable<Float> {
    let bags: [RaggedIndices] =
      switch use {
      case .both: [part.first, part.second, part.first]
      case .first: [part.first, part.first]
      case .second: [part.second]
      case .neither: []
      }
    return bags.reduce(scale.variable) { $0 * words.embeddingBag($1, mode: .sum) }.square().mean()
  }
}

/// What a step yields: the loss, and the gradients as bits, that of the table by the rows that have one.
private struct Step: Equatable {
  var loss: Float
  var scale: [UInt32]
  var words: [Int32: [UInt32]]?

  /// The gradients of rows with these numbers, or of these places among a rank's own rows.
  init(_ loss: Float, _ gradients: Gradients<WholeNumbers>, at model: WholeNumbers) {
    func bits(_ tensor: Tensor<Float>) -> [UInt32] { tensor.elements.map(\.bitPattern) }
    self.loss = loss
    scale = bits(gradients[\.scale, in: model]!)
    words = gradients[\.words, in: model].map { slices in
      let rows = slices.indices.map { row in model.words.sharing.map { Int32($0.row(at: Int(row))) } ?? row }
      return Dictionary(uniqueKeysWithValues: zip(rows, slices.indices.indices.map { bits(slices.values.row($0)) }))
    }
  }
}

@Suite struct AnnouncedLookupsTests {
  /// 16 texts in 8 parts, in some of which both look-ups have equal bags. In some parts no text counts.
  private static func batch(equalIn equalParts: Set<Int>, uncounted: Set<Int> = []) -> Shards<Part> {
    func bags(_ part: Int, _ factor: Int) -> RaggedIndices {
      let texts = [2 * part, 2 * part + 1]
      let rows: [[Int]] = texts.map { text in (0...text % 3).map { word in (text * factor + word * 3) % 23 } }
      return RaggedIndices(rows)
    }
    let parts = (0..<8).map { part in
      Part(first: bags(part, 5), second: bags(part, equalParts.contains(part) ? 5 : 7))
    }
    return Shards(parts, counts: (0..<8).map { uncounted.contains($0) ? 0 : 2 })
  }

  /// Of so many ranks, or without ranks.
  private static func step(ranks: Int?, _ batch: Shards<Part>, _ use: Use) throws -> Step {
    guard let ranks else {
      let (loss, gradients) = valueWithGradients(at: WholeNumbers(), shards: batch) { $0.loss($1, use) }
      return Step(loss, gradients, at: WholeNumbers())
    }
    let steps = try Communicator.threads(ranks, deadline: .seconds(60)) { world in
      let model = try world.sharingRows(of: WholeNumbers())
      let (loss, gradients) = try world.valueWithGradients(
        at: model, shards: batch, lookups: [.bags(\.words, \.first), .bags(\.words, \.second)]
      ) { $0.loss($1, use) }
      return Step(loss, gradients, at: model)
    }
    var all = steps[0]
    for step in steps.dropFirst() {
      #expect(step.loss == all.loss && step.scale == all.scale && (step.words == nil) == (all.words == nil))
      all.words?.merge(step.words ?? [:]) { _, _ in preconditionFailure("a row on several ranks") }
    }
    return all
  }

  /// Two look-ups in one table give the gradients of one process without ranks. Their bags are equal in no part, in
  /// some, or in all: of 3 ranks, two have parts that are several subtrees, of which one or the other has equal bags. A
  /// look-up that no part uses gives no row a gradient.
  @Test(arguments: [[], [4, 6], [0, 2, 5], Set(0..<8)] as [Set<Int>], Use.allCases)
  fileprivate func sameBits(equalParts: Set<Int>, use: Use) throws {
    let batch = Self.batch(equalIn: equalParts)
    let alone = try Self.step(ranks: nil, batch, use)
    #expect((alone.words == nil) == (use == .neither))
    for ranks in rankCounts { #expect(try Self.step(ranks: ranks, batch, use) == alone, "\(ranks) ranks") }
  }

  /// Bags of a part without examples give no row a gradient, not even zeros: a rule would move it by its momentum.
  @Test(arguments: [[0, 1, 4, 6], Set(1..<7), Set(1..<8)] as [Set<Int>])
  fileprivate func partsWithoutExamples(uncounted: Set<Int>) throws {
    let batch = Self.batch(equalIn: [2], uncounted: uncounted)
    let alone = try Self.step(ranks: nil, batch, .both)
    let sums = batch.parts.map { WholeNumbers().words.embeddingBag($0.first, mode: .sum).value }
    for ranks in rankCounts {
      #expect(try Self.step(ranks: ranks, batch, .both) == alone, "\(ranks) ranks")
      // What isn't a step computes them, too.
      let results = try Communicator.threads(ranks) { world in
        try world.results(
          at: world.sharingRows(of: WholeNumbers()), shards: batch, lookups: [.bags(\.words, \.first)]
        ) { $0.words.embeddingBag($1.first, mode: .sum).value }
      }
      #expect(Array(results.joined()) == sums, "\(ranks) ranks")
    }
  }

  /// One table in two look-ups of bags, one of which is read twice: its gradient is that of the whole table.
  @Test(arguments: rankCounts) func oneTableInSeveralLookups(ranks: Int) throws {
    typealias Pair = (first: RaggedIndices, second: RaggedIndices)
    let pairs = Shards(4, of: 8) { part -> Pair in
      (
        RaggedIndices(part.map { [$0, $0 + 1] }),
        RaggedIndices(part.map { $0 < 2 ? [$0, $0 + 1] : [7 - $0, $0, 2] })  // Those of the first part are equal.
      )
    }
    @Sendable func loss(_ table: EmbeddingTable<Float>, _ pair: Pair) -> Variable<Float> {
      let (first, second) = (table.embeddingBag(pair.first, mode: .sum), table.embeddingBag(pair.second))
      return (first * second + table.embeddingBag(pair.first)).square().mean()
    }
    var generator = RandomGenerator(seed: 3)
    let table = EmbeddingTable(Tensor<Float>(normal: [9, 5], using: &generator))
    let (expected, gradients) = valueWithGradients(at: table, shards: pairs, loss)
    let dense = gradients[\.self, in: table]!.densified()

    let results = try Communicator.threads(ranks) { world in
      let shared = try world.sharingRows(of: table, in: 4)
      let (value, gradients) = try world.valueWithGradients(
        at: shared, shards: pairs, lookups: [.bags(\.self, \.first), .bags(\.self, \.second)], loss)
      let updated = try world.gathered(shared.updated(with: gradients))
      return (value, updated)
    }
    let found = results[0].1!.value
    for row in 0..<9 {
      for column in 0..<5 {
        #expect(abs(table.value[row, column] - found[row, column] - dense[row, column]) < 1e-4)
      }
    }
    for (value, _) in results { #expect(abs(value - expected) < 1e-5 * expected) }
  }
}

extension EmbeddingTable {
  /// One step down the gradients.
  fileprivate func updated(with gradients: Gradients<EmbeddingTable>) -> EmbeddingTable {
    var (table, optimizer) = (self, ModelOptimizer(for: self, sparse: SGD<IndexedSlices<Scalar>>(learningRate: 1)))
    optimizer.update(&table, with: gradients)
    return table
  }
}
