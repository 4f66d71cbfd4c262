import SliceGrad

/// What a step does with one table whose rows ranks share: it fetches what this rank's parts look up, and brings what
/// they contribute to the ranks that have the rows.
struct SharedTable<Scalar: TensorScalar & MessageElement> {
  /// What was fetched for each part of this rank.
  let fetched: [FetchedRows<Scalar>]
  private let bags: [(exchange: BagExchange<Scalar>, parts: [RaggedIndices])]
  private let rows: RowExchange<Scalar>?
  /// Of the rows that are here.
  private let shape: Shape

  /// Fetches what this rank's parts look up.
  ///
  /// - Parameters:
  ///   - bags: look-ups of bags, each with the bags of the parts.
  ///   - rows: all other rows that the parts look up; nil if there are no such look-ups.
  @specialized(where Scalar == Float)
  init(
    _ table: EmbeddingTable<Scalar>, _ sharing: RowSharing, bags: [[RaggedIndices]], rows: [[Int32]]?,
    partCount: Int, _ world: Communicator
  ) throws(CommunicatorError) {
    for indices in bags.joined().map(\.values) + (rows ?? []) {
      if let problem = indices.problem(tableRows: table.rowCount) { trap("a look-up that is announced: \(problem)") }
    }
    let values = table.value
    var sums = [[(bags: RaggedIndices, sums: Tensor<Scalar>)]](repeating: [], count: partCount)
    var exchanges: [(exchange: BagExchange<Scalar>, parts: [RaggedIndices])] = []
    for parts in bags {
      let exchange = try BagExchange<Scalar>(parts, sharing, world)
      let all = try exchange.sums(values, world)
      exchanges.append((exchange, parts))
      var first = 0
      for (part, bags) in parts.enumerated() {
        sums[part].append((bags, all.slice(first..<first + bags.bagCount, axis: 0)))
        first += bags.bagCount
      }
    }
    self.rows = try rows.map { rows throws(CommunicatorError) in
      try RowExchange<Scalar>(rows, sharing, columns: table.columnCount, world)
    }
    let none = Tensor<Scalar>(zeros: [0, table.columnCount])
    let others =
      try self.rows?.rows(of: values, world) ?? Array(repeating: (numbers: [], rows: none), count: partCount)
    fetched = zip(sums, others).map { FetchedRows(bagSums: $0, numbers: $1.numbers, rows: $1.rows) }
    (self.bags, shape) = (exchanges, values.shape)
  }

  /// How many numbers `uses` are.
  var useCount: Int { bags.count + 1 }

  /// Whether a part, of this number among this rank's, looked up anything, and whether it used each look-up of bags: 1
  /// if so, or 0. Of look-ups with equal bags each counts as used if one is.
  func uses(in part: Cotangent<Scalar>, ofPart number: Int) -> [Int] {
    let answers = fetched[number].bagSums
    return [part.rows.isEmpty ? 0 : 1]
      + answers.map { answer in
        let first = answers.firstIndex { $0.bags == answer.bags }
        return part.rows.contains { $0.fetched == first } ? 1 : 0
      }
  }

  /// The gradient of the rows that are here from what arrived at the table in this rank's parts, of which nil has no
  /// examples. It is nil if there was no look-up on any rank.
  ///
  /// - Parameters:
  ///   - uses: the sums of all parts' `uses`.
  ///   - partCount: how many parts have examples, on all ranks together.
  @specialized(where Scalar == Float)
  func gradient(
    _ parts: [Cotangent<Scalar>?], uses: [Int], partCount: Int, _ name: String, _ world: Communicator
  ) throws(CommunicatorError) -> IndexedSlices<Scalar>? {
    guard uses[0] > 0 else { return nil }
    let none = Tensor<Scalar>(zeros: [0, shape[1]])
    var contributions: [RowContribution<Scalar>] = []
    // Of look-ups with equal bags in a part, the first one that all parts use is given what arrived there.
    let used = bags.indices.filter { uses[1 + $0] == partCount }
    let sumGradients = zip(parts, fetched).map { part, fetched in
      part?.sumGradients { answer in
        let answers = fetched.bagSums
        let number = used.first { answers[$0].bags == answers[answer].bags }
        require(
          number != nil,
          "look-up \(answer) of bags in \(name) is used in \(uses[1 + answer]) of \(partCount) parts "
            + "with examples, expected all")
        return number!
      }
    }
    for number in used {
      let (exchange, bags) = bags[number]
      let gradients = zip(sumGradients, bags).map { gradients, bags in
        gradients?[number] ?? Tensor(zeros: [bags.bagCount, shape[1]])
      }
      contributions.append(try exchange.contribution(.concatenate([none] + gradients, axis: 0), world))
    }
    if let rows {
      let slices = zip(parts, fetched).map { part, fetched in
        part.map { IndexedSlices(merging: $0.otherLookups, denseShape: fetched.rows.shape) }
      }
      contributions.append(try rows.contribution(slices, world))
    }
    return IndexedSlices(merging: contributions, denseShape: shape)
  }
}

extension Cotangent {
  /// The gradients of fetched sums, by the numbers of the look-ups of bags that they are given to: which one of those
  /// with the same bags the closure meant, nobody knows.
  fileprivate func sumGradients(givenTo lookup: (_ answer: Int) -> Int) -> [Int: Tensor<Scalar>] {
    var gradients: [Int: Tensor<Scalar>] = [:]
    for use in rows.reversed() {
      guard let answer = use.fetched else { continue }
      let (number, vectors) = (lookup(answer), use.plainVectors!)
      gradients[number] = gradients[number].map { $0 + vectors } ?? vectors
    }
    return gradients
  }

  /// The look-ups that weren't answered by fetched sums, in their order.
  fileprivate var otherLookups: [RowContribution<Scalar>] { rows.reversed().filter { $0.fetched == nil } }
}
