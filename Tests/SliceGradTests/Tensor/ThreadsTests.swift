import Foundation
import SliceGrad
import SliceGradKernels
import Testing

/// The number of threads changes no result, not by a bit, of work that is cut into pieces.
///
/// It doesn't matter to other tests, which run at the same time, that these change the number for all.
@Suite(.serialized) struct ThreadsTests {
  private static let counts = [1, 2, 3, 8]

  /// Expects what a computation returns to be the same with any number of threads, and it to be cut with several.
  func expectSameBits(
    _ name: String, sourceLocation: SourceLocation = #_sourceLocation, _ compute: () -> [Tensor<Float>]
  ) {
    let before = Threads.count
    defer { Threads.count = before }
    var results: [[Tensor<Float>]] = []
    for count in Self.counts {
      Threads.count = count
      let pieces = piecesHandedIn()
      results.append(compute())
      #expect(piecesHandedIn() - pieces > (count > 1 ? 1 : -1), "\(name) is not cut", sourceLocation: sourceLocation)
    }
    for (count, result) in zip(Self.counts, results) {
      #expect(result.count == results[0].count && !result.isEmpty)
      for (tensor, first) in zip(result, results[0]) {
        #expect(tensor.hasSameBits(as: first), "\(name), \(count) threads", sourceLocation: sourceLocation)
      }
    }
  }

  func gradients(
    at shapes: [Shape], _ function: ([Variable<Float>]) -> Variable<Float>
  ) -> [Tensor<Float>] {
    var generator = RandomGenerator(seed: 1)
    let inputs = shapes.map { Tensor<Float>(normal: $0, using: &generator) }
    let (value, gradients) = valueWithGradients(at: inputs, function)
    return [Tensor(value)] + gradients
  }

  @Test func elementwiseFunctions() {
    let shape: Shape = [301, 257]
    for (name, function) in [
      ("exp", { $0.exp() }), ("square", { $0.square() }), ("gelu", { $0.gelu() }), ("tanh", { $0.tanh() }),
      ("sin", { $0.sin() }), ("scaled", { $0 * 3 + 1 }), ("power", { $0.square().power(1.5) }),
    ] as [(String, (Variable<Float>) -> Variable<Float>)] {
      expectSameBits(name) { gradients(at: [shape]) { function($0[0]).sum() } }
    }
  }

  @Test func arithmetic() {
    let shape: Shape = [301, 257]
    expectSameBits("quotients") { gradients(at: [shape, shape]) { (($0[0] - $0[1]) / ($0[1].exp() + $0[0])).mean() } }
    expectSameBits("numbers") { gradients(at: [shape, []]) { ($0[0] * $0[1]).square().sum() } }
    expectSameBits("axes") { gradients(at: [shape, [257]]) { ($0[0] * $0[1]).sum(over: [1]).square().sum() } }
  }

  /// Long bags are pieces by themselves, which aren't handed out in their order.
  @Test func longBags() {
    var generator = RandomGenerator(seed: 22)
    let table = EmbeddingTable<Float>(Tensor(normal: [500, 40], using: &generator))
    let vectors = Variable(Tensor<Float>(normal: [12, 40], using: &generator))
    let bags = RaggedIndices(
      (0..<12).map { bag in
        (0..<[20, 3000, 0, 700][bag % 4]).map { _ in Int32.random(in: 0..<500, using: &generator) }
      })
    expectSameBits("sums of long bags") { [table.embeddingBag(bags).value] }
    expectSameBits("maxima of long bags") { [table.embeddingBag(bags, mode: .max).value] }
    expectSameBits("scores of long lists") { [table.scores(of: bags, against: vectors).value] }
    expectSameBits("distances of long lists") { [table.distances(of: bags, to: vectors, .squaredL2).value] }
    expectSameBits("counts of long bags") {
      let counted = bags.counted
      return [Tensor(counted.values.map { Float($0) }), Tensor(counted.counts!.map { Float($0) })]
    }
  }

