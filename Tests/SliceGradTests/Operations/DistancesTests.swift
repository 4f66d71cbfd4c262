import SliceGrad
import Testing

@Suite struct DistancesTests {
  /// By a loop over the columns.
  private func plain(_ x: Tensor<Double>, _ r: Tensor<Double>, _ distance: Distance) -> Double {
    let differences = zip(x.elements, r.elements).map { $0 - $1 }
    let half = differences.count / 2
    switch distance {
    case .l1: return differences.reduce(0) { $0 + abs($1) }
    case .l2: return differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .squaredL2: return differences.reduce(0) { $0 + $1 * $1 }
    case .complexL1:
      return (0..<half).reduce(0) {
        $0 + (differences[$1] * differences[$1] + differences[half + $1] * differences[half + $1]).squareRoot()
      }
    }
  }

  /// Every kind of list, for rows shorter and longer than the registers that sum them.
  @Test(arguments: Distance.allCases, [0, 2, 6, 100])
  func values(distance: Distance, columns: Int) {
    var generator = RandomGenerator(seed: 1)
    let table = EmbeddingTable(generator.tensor([9, columns], of: Double.self))
    let x = generator.tensor([4, columns], of: Double.self)
    let vectors = Variable(x)
    let all = table.distances(to: vectors, distance).value
    #expect(all.shape == [4, 9])
    for b in 0..<4 {
      for row in 0..<9 { #expect(abs(all[b, row] - plain(x.row(b), table.value.row(row), distance)) < 1e-12) }
    }
    let bags = RaggedIndices([[8, 0], [], [3, 3, 3], [1]])
    let listed = [all[0, 8], all[0, 0], all[2, 3], all[2, 3], all[2, 3], all[3, 1]]
    #expect(table.distances(of: bags, to: vectors, distance).value == Tensor(listed))
    let shared = table.distances(of: [8, 2, 8], to: vectors, distance).value
    let own = table.distances(of: [8, 8, 8, 8], shape: [4, 1], to: vectors, distance).value
    for b in 0..<4 { #expect(shared[b, 0] == all[b, 8] && shared[b, 1] == all[b, 2] && own[b, 0] == all[b, 8]) }
  }

  /// For the table and the vectors, and in one step with look-ups of the same table.
  @Test(arguments: Distance.allCases)
  func gradients(distance: Distance) {
    var generator = RandomGenerator(seed: 2)
    let bags = generator.bags(count: 5, tableRows: 6)
    let model = Scored(
      table: EmbeddingTable(generator.tensor([6, 4], of: Double.self)),
      vectors: Parameter(generator.tensor([5, 4], of: Double.self)))
    let uses: [(Scored) -> Variable<Double>] = [
      { $0.table.distances(of: bags, to: $0.vectors.variable, distance) },
      { $0.table.distances(of: [5, 0, 5], to: $0.vectors.variable, distance) },
      { $0.table.distances(to: $0.vectors.variable, distance) },
      { $0.table.distances(of: (0..<10).map { $0 % 6 }, shape: [5, 2], to: $0.vectors.variable, distance) },
      { model in
        let shifted = model.table.gather([2, 0, 2, 3, 1]) + model.vectors.variable
        return model.table.distances(of: bags, to: shifted, distance).square().sum()
          + model.table.distances(to: shifted, distance).sum()
          + model.table.distances(of: [1, 1], to: shifted, distance)
          .sum()
      },
    ]
    for (number, use) in uses.enumerated() {
      let check = checkGradients(at: model, use)
      #expect(check.passed, "\(distance), use \(number): \(check)")
    }
  }

  /// Where numbers are equal, the derivative is 0; a NaN stays one.
  @Test func equalAndSpecialNumbers() {
    let model = TableModel(Tensor([[1, 2, 3, 4], [1, 5, 3, 4]]))
    let x = Variable(Tensor<Double>([[1, 2, 3, 4]]))
    let expected: [Distance: Tensor<Double>] = [
      .l1: Tensor([0, 1, 0, 0]), .l2: Tensor([0, 1, 0, 0]), .squaredL2: Tensor([0, 6, 0, 0]),
      .complexL1: Tensor([0, 1, 0, 0]),
    ]
    for distance in Distance.allCases {
      let slices = model.gradient { $0.distances(to: x, distance) }!
      #expect(slices.values.row(0) == Tensor([0, 0, 0, 0]), "\(distance)")
      #expect(slices.values.row(1) == expected[distance]!, "\(distance)")
      let notANumber = Variable(Tensor<Double>([[.nan, 2, 3, 4]]))
      let spoiled = model.gradient { $0.distances(of: [1], shape: [1, 1], to: notANumber, distance) }!
      #expect(spoiled.values.row(0)[0].isNaN, "\(distance)")
    }
  }

  /// Vectors that are close together keep their digits.
  @Test func closeVectors() {
    let table = EmbeddingTable(Tensor<Float>([[1000, 1000.001]]))
    let distance = table.distances(to: Variable(Tensor([[1000, 1000]])), .l2).value.scalar
    #expect(distance == Float(1000.001) - 1000)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("distances: [2, 3] and [4, 5], expected [b, d] and [k, d]") {
      _ = EmbeddingTable(Tensor<Float>(zeros: [4, 5])).distances(to: Variable(Tensor(zeros: [2, 3])), .l1)
    },
    ProgrammingError("distances: vectors of 3 numbers are not real and imaginary parts") {
      _ = EmbeddingTable(Tensor<Float>(zeros: [4, 3])).distances(to: Variable(Tensor(zeros: [2, 3])), .complexL1)
    },
    ProgrammingError("distances: row number 4 at position 0 is not in 0..<4") {
      let table = EmbeddingTable(Tensor<Float>(zeros: [4, 3]))
      _ = table.distances(of: RaggedIndices([[4]]), to: Variable(Tensor(zeros: [1, 3])), .l1)
    },
    ProgrammingError("distances: x of shape [1, 2] for a table of shape [4, 3], expected [b, 3]") {
      let table = EmbeddingTable(Tensor<Float>(zeros: [4, 3]))
      _ = table.distances(of: [0], shape: [1, 1], to: Variable(Tensor(zeros: [1, 2])), .l1)
    },
  ]
}
