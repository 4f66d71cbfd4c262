import Foundation
import SliceGrad
import Testing

@Suite struct ScoresTests {
  private static let table = Tensor<Double>([[1, 2], [3, 4], [5, 6], [7, 8]])

  private static var x: Variable<Double> { Variable(Tensor([[1, 0], [0, 10], [1, 1]])) }

  /// Every kind of list gives the same score to a pair of the same vector and row.
  @Test func kindsOfLists() {
    let (table, x) = (EmbeddingTable(Self.table), Self.x)
    let all = table.scores(against: x).value
    #expect(all == Tensor([[1, 3, 5, 7], [20, 40, 60, 80], [3, 7, 11, 15]]))
    #expect(table.scores(of: [3, 0, 3], against: x).value == Tensor([[7, 1, 7], [80, 20, 80], [15, 3, 15]]))
    #expect(table.scores(of: [] as [Int], against: x).shape == [3, 0])
    let own = table.scores(of: [3, 0, 1, 1, 2, 2], shape: [3, 2], against: x).value
    #expect(own == Tensor([[7, 1], [40, 40], [11, 11]]))
    #expect(table.scores(of: [3, 0, 1, 1, 2, 2] as [Int32], shape: [3, 2], against: x).value == own)
    #expect(table.scores(of: RaggedIndices([[3, 0], [], [2]]), against: x).value == Tensor([7, 1, 11]))
    #expect(table.scores(of: RaggedIndices([[], [], []]), against: x).shape == [0])
    // Vectors of any shape where the list is the same for all of them.
    let vectors = x.reshaped(to: [3, 1, 2])
    #expect(table.scores(against: vectors).value == all.reshaped(to: [3, 1, 4]))
    #expect(table.scores(of: [1], against: Variable(Tensor([1, 1]))).value == Tensor([7]))
  }

  /// Random bags against finite differences, for the table and the vectors, and in one step with look-ups of the same
  /// table: rows that are read, scored in bags, in a shared list, and all of them.
  @Test func gradients() {
    var generator = RandomGenerator(seed: 1)
    let bags = generator.bags(count: 5, tableRows: 6)
    let model = Scored(
      table: EmbeddingTable(generator.tensor([6, 7], of: Double.self)),
      vectors: Parameter(generator.tensor([5, 7], of: Double.self)))
    let uses: [(Scored) -> Variable<Double>] = [
      { $0.table.scores(of: bags, against: $0.vectors.variable) },
      { $0.table.scores(of: [5, 0, 5], against: $0.vectors.variable) },
      { $0.table.scores(against: $0.vectors.variable) },
      { $0.table.scores(of: (0..<10).map { $0 % 6 }, shape: [5, 2], against: $0.vectors.variable) },
      { $0.table.scores(of: bags, against: $0.table.embeddingBag(bags)) },
      { $0.table.scores(against: $0.table.gather([1, 1, 4])) },
      { model in
        let read = model.table.gather([2, 0, 2, 3, 1])
        let sums = [
          model.table.scores(of: bags, against: read).square().sum(), model.table.variable.exp().sum(),
          model.table.scores(against: read).tanh().sum(),
          model.table.embeddingBag(bags, mode: .max).square().sum(),
        ]
        return sums.reduce(model.vectors.variable.sum(), +)
      },
    ]
    for (number, use) in uses.enumerated() {
      let check = checkGradients(at: model, use)
      #expect(check.passed, "use \(number): \(check)")
    }
  }

  /// The gradient has the rows that are listed, or all of them, each once.
  @Test func rowsOfTheGradient() {
    let model = TableModel(Self.table)
    #expect(model.gradient { $0.scores(of: RaggedIndices([[3], [1, 3], []]), against: Self.x) }?.indices == [3, 1])
    #expect(model.gradient { $0.scores(of: [2, 2], against: Self.x) }?.indices == [2])
    #expect(model.gradient { $0.scores(against: Self.x) }?.indices == [0, 1, 2, 3])
    let tied = model.gradient { table in table.scores(against: table.gather([2])) }
    // Σ over all rows r of t₂ · r: each row gets t₂, and row 2 also Σ r.
    #expect(tied?.indices == [0, 1, 2, 3])
    #expect(tied?.values == Tensor([[5, 6], [5, 6], [21, 26], [5, 6]]))
    #expect(model.gradient { $0.scores(of: RaggedIndices([[], [], []]), against: Self.x) }?.count == 0)
  }

  /// A step takes memory for its distinct rows, not for each position: here 262 MB if the rows were expanded.
  @Test func positionsAreNotExpanded() async {
    await #expect(processExitsWith: .success) {
      let (vectors, positions, columns) = (64, 1000, 512)
      let model = TableModel(Tensor(ones: [10, columns]))
      let x = Variable(Tensor<Double>(ones: [vectors, columns]))
      let rows = (0..<vectors * positions).map { Int32($0 % 10) }
      _ = model.gradient { $0.scores(of: Array(rows[..<vectors]), shape: [vectors, 1], against: x) }
      let before = peakByteCount()
      for distance in Distance.allCases {
        let shape: Shape = [vectors, positions]
        let (few, x) = (Variable(Tensor<Double>(ones: [vectors, 8])), TableModel(Tensor(ones: [10, 8])))
        _ = x.gradient { $0.distances(of: rows, shape: shape, to: few, distance) }
      }
      _ = model.gradient { $0.scores(of: rows, shape: [vectors, positions], against: x) }
      guard peakByteCount() - before < 100 << 20 else { exit(1) }
    }
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("scores: x of shape [3, 2] for a table of shape [4, 5], expected […, 5]") {
      _ = EmbeddingTable(Tensor<Double>(zeros: [4, 5])).scores(against: x)
    },
    ProgrammingError("scores: x of shape [2] for a table of shape [4, 2], expected [b, 2]") {
      _ = EmbeddingTable(table).scores(of: RaggedIndices([[0]]), against: Variable(Tensor([1, 2])))
    },
    ProgrammingError("scores: row number 4 at position 1 is not in 0..<4") {
      _ = EmbeddingTable(table).scores(of: RaggedIndices([[0], [4], []]), against: x)
    },
    ProgrammingError("scores: row number 4 at position 1 is not in 0..<4") {
      _ = EmbeddingTable(table).scores(of: [0, 4], against: x)
    },
    ProgrammingError("scores: rows for 2 vectors, but x of shape [3, 2]") {
      _ = EmbeddingTable(table).scores(of: RaggedIndices([[0], [1]]), against: x)
    },
    ProgrammingError("scores: 4 row numbers for shape [3, 2], expected [b, k] with that many elements") {
      _ = EmbeddingTable(table).scores(of: [0, 1, 2, 3], shape: [3, 2], against: x)
    },
  ]
}

/// A table, and vectors that are compared with its rows.
struct Scored: Module {
  typealias Scalar = Double
  var table: EmbeddingTable<Double>
  var vectors: Parameter<Double>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
    visit(&table, "table")
    visit(&vectors, "vectors")
  }
}

/// The largest amount of memory that the process has held.
private func peakByteCount() -> Int {
  #if os(Linux)
    // `getrusage` would also count what the process held from which this one was forked.
    let status = try! String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }!
    return Int(line.split(whereSeparator: \.isWhitespace)[1])! << 10
  #else
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #endif
}