  @Test func randomNumbers() {
    expectSameBits("random numbers") {
      var generator = RandomGenerator(seed: 21)
      return [
        Tensor(uniform: [3, 20_001], in: -1..<2, using: &generator), Tensor(normal: [301, 33], using: &generator),
      ]
    }
  }

  @Test func partsOfABatch() {
    var generator = RandomGenerator(seed: 2)
    let model = BagModel<Float>(rows: 500, columns: 40)
    let texts = (0..<300).map { _ in (0..<20).map { _ in Int32.random(in: 0..<500, using: &generator) } }
    expectSameBits("shards") {
      let (value, gradients) = valueWithGradients(at: model, shards: RaggedIndices(texts).shards(8)) { model, part in
        softmaxCrossEntropy(model(part), (0..<Int32(part.bagCount)).map { $0 % 4 })
      }
      return [
        Tensor(value), gradients[\.embedding.weight, in: model]!.values, gradients[\.output.weight, in: model]!,
      ]
    }
  }

  @Test func products() {
    for (m, n, k) in [(400, 64, 300), (40, 1000, 130), (2500, 70, 64)] {
      expectSameBits("\(m) × \(n) × \(k)") {
        gradients(at: [[m, k], [k, n]]) { $0[0].matmul($0[1]).square().sum() }
          + gradients(at: [[m, k], [n, k], [n]]) { $0[0].linear(weight: $0[1], bias: $0[2]).square().sum() }
      }
    }
  }

  /// Rows so long that a piece is as small as can be: a tile's rows or columns, 4 rows (64 in layer normalization's
  /// gradient), or one.
  @Test func largeRows() {
    expectSameBits("left") { gradients(at: [[150, 520], [520, 1]]) { $0[0].matmul($0[1]).sum() } }
    expectSameBits("right") { gradients(at: [[1, 520], [520, 200]]) { $0[0].matmul($0[1]).sum() } }
    expectSameBits("layer normalization") {
      gradients(at: [[66, 4100], [4100], [4100]]) { $0[0].layerNorm(weight: $0[1], bias: $0[2]).square().sum() }
    }
    expectSameBits("cross-entropy") { gradients(at: [[3, 8200]]) { softmaxCrossEntropy($0[0], [0, 7, 8199]) } }
    expectSameBits("cumulative sums") { gradients(at: [[9, 8200]]) { $0[0].cumulativeSum().square().sum() } }
    expectSameBits("softmax") { gradients(at: [[3, 8200]]) { $0[0].softmax().square().sum() } }
  }

  /// How many pieces operations are cut into, of some 32768 cheap operations each: 0 if they aren't.
  @Test func pieces() {
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 2
    func pieces(_ compute: () -> Void) -> Int {
      let before = piecesHandedIn()
      compute()
      return piecesHandedIn() - before
    }
    func product(_ m: Int, _ n: Int, _ k: Int) -> Int {
      let (left, right) = (Tensor<Float>(ones: [m, k]), Tensor<Float>(ones: [k, n]))
      return pieces { _ = left.matmul(right) }
    }
    #expect(product(64, 64, 64) == 0)
    // Tiles of 64 rows or 96 columns at least.
    #expect(product(150, 1, 520) == 3 && product(1, 200, 520) == 3)
    // Thin ones read and write more than they multiply.
    #expect(product(10_000, 2, 2) == 2 && product(2, 10_000, 2) == 2 && product(10_000, 1, 31) == 10)
    func bags(_ count: Int, columns: Int, rowsPerBag: Int) -> Int {
      let table = EmbeddingTable(Tensor<Float>(ones: [3, columns]))
      let bags = RaggedIndices([[Int32]](repeating: [Int32](repeating: 1, count: rowsPerBag), count: count))
      return pieces { _ = table.embeddingBag(bags, mode: .sum) }
    }
    #expect(bags(100, columns: 8, rowsPerBag: 2) == 0 && bags(1000, columns: 40, rowsPerBag: 3) == 5)
    #expect(bags(10_000, columns: 4, rowsPerBag: 0) == 2, "empty bags are written as well")
  }

