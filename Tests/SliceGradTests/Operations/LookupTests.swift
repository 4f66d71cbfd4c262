import SliceGrad
import Testing

/// A model that is one table.
struct TableModel: Module {
  typealias Scalar = Double
  var table: EmbeddingTable<Double>

  init(_ table: Tensor<Double>) { self.table = EmbeddingTable(table) }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) { visit(&table, "table") }

  /// The rows that the gradient of a function holds; a step without any look-up gives nil.
  func gradient(
    _ function: (EmbeddingTable<Double>) -> Variable<Double>
  ) -> IndexedSlices<Double>? {
    valueWithGradients(at: self) { model in function(model.table).sum() }.gradients[\.table, in: self]
  }
}

@Suite struct LookupTests {
  private static let table = Tensor<Double>([[1, 2], [3, 4], [5, 6], [7, 8]])

  // MARK: Values

  @Test func gathering() {
    let table = EmbeddingTable(Self.table)
    #expect(table.gather([3, 1, 3]).value == Tensor([[7, 8], [3, 4], [7, 8]]))
    #expect(table.gather([3, 1, 3, 0], shape: [2, 2]).value == Tensor([[[7, 8], [3, 4]], [[7, 8], [1, 2]]]))
    #expect(table.gather([[3, 1], [3, 0]]).value == table.gather([3, 1, 3, 0], shape: [2, 2]).value)
    #expect(table.gather([3, 1] as [Int32]).value == table.gather([3, 1] as [Int]).value)
    #expect(table.gather([2], shape: []).value == Tensor([5, 6]))
    #expect(table.gather([2], paddingIndex: 2).value == Tensor([[5, 6]]))
    #expect(table.gather([] as [Int32]).shape == [0, 2])
    #expect(table.gather([] as [[Int32]]).shape == [0, 0, 2])
    let matrix = Variable(Self.table)
    #expect(matrix.gather([3, 1, 3]).value == table.gather([3, 1, 3]).value)
    #expect(Variable(Tensor<Double>([5, 6, 7])).gather([2, 0]).value == Tensor([7, 5]))
  }

  /// What a bag's rows become, by a loop over its positions; `position` is nil for an empty bag's maximum.
  private func plainBag(
    _ table: Tensor<Double>, _ rows: [(row: Int32, weight: Double)], _ mode: BagMode, column: Int
  ) -> (value: Double, winner: Int?) {
    let numbers = rows.map { table[Int($0.row), column] * $0.weight }
    switch mode {
    case .sum: return (numbers.reduce(0, +), nil)
    case .mean: return (numbers.isEmpty ? 0 : numbers.reduce(0, +) / Double(numbers.count), nil)
    case .max: return (numbers.max() ?? 0, numbers.max().flatMap { numbers.firstIndex(of: $0) })
    }
  }

