import SliceGrad

/// A rule for tables that is compared.
struct Rule: Sendable {
  /// What a rule keeps between its steps.
  enum Memory {
    /// Numbers for each element of the table; the gradient is spread to the whole table besides.
    case wholeTable(numbersAnElement: Int)
    /// For each touched row numbers for each element, and some for the row.
    case touchedRows(numbersAnElement: Int, numbersARow: Int = 0)
    case nothing
  }

  let name: String
  /// Its name in JSON.
  let key: String
  let memory: Memory
  /// What is tried for the names, a third of a decade apart.
  let learningRates: [Double]
  let make: @Sendable (_ learningRate: Double) -> any Optimizer<IndexedSlices<Float>>
}

extension Rule {
  static let adams = [densifiedAdam] + sparseAdams
  static let all = adams + [sgd, adagrad, rowwiseAdagrad]

  // All hyperparameters but the learning rate are the rules' own. SparseAdam refuses .activeSteps with .decayed.
  static let densifiedAdam = Rule(
    name: "Adam, densified", key: "densifiedAdam", memory: .wholeTable(numbersAnElement: 2),
    learningRates: [0.05, 0.1, 0.2, 0.5, 1, 2]
  ) { Densifying(Adam<Float>(learningRate: $0)) }

  static let caughtUp = sparseAdam("caught up", "sparseAdamCaughtUp") {
    SparseAdam(learningRate: $0, inactiveRows: .caughtUp)
  }

  static let sparseAdams = [
    sparseAdam("global step", "sparseAdamGlobalStep") { SparseAdam(learningRate: $0) },
    sparseAdam("active steps", "sparseAdamActiveSteps") { SparseAdam(learningRate: $0, biasCorrection: .activeSteps) },
    sparseAdam("decayed", "sparseAdamDecayed") { SparseAdam(learningRate: $0, inactiveRows: .decayed) },
    caughtUp,
    sparseAdam("per row", "sparseAdamPerRow", .touchedRows(numbersAnElement: 1, numbersARow: 1)) {
      SparseAdam(learningRate: $0, secondMoment: .perRow)
    },
  ]

  static let sgd = Rule(name: "SGD", key: "sgd", memory: .nothing, learningRates: [2000, 5000, 10_000, 20_000]) {
    SGD<IndexedSlices<Float>>(learningRate: $0)
  }

  static let adagrad = Rule(
    name: "Adagrad", key: "adagrad", memory: .touchedRows(numbersAnElement: 1), learningRates: [0.2, 0.5, 1, 2, 5]
  ) { Adagrad<IndexedSlices<Float>>(learningRate: $0) }

  static let rowwiseAdagrad = Rule(
    name: "row-wise Adagrad", key: "rowwiseAdagrad", memory: .touchedRows(numbersAnElement: 0, numbersARow: 1),
    learningRates: [0.2, 0.5, 1, 2, 5]
  ) { RowwiseAdagrad<Float>(learningRate: $0) }

  private static func sparseAdam(
    _ name: String, _ key: String, _ memory: Memory = .touchedRows(numbersAnElement: 2),
    make: @escaping @Sendable (Double) -> SparseAdam<Float>
  ) -> Rule {
    Rule(
      name: "SparseAdam, \(name)", key: key, memory: memory, learningRates: [0.05, 0.1, 0.2, 0.5, 1, 2], make: make)
  }
}

extension Rule {
  /// About what the rule needs besides the table, in bytes.
  func byteCount(rows: Int, touchedRows: Int, columns: Int) -> Int {
    switch memory {
    case .nothing: 0
    case .wholeTable(let numbers): 4 * rows * columns * (numbers + 1)
    case .touchedRows(let numbers, let numbersARow):
      // A row's place is 4 bytes, and a touched row's number and count, in arrays that may be half empty, 16.
      4 * rows + touchedRows * (4 * (numbers * columns + numbersARow) + 16)
    }
  }
}