  /// Merges of one look-up, which are written where a row first appears, and of several, with repeats all over.
  @Test func merging() {
    var generator = RandomGenerator(seed: 4)
    let indices = generator.indices(count: 5000, tableRows: 4000)
    let values = generator.tensor([5000, 40], of: Float.self)
    let bags = RaggedIndices((0..<50).map { Array(indices[$0 * 100..<($0 + 1) * 100]) })
    let weights = generator.tensor([5000], of: Float.self)
    expectSameBits("coalesced") {
      let slices = IndexedSlices(indices: indices, values: values, denseShape: [4000, 40])
      #expect(slices.coalesced().densified().distance(to: slices.densified()) == 0)
      return [slices.coalesced().values]
    }
    func slices(_ lookUp: (EmbeddingTable<Float>) -> Variable<Float>) -> [Tensor<Float>] {
      let model = BagModel<Float>(rows: 4000, columns: 40)
      let gradients = valueWithGradients(at: model) { lookUp($0.embedding.weight).square().sum() }.gradients
      return [gradients[\.embedding.weight, in: model]!.values]
    }
    expectSameBits("rows") { slices { $0.gather(indices, paddingIndex: indices[3]) } }
    expectSameBits("bags") { slices { $0.embeddingBag(bags, mode: .mean) } }
    expectSameBits("weighted bags") {
      slices { $0.embeddingBag(bags, mode: .sum, weights: Variable(weights)) }
    }
    expectSameBits("two look-ups") {
      slices { $0.gather(indices).sum(over: [0]) + $0.embeddingBag(bags).sum(over: [0]) }
    }
  }

  /// So many positions that threads share the rows.
  @Test func mergingOfManyPositions() {
    var generator = RandomGenerator(seed: 8)
    let (indices, values) = (
      generator.indices(count: 40_000, tableRows: 3000), generator.tensor([40_000, 2], of: Float.self)
    )
    var (rows, sums): ([Int32], [Int32: [Float]]) = ([], [:])
    for (i, row) in indices.enumerated() {
      if sums[row] == nil { rows.append(row) }
      sums[row] = zip(sums[row] ?? [0, 0], values.row(i).elements).map { $0 + $1 }
    }
    let expected = Tensor<Float>(shape: [rows.count, 2], elements: rows.flatMap { sums[$0]! })
    expectSameBits("coalesced") {
      let coalesced = IndexedSlices(indices: indices, values: values, denseShape: [3000, 2]).coalesced()
      #expect(coalesced.indices == rows && coalesced.values == expected)
      return [coalesced.values]
    }
    // Bags of 0 to 199 row numbers.
    let bags = RaggedIndices((0..<200).map { Array(indices[$0 * ($0 - 1) / 2..<$0 * ($0 + 1) / 2]) })
    let weights = generator.tensor([bags.values.count], of: Float.self)
    let model = BagModel<Float>(rows: 3000, columns: 8)
    for (name, lookUp) in [
      ("rows", { $0.gather(indices, paddingIndex: indices[3]) }), ("means", { $0.embeddingBag(bags) }),
      ("means without a row", { $0.embeddingBag(bags, paddingIndex: indices[3]) }),
      ("weighted sums", { $0.embeddingBag(bags, mode: .sum, weights: Variable(weights)) }),
      ("maxima", { $0.embeddingBag(bags, mode: .max) }),
    ] as [(String, (EmbeddingTable<Float>) -> Variable<Float>)] {
      expectSameBits(name) {
        let gradients = valueWithGradients(at: model) { lookUp($0.embedding.weight).square().sum() }.gradients
        return [gradients[\.embedding.weight, in: model]!.values]
      }
    }
  }