  /// All modes with and without padding and weights, values and gradients, against loops over random bags.
  @Test(arguments: BagMode.allCases, [nil, 3] as [Int32?])
  func bags(mode: BagMode, padding: Int32?) {
    var generator = RandomGenerator(seed: 1)
    for (columns, isWeighted) in [(1, false), (3, false), (17, mode == .sum), (61, mode == .sum), (0, false)] {
      let bags = generator.bags(count: 30, tableRows: 8)
      let weights = isWeighted ? generator.tensor([bags.values.count], of: Double.self) : nil
      let model = TableModel(generator.tensor([8, columns]))
      let cotangent = generator.tensor([30, columns], of: Double.self)
      var (values, gradient) = (Tensor<Double>(zeros: [30, columns]), Tensor<Double>(zeros: [8, columns]))
      for bag in 0..<30 {
        let positions = (Int(bags.rowSplits[bag])..<Int(bags.rowSplits[bag + 1])).filter { bags.values[$0] != padding }
        let rows = positions.map { (row: bags.values[$0], weight: weights?[$0] ?? 1) }
        for column in 0..<columns {
          let (value, winner) = plainBag(model.table.value, rows, mode, column: column)
          values[bag, column] = value
          for (place, (row, weight)) in rows.enumerated() {
            let share = mode == .mean ? 1 / Double(rows.count) : mode == .max ? (place == winner ? 1 : 0) : weight
            gradient[Int(row), column] += share * cotangent[bag, column]
          }
        }
      }
      let slices = model.gradient { table in
        let result = table.embeddingBag(
          bags, mode: mode, weights: weights.map { Variable($0) }, paddingIndex: padding)
        #expect(result.value.distance(to: values) < 1e-12)
        return result * Variable(cotangent)
      }
      #expect(slices?.densified().distance(to: gradient) ?? .infinity < 1e-12)
      let kept = bags.values.filter { $0 != padding }
      #expect(slices?.indices.sorted() == Set(kept).sorted())
      #expect(
        model.table.embeddingBag(bags, mode: mode, weights: weights.map { Variable($0) }, paddingIndex: padding).value
          .distance(to: values) < 1e-12)
    }
  }

  /// Bags with counts are the same as with repeats, in all modes, with padding, and on the way back.
  @Test(arguments: BagMode.allCases, [nil, 3] as [Int32?])
  func bagsWithCounts(mode: BagMode, padding: Int32?) {
    var generator = RandomGenerator(seed: 4)
    for columns in [1, 3, 17, 61] {
      let bags = generator.bags(count: 30, tableRows: 5)
      #expect(bags.counted.values.count < bags.values.count)
      let model = TableModel(generator.tensor([5, columns]))
      let cotangent = Variable(generator.tensor([30, columns], of: Double.self))
      let results = [bags, bags.counted].map { bags in
        var value = Tensor<Double>(zeros: [0])
        let slices = model.gradient { table in
          let result = table.embeddingBag(bags, mode: mode, paddingIndex: padding)
          value = result.value
          return result * cotangent
        }
        return (value: value, slices: slices!)
      }
      #expect(results[0].value.distance(to: results[1].value) < 1e-12)
      #expect(results[0].slices.indices.sorted() == results[1].slices.indices.sorted())
      #expect(results[0].slices.densified().distance(to: results[1].slices.densified()) < 1e-12)
    }
  }

  @Test func bagMaximaOfTiesAndSpecialNumbers() {
    let infinity = Double.infinity
    let model = TableModel(Tensor([[-infinity, 1], [-infinity, 1], [-3, infinity]]))
    let slices = model.gradient { table in
      let maxima = table.embeddingBag(RaggedIndices([[1, 0], [0, 2, 2]]), mode: .max)
      #expect(maxima.value == Tensor([[-infinity, 1], [-3, infinity]]))
      return maxima * Variable(Tensor([[1, 10], [100, 1000]]))
    }
    #expect(
      slices
        == IndexedSlices(
          indices: [1, 0, 2], values: Tensor([[1, 10], [0, 0], [100, 1000]]), denseShape: [3, 2]
        ).coalesced())
  }

  // MARK: The weights' gradient

  @Test(arguments: [nil, 2] as [Int32?])
  func weightsAreDifferentiated(padding: Int32?) {
    var generator = RandomGenerator(seed: 2)
    let bags = generator.bags(count: 12, tableRows: 5)
    let (table, weights) = (
      generator.tensor([5, 3], of: Double.self), generator.tensor([bags.values.count], of: Double.self)
    )
    let fixedTable = checkGradients(at: ["weights": weights]) { v in
      EmbeddingTable(table).embeddingBag(bags, mode: .sum, weights: v["weights"]!, paddingIndex: padding)
    }
    #expect(fixedTable.passed, "\(fixedTable)")
    let both = checkGradients(at: WeightedModel(table: EmbeddingTable(table), weights: Parameter(weights))) {
      model in
      let weights = model.weights.variable
      return model.table.embeddingBag(bags, mode: .sum, weights: weights * weights, paddingIndex: padding)
    }
    #expect(both.passed, "\(both)")
  }

  private struct WeightedModel: Module {
    typealias Scalar = Double
    var table: EmbeddingTable<Double>
    var weights: Parameter<Double>

    mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
      visit(&table, "table")
      visit(&weights, "weights")
    }
  }

  // MARK: The rows of the gradient

  private let model = TableModel(table)

  @Test func repeatsAreMerged() {
    let slices = model.gradient { table in
      table.gather([3, 1, 3]) * Variable(Tensor([[1, 2], [10, 20], [100, 200]]))
    }
    let expected = Tensor<Double>([[101, 202], [10, 20]])
    #expect(slices == IndexedSlices(indices: [3, 1], values: expected, denseShape: [4, 2]).coalesced())
  }

  @Test func paddingGetsNoGradient() {
    #expect(model.gradient { table in table.gather([3, 1, 3], paddingIndex: 3) }?.indices == [1])
    #expect(model.gradient { table in table.gather([3, 3], paddingIndex: 3) }?.count == 0)
  }

  @Test func gradientsByFrequency() {
    let slices = model.gradient { table in
      table.gather([3, 1, 3, 0, 3], paddingIndex: 0, scalesGradientByFrequency: true)
        * Variable(Tensor<Double>([[3], [7], [30], [5], [300]]))
    }
    #expect(slices?.indices == [3, 1])
    #expect(slices?.values.distance(to: Tensor([[111, 111], [7, 7]])) ?? .infinity < 1e-13)
  }

  /// Two look-ups in one step, of different kinds, one of them twice used: their rows are merged in the order of
  /// the look-ups.
  @Test func lookupsInSeveralPlaces() {
    let slices = model.gradient { table in
      let rows = table.gather([2, 0])
      let bags = table.embeddingBag(RaggedIndices([[0, 3], [], [1]]), mode: .mean)
      return (rows * 10 + rows).sum() + bags.sum() * 4
    }
    let expected = Tensor<Double>([[11, 11], [13, 13], [2, 2], [4, 4]])
    #expect(slices == IndexedSlices(indices: [2, 0, 3, 1], values: expected, denseShape: [4, 2]).coalesced())
  }

  @Test func emptyBatches() {
    let bags = model.gradient { table in table.embeddingBag(RaggedIndices([])) }
    let rows = model.gradient { table in table.gather([] as [Int32]) }
    let emptyBags = model.gradient { table in table.embeddingBag(RaggedIndices([[], []]), mode: .max) }
    for slices in [bags, rows, emptyBags] { #expect(slices == IndexedSlices(denseShape: [4, 2])) }
  }

  /// A look-up whose result the loss doesn't use gives nothing, as no look-up does.
  @Test func unusedLookups() {
    let (_, gradients) = valueWithGradients(
      at: WeightedModel(table: model.table, weights: Parameter(Tensor([1])))
    ) { model in
      _ = model.table.gather([1])
      return model.weights.variable.sum()
    }
    let names = gradients.missing(in: WeightedModel(table: model.table, weights: Parameter(Tensor([1]))))
    #expect(names == ["table"])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("row number 4294967297 is too large for Int32") {
      _ = EmbeddingTable(table).gather([4_294_967_297])
    },
    ProgrammingError("embeddingBag: paddingIndex 99 is not in 0..<4") {
      _ = EmbeddingBag(weight: table, paddingIndex: 99)(RaggedIndices([[0]]))
    },
    ProgrammingError("gather: paddingIndex -1 is not in 0..<4") {
      _ = Embedding(weight: table, paddingIndex: -1)([0])
    },
    ProgrammingError("gather: row number 4 at position 1 is not in 0..<4") {
      _ = EmbeddingTable(table).gather([0, 4])
    },
    ProgrammingError("gather: row number -1 at position 0 is not in 0..<4") { _ = Variable(table).gather([-1]) },
    ProgrammingError("gather: 3 indices for shape [2, 2], which has 4") {
      _ = EmbeddingTable(table).gather([0, 1, 2], shape: [2, 2])
    },
    ProgrammingError("gather: list 1 has 1 indices, list 0 has 2") {
      _ = EmbeddingTable(table).gather([[0, 1], [2]])
    },
    ProgrammingError("gather: a scalar has no rows") { _ = Variable(Tensor<Float>(0)).gather([0]) },
    ProgrammingError("embeddingBag: row number 9 at position 2 is not in 0..<4") {
      _ = EmbeddingTable(table).embeddingBag(RaggedIndices([[0, 1], [9]]))
    },
    ProgrammingError("embeddingBag: weights go with mode sum, not mean") {
      _ = EmbeddingTable(table).embeddingBag(RaggedIndices([[0]]), weights: Variable(Tensor([1])))
    },
    ProgrammingError("embeddingBag: weights of shape [2] for 1 row numbers") {
      _ = EmbeddingTable(table).embeddingBag(RaggedIndices([[0]]), mode: .sum, weights: Variable(Tensor([1, 2])))
    },
    ProgrammingError("EmbeddingTable: shape [4] is not [v, d]") { _ = EmbeddingTable(Tensor<Float>(zeros: [4])) },
  ]
}