  /// So many rows that threads share the search for their states, and the counting.
  @Test func statesOfManyRows() {
    var generator = RandomGenerator(seed: 9)
    let all = [Int32](0..<30_000)
    let (first, second) = (all.shuffled(using: &generator).prefix(9000), all.shuffled(using: &generator).prefix(9000))
    let known = Set(first)
    expectSameBits("states") {
      var (table, state) = (Tensor<Float>(zeros: [30_000, 1]), RowState<Float>(tableShape: [30_000, 1], width: 1))
      for rows in [first, second] {
        let slices = IndexedSlices<Float>(
          indices: Array(rows), values: Tensor(rows.map(Float.init)).reshaped(to: [9000, 1]), denseShape: [30_000, 1])
        state.update(slices, of: &table) { row, gradient, state in
          state[0] += gradient[0]
          row[0] = state[0]
        }
      }
      #expect(state.rows == first + second.filter { !known.contains($0) })
      let both = known.intersection(second)
      #expect(zip(state.rows, state.touches).allSatisfy { row, touches in touches == (both.contains(row) ? 2 : 1) })
      #expect(state.rows.allSatisfy { table[Int($0), 0] == Float(both.contains($0) ? 2 * $0 : $0) })
      return [table]
    }
  }

  /// Rows that are compared with vectors, by dot products and distances, in lists, a shared list, and all of them.
  @Test func comparisons() {
    var generator = RandomGenerator(seed: 7)
    let rows = generator.indices(count: 6000, tableRows: 4000)
    let vectors = generator.tensor([60, 12], of: Float.self)
    func gradients(
      _ function: (EmbeddingTable<Float>, Variable<Float>) -> Variable<Float>
    ) -> [Tensor<Float>] {
      let model = ComparedTable(table: EmbeddingTable(Tensor(ones: [4000, 12])), vectors: Parameter(vectors))
      let gradients = valueWithGradients(at: model) { function($0.table, $0.vectors.variable).sum() }.gradients
      return [gradients[\.table, in: model]!.values, gradients[\.vectors, in: model]!]
    }
    expectSameBits("scores") { gradients { $0.scores(of: rows, shape: [60, 100], against: $1).square() } }
    expectSameBits("all scores") { gradients { $0.scores(against: $1).square() } }
    expectSameBits("tied scores") {
      gradients { $0.scores(against: $0.gather([7, 8])).square().sum() + $0.scores(of: rows, against: $1).sum() }
    }
    for distance in Distance.allCases {
      expectSameBits("\(distance)") {
        gradients { $0.distances(of: rows, shape: [60, 100], to: $1, distance).square() }
      }
      expectSameBits("\(distance), shared") {
        gradients { $0.distances(of: Array(rows[..<1000]), to: $1, distance).square() }
      }
    }
  }

  @Test func drawnRows() {
    let sampler = RowSampler(frequencies: (0..<1000).map { Double($0 % 7) })
    func numbers(_ rows: [Int32]) -> [Tensor<Float>] { [Tensor(rows.map { Float($0) })] }
    func draw(_ rows: (inout RandomGenerator) -> [Int32]) -> [Tensor<Float>] {
      var generator = RandomGenerator(seed: 8)
      return numbers(rows(&generator))
    }
    expectSameBits("draws") { draw { sampler.draw(5000, using: &$0) } }
    expectSameBits("draws of others") { draw { sampler.draw(5, without: (0..<1000).map { $0 }, using: &$0) } }
  }

  @Test func lossesOfElements() {
    expectSameBits("sigmoid cross-entropy") {
      gradients(at: [[301, 257], [301, 257]]) { sigmoidCrossEntropy($0[0], $0[1], reduction: .none).square().sum() }
    }
    expectSameBits("dropout") {
      let tape = Tape<Float>(seed: 3)
      let x = Tensor<Float>(ones: [301, 257]) * 2
      let (value, gradients) = valueWithGradients(at: [x], on: tape) { $0[0].dropout(0.3).square().sum() }
      return [Tensor(value)] + gradients
    }
    expectSameBits("dropout in groups") {
      let groups = (0..<301).map { $0 * $0 % 37 }
      let (value, gradients) = valueWithGradients(at: [Tensor<Float>(ones: [301, 129])], on: Tape(seed: 3)) { x in
        (x[0].dropout(0.3, sharedOver: [0]) + x[0].dropout(0.3, ofRowsInGroups: groups)).square().sum()
      }
      return [Tensor(value)] + gradients
    }
    expectSameBits("Huber loss") { gradients(at: [[301, 129], [301, 129]]) { huber($0[0], $0[1], delta: 0.7) } }
    expectSameBits("constants") { gradients(at: [[301, 257]]) { $0[0].sum() * $0[0].mean() + $0[0].exp().sum() } }
  }

  @Test func rows() {
    let labels = (0..<301).map { Int32($0 % 257) }
    expectSameBits("cross-entropy") { gradients(at: [[301, 257]]) { softmaxCrossEntropy($0[0], labels) } }
    expectSameBits("softmax") { gradients(at: [[301, 257]]) { $0[0].softmax().square().sum() } }
    expectSameBits("log-softmax") { gradients(at: [[301, 257]]) { $0[0].logSoftmax().square().sum() } }
    expectSameBits("log-sum-exp") {
      gradients(at: [[301, 129]]) { $0[0].logSumExp(over: [1]).square().sum() + $0[0].logSumExp() }
    }
    expectSameBits("root mean square normalization") {
      gradients(at: [[301, 129], [129]]) { $0[0].rmsNorm(weight: $0[1]).square().sum() }
    }
    expectSameBits("rows of length 1") { gradients(at: [[301, 129]]) { $0[0].unitRows().cumulativeSum().sum() } }
    expectSameBits("cosine similarity") {
      gradients(at: [[301, 129], [301, 129]]) { cosineSimilarity($0[0], $0[1]).square().sum() }
    }
    expectSameBits("triplets") {
      let shape: Shape = [301, 129]
      return gradients(at: [shape, shape, shape]) { tripletMargin($0[0], $0[1], $0[2], margin: 2) }
    }
    expectSameBits("layer normalization") {
      gradients(at: [[301, 257], [257], [257]]) { $0[0].layerNorm(weight: $0[1], bias: $0[2]).square().sum() }
    }
  }

  @Test func training() {
    for (dense, sparse) in RuleCases<Float>.pairs { train("\(dense), \(sparse)", dense: dense, sparse: sparse) }
  }

  /// Steps of a classifier that are cut everywhere: each look-up and merge has 3600 · 40 numbers, the output's weight
  /// 900 · 40.
  private func train(
    _ name: String, dense: some Optimizer<Tensor<Float>>, sparse: some Optimizer<IndexedSlices<Float>>
  ) {
    expectSameBits(name) {
      var (generator, model) = (RandomGenerator(seed: 1), BagModel<Float>(rows: 3000, columns: 40, classes: 900))
      var optimizer = ModelOptimizer(for: model, dense: dense, sparse: sparse)
      for _ in 0..<2 {
        let texts = (0..<60).map { _ in generator.indices(count: 60, tableRows: 3000) }
        let labels = generator.indices(count: 60, tableRows: 900)
        optimizer.catchUp(&model, \.embedding, rows: RaggedIndices(texts))
        let gradients = valueWithGradients(at: model) { model in
          let rows = model.embedding.weight.gather(Array(texts.joined()))
          return model.loss(texts, labels) + rows.square().mean()
        }.gradients
        optimizer.update(&model, with: gradients)
      }
      return [model.embedding.weight.value, model.output.weight.value, model.output.bias!.value]
    }
  }

  /// Several threads hand in work at once, while the number of threads changes.
  @Test func workFromManyThreads() async {
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 4
    let expected = gradients(at: [[301, 257]]) { $0[0].gelu().sum() }
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<5).allSatisfy { round in
            Threads.count = [4, 2, 8, 3, 1][round]
            return zip(gradients(at: [[301, 257]]) { $0[0].gelu().sum() }, expected).allSatisfy {
              $0.hasSameBits(as: $1)
            }
          }
        }
      }
      for await isEqual in group { #expect(isEqual) }
    }
  }

  /// What a piece of work hands in, its own thread does.
  @Test func workInWork() {
    struct Piece {
      let thread: pthread_t
      var sum = 0
    }
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 3
    var sums = [Int](repeating: 0, count: 8)
    forEachPiece(8, &sums) { sums, outer in
      var piece = Piece(thread: pthread_self())
      forEachPiece(9, &piece) { piece, inner in
        let piece = piece.assumingMemoryBound(to: Piece.self)
        if pthread_equal(piece.pointee.thread, pthread_self()) != 0 { piece.pointee.sum += inner }
      }
      sums.assumingMemoryBound(to: Int.self)[outer] = piece.sum
    }
    #expect(sums == [Int](repeating: 36, count: 8))
  }

  /// Two pieces that wait for one another: two threads take part, and again after they have fallen asleep. A process of
  /// its own, because the work of other tests at the same time would be another thread's.
  @Test func severalThreadsTakePart() async {
    await #expect(processExitsWith: .success) {
      Threads.count = 2
      for _ in 0..<3 {
        var begun = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]
        begun.withUnsafeMutableBufferPointer {
          forEachPiece(2, $0.baseAddress!) { begun, piece in
            let begun = begun.assumingMemoryBound(to: DispatchSemaphore.self)
            begun[piece].signal()
            let other = begun[1 - piece].wait(timeout: .now() + 60)
            guard other == .success else { fatalError("piece \(piece) waits for the other one") }
          }
        }
        usleep(100_000)  // until they sleep
      }
    }
  }

  /// A process of its own, because what is counted is the process's: how often its threads went to sleep.
  @Test func unwantedThreadsSleep() async {
    await #expect(processExitsWith: .success) {
      func work(_ times: Int) {
        var context: Int32 = 0
        for _ in 0..<times { forEachPiece(2, &context) { _, _ in } }
      }
      func sleeps() -> Int {
        var usage = rusage()
        getrusage(0, &usage)  // RUSAGE_SELF, whose type is another one on each platform
        return usage.ru_nvcsw
      }
      Threads.count = 64
      work(1)
      Threads.count = 2
      work(1)
      usleep(300_000)  // until they sleep
      let before = sleeps()
      work(500)
      guard sleeps() - before < 5000 else { fatalError("\(sleeps() - before) times") }
    }
  }

  /// Swift has no `fork`, but what embeds it may: the child has none of the workers that its parent waits for.
  @Test func forkedProcess() async {
    await #expect(processExitsWith: .success) {
      Threads.count = 3
      let ones = Tensor<Float>(zeros: [1 << 20]) + 1
      func isRight() -> Bool {
        let pieces = piecesHandedIn()
        return (ones + ones).sum().scalar == 2_097_152 && piecesHandedIn() > pieces + 1
      }
      guard isRight(), let symbol = dlsym(dlopen(nil, RTLD_NOW), "fork") else { fatalError("no fork") }
      let child = unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)()
      if child == 0 {
        alarm(20)
        _exit(isRight() && isRight() ? 0 : 1)
      }
      var status: Int32 = -1
      guard waitpid(child, &status, 0) == child, status == 0, isRight() else { fatalError("status \(status)") }
    }
  }

  @Test func numberFromTheEnvironment() async {
    await #expect(processExitsWith: .success) {
      setenv("SLICEGRAD_THREADS", "3", 1)
      guard Threads.count == 3 else { fatalError("\(Threads.count) threads") }
      Threads.count = 2
      guard Threads.count == 2 else { fatalError("\(Threads.count) threads") }
    }
    await #expect(processExitsWith: .success) {
      setenv("SLICEGRAD_THREADS", "256", 1)
      guard Threads.count == 256 else { fatalError("\(Threads.count) threads") }
    }
    await #expect(processExitsWith: .success) {
      unsetenv("SLICEGRAD_THREADS")
      let expected = min(ProcessInfo.processInfo.activeProcessorCount, 256)
      guard Threads.count == expected else { fatalError("\(Threads.count) threads, expected \(expected)") }
    }
    for wrong in ["0", "257", "two", "2x", ""] {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        [wrong = wrong as String] in
        setenv("SLICEGRAD_THREADS", wrong, 1)
        _ = Threads.count
      }
      let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(output.contains("SLICEGRAD_THREADS is “\(wrong)”, expected a number in 1...256"))
    }
  }
}

/// A table and the vectors that are compared with its rows.
private struct ComparedTable: Module {
  var table: EmbeddingTable<Float>
  var vectors: Parameter<Float>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&table, "table")
    visit(&vectors, "vectors")
  }
}
