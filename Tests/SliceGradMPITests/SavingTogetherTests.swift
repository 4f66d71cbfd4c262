import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradMPI
@testable import SliceGradTraining

/// A table and what all ranks have.
private struct WordModel: Module {
  var words: EmbeddingTable<Float>
  var output: Dense<Float>

  init(seed: UInt64 = 5) {
    var generator = RandomGenerator(seed: seed)
    words = EmbeddingTable(Tensor(normal: [21, 3], using: &generator))
    output = Dense(inputs: 3, outputs: 1, using: &generator)
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&words, "words")
    visit(&output, "output")
  }

  func loss(_ rows: [Int32]) -> Variable<Float> { output(words.gather(rows)).square().mean() }
}

private typealias Training = TrainingState<WordModel>

/// How a model is trained: rules whose state is by rows in different ways.
private enum Kind: CaseIterable {
  case adamWithAverage, adagrad, rowwiseAdagrad, denseWithAverage, decayedAdam, caughtUpAdam, rowwiseAdam

  var hasAverage: Bool { self == .adamWithAverage || self == .denseWithAverage }

  func training(_ model: WordModel) -> Training {
    let dense = Adam<Float>(learningRate: 0.1)
    let optimizer =
      switch self {
      case .adamWithAverage: ModelOptimizer(for: model, dense: dense, sparse: SparseAdam(learningRate: 0.1))
      case .adagrad: ModelOptimizer(for: model, dense: dense, sparse: Adagrad(learningRate: 0.1))
      case .rowwiseAdagrad: ModelOptimizer(for: model, dense: dense, sparse: RowwiseAdagrad(learningRate: 0.1))
      case .decayedAdam:
        ModelOptimizer(for: model, dense: dense, sparse: SparseAdam(learningRate: 0.1, inactiveRows: .decayed))
      case .caughtUpAdam:
        ModelOptimizer(
          for: model, dense: dense,
          sparse: SparseAdam(learningRate: 0.1, inactiveRows: .caughtUp, weightDecay: .caughtUp(0.1)))
      case .rowwiseAdam:
        ModelOptimizer(
          for: model, dense: dense, sparse: SparseAdam(learningRate: 0.1, beta1: 0, secondMoment: .perRow))
      case .denseWithAverage: ModelOptimizer(for: model, dense: dense, sparse: Densifying(Adam(learningRate: 0.1)))
      }
    return TrainingState(
      model: model, optimizer: optimizer,
      average: hasAverage ? ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.8) : nil)
  }
}

extension Training {
  /// The first row numbers are high, so that rows get their state in another order than theirs, and the first 8 rows
  /// none in the first epoch.
  private var batches: [[Int32]] {
    epoch == 0 ? [[19, 20, 8, 13, 13, 12], [20, 10, 17, 15]] : [[20, 0, 7, 5], [1, 2, 19, 9, 20, 20, 8]]
  }

  /// An epoch on all ranks, after which the model is noted as the best one if it is the first.
  mutating func runEpoch(_ world: Communicator) throws {
    for rows in batches {
      catchUp(\.words, rows: rows)
      let shards = Shards(8, of: rows.count) { Array(rows[$0]) }
      let (_, gradients) = try world.valueWithGradients(
        at: model, shards: shards, lookups: [.rows(\.words) { $0 }]
      ) { $0.loss($1) }
      update(with: gradients)
    }
    beginEpoch()
    noteScore(1 / Double(epoch))
  }

  /// The same in one process with whole tables.
  mutating func runEpochAlone() {
    for rows in batches {
      catchUp(\.words, rows: rows)
      let (_, gradients) = valueWithGradients(at: model) { $0.loss(rows) }
      update(with: gradients)
    }
    beginEpoch()
    noteScore(1 / Double(epoch))
  }
}

@Suite struct SavingTogetherTests {
  /// What so many ranks save after one more epoch, or after none, of a training that goes on from a file.
  private static func saved(_ kind: Kind, ranks: Int, from start: URL?, epochs: Int = 1) throws -> Data {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "saved")
      _ = try Communicator.threads(ranks, deadline: .seconds(60)) { world in
        var training = kind.training(try world.sharingRows(of: WordModel()))
        if let start { try world.load(&training, from: start) }
        for _ in 0..<epochs { try training.runEpoch(world) }
        if ranks < 4 { try world.save(training, to: url) } else { try world.save(training, to: url, bytesAtOnce: 32) }
      }
      return try Data(contentsOf: url)
    }
  }

  /// N ranks save, M go on: one file after each epoch, with the average and the model of the best epoch.
  @Test(arguments: Kind.allCases) fileprivate func savedAndResumed(kind: Kind) throws {
    try withTemporaryDirectory { directory in
      let (first, second) = (directory.appending(path: "1"), directory.appending(path: "2"))
      try Self.saved(kind, ranks: 1, from: nil).write(to: first)
      try Self.saved(kind, ranks: 1, from: nil, epochs: 2).write(to: second)
      let names = try SafetensorsFile(second).entries.map(\.name)
      #expect(
        names.contains("best.words")
          && names.contains("average.words.average") == kind.hasAverage)
      #expect(try Data(contentsOf: first) != Data(contentsOf: second))
      for ranks in [2, 3, 8, 9] {
        let file = try Self.saved(kind, ranks: ranks, from: nil)
        #expect(try file == Data(contentsOf: first), "\(ranks) ranks")
      }
      for ranks in [1, 2, 3, 5, 9] {
        let file = try Self.saved(kind, ranks: ranks, from: first)
        #expect(try file == Data(contentsOf: second), "\(ranks) ranks")
      }
    }
  }

  /// A checkpoint of one process with whole tables, whose state is in another order, is read by ranks, and the other
  /// way round.
  @Test(arguments: Kind.allCases) fileprivate func wholeTables(kind: Kind) throws {
    try withTemporaryDirectory { directory in
      let (alone, together) = (directory.appending(path: "alone"), directory.appending(path: "together"))
      var training = kind.training(WordModel())
      training.runEpochAlone()
      try training.save(to: alone)
      let files = try [1, 3].map { try Self.saved(kind, ranks: $0, from: alone, epochs: 0) }
      #expect(files[0] == files[1])
      try files[0].write(to: together)
      var back = kind.training(WordModel())
      try back.load(from: together)
      for model in [back.model, back.best!.model] {
        #expect(model.leaves.map(\.value) == training.model.leaves.map(\.value))
      }
      back.runEpochAlone()
      training.runEpochAlone()
      #expect(back.model.leaves.map(\.value) == training.model.leaves.map(\.value))
      #expect(
        back.average?.applied(to: back.model).leaves.map(\.value)
          == training.average?.applied(to: back.model).leaves.map(\.value))
    }
  }

  /// A checkpoint says in how many shards the rows are, and is refused for others; the training stays.
  @Test func otherShards() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "saved")
      try Self.saved(.adagrad, ranks: 2, from: nil).write(to: url)
      for ranks in [1, 3] {
        let error = #expect(throws: CheckpointError.self) {
          _ = try Communicator.threads(ranks, deadline: .seconds(60)) { world in
            var training = Kind.adagrad.training(try world.sharingRows(of: WordModel(), in: 4))
            defer { #expect(training.epoch == 0) }
            try world.load(&training, from: url, checksHyperparameters: false)
          }
        }
        #expect(error?.description == "\(url.path): tensor “words”: found rows in 8 shards, expected 4")
      }
    }
  }

  /// Models of shared rows are saved as whole ones are. Each rank reads its own rows of such a file.
  @Test func models() throws {
    try withTemporaryDirectory { directory in
      let (alone, together) = (directory.appending(path: "alone"), directory.appending(path: "together"))
      try WordModel().save(to: alone, metadata: ["a": "b"])
      for ranks in rankCounts + [9] {
        _ = try Communicator.threads(ranks, deadline: .seconds(60)) { world in
          let model = try world.sharingRows(of: WordModel())
          try world.save(model, to: together, metadata: ["a": "b"])
          var read = try world.sharingRows(of: WordModel(seed: 6))
          #expect(read.leaves.map(\.value) != model.leaves.map(\.value))
          try read.load(from: alone)
          #expect(read.leaves.map(\.value) == model.leaves.map(\.value))
        }
        #expect(try Data(contentsOf: together) == Data(contentsOf: alone), "\(ranks) ranks")
        try FileManager.default.removeItem(at: together)
      }
      try Communicator.world().save(WordModel(), to: together, metadata: ["a": "b"])
      #expect(try Data(contentsOf: together) == Data(contentsOf: alone), "whole tables")
    }
  }

  /// Ranks whose parameters or rules differ save nothing.
  @Test(arguments: [0, 1, 2]) func differentRanks(difference: Int) throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "saved")
      let error = communicatorError(ranks: 2) { world in
        let isOther = world.rank == 1
        var model = try world.sharingRows(of: WordModel())
        if difference < 2 && isOther { model.output.bias!.value[0] += 1 }
        if difference == 0 { return try world.save(model, to: url) }
        let kind: Kind = difference == 2 && isOther ? .adagrad : .adamWithAverage
        try world.save(kind.training(model), to: url)
      }
      #expect(
        error?.description.contains(difference < 2 ? " has output.bias [1] with hash" : " has shared rows of ") == true)
      #expect(!FileManager.default.fileExists(atPath: url.path))
    }
  }

  /// The last thing that is added has checksums of blocks, so that rows are asked for once more.
  @Test func checksumsOfBlocks() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "saved")
      @Sendable func writer(_ table: EmbeddingTable<Float>) -> SafetensorsWriter {
        var writer = SafetensorsWriter()
        writer.checksumsBlocks = true
        writer.add("words", table)
        writer.add("rest", [1, 2] as [Int32])
        return writer
      }
      try writer(WordModel().words).write(to: url)
      let expected = try Data(contentsOf: url)
      _ = try Communicator.threads(3, deadline: .seconds(60)) { world in
        try world.write(writer(try world.sharingRows(of: WordModel()).words), to: url, bytesAtOnce: 32)
      }
      #expect(try Data(contentsOf: url) == expected)
    }
  }

  /// All ranks learn that a file can't be written, and can go on.
  @Test func failedWriting() throws {
    try withTemporaryDirectory { directory in
      let folder = directory.appending(path: "folder")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for path in ["/dev/full", folder.path, directory.appending(path: "none/file").path] {
        let error = #expect(throws: CheckpointError.self) {
          _ = try Communicator.threads(3, deadline: .seconds(60)) { world in
            let training = Kind.adagrad.training(try world.sharingRows(of: WordModel()))
            do {
              try world.save(training, to: URL(filePath: path))
            } catch let error as CheckpointError {
              try world.save(training, to: directory.appending(path: "saved"))
              throw error
            }
          }
        }
        #expect(error?.description.hasPrefix(path) == true)
      }
    }
  }

  /// A rank that fails while rows are on their way ends the others, and leaves the file that is there as it was.
  @Test func aRankThatIsMissing() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "saved")
      try Data("older".utf8).write(to: url)
      let error = communicatorError(ranks: 2, deadline: .seconds(60)) { world in
        let training = Kind.adagrad.training(try world.sharingRows(of: WordModel()))
        if world.rank == 0 { return try world.save(training, to: url) }
        // Rank 1 answers the first question, and then ends.
        let rows = training.writer.sharedRows
        world.function = .save
        try world.agree(
          onParametersOf: training.model, ("step", "0"), ("best", "none"),
          ("shared rows of", rows.map(\.name).joined(separator: ", ")))
        _ = try world.allGather(rows.map { Int64($0.ownShape[0]) })
        var question: [Int64] = [0, 0]
        try world.broadcast(&question)
        _ = try rows[Int(question[0])].bytes(from: 0, count: 24, world)
      }
      #expect(error?.withoutHost == "rank 0 of 2, step 0, gather: rank 1 ended already in step 0")
      #expect(try String(contentsOf: url, encoding: .utf8) == "older")
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["saved"])
    }
  }

  /// Damage is noticed on rank 0, and the training of all stays.
  @Test func damage() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "saved")
      var bytes = try Self.saved(.adagrad, ranks: 2, from: nil)
      bytes[bytes.count - 5] ^= 1
      try bytes.write(to: url)
      let error = #expect(throws: CheckpointError.self) {
        _ = try Communicator.threads(3, deadline: .seconds(60)) { world in
          var training = Kind.adagrad.training(try world.sharingRows(of: WordModel()))
          do {
            try world.load(&training, from: url)
            Issue.record("rank \(world.rank) has loaded a damaged file")
          } catch {
            #expect(training.epoch == 0 && error is CheckpointError)
            throw error
          }
        }
      }
      #expect(error?.description.contains("the file is damaged") == true)
    }
  }

  /// Rows come to rank 0 in their order, and never more at once than are wanted.
  @Test(arguments: rankCounts + [9], [0, 3, 21, 40]) func rowsAtOnce(ranks: Int, rows: Int) throws {
    let whole = Tensor<Float>((0..<rows).map { Float($0) }).reshaped(to: [rows, 1])
    let touched = (0..<Int32(rows)).filter { $0 % 3 == 1 || $0 == 6 }
    let pieces = try Communicator.threads(ranks) { world in
      let table = try world.sharingRows(of: EmbeddingTable(whole), in: 4)
      let sharing = try #require(table.sharing)
      let own = touched.filter { sharing.classes.contains(sharing.rowClass(of: $0)) }
      var state = RowState<Float>(tableShape: table.value.shape, width: 2)
      let values = Tensor<Float>(shape: [own.count, 2], elements: own.reversed().flatMap { [Float($0), -Float($0)] })
      let problem = state.restore(
        rows: sharing.places(of: own.reversed()), touches: own.reversed().map { $0 * 2 }, values: values)
      #expect(problem == nil)
      let steps = RowNumbers(numbers: own.reversed().map { $0 + 5 }, rows: state.rows, state: "state")
      var writer = SafetensorsWriter()
      for (name, field) in [("table", table.value), ("state", state), ("steps", steps)] as [(String, any SavedField)] {
        field.add(to: &writer, FieldName(prefix: "", name: name, sharing: sharing))
      }
      return try writer.sharedRows.map { shared in
        let count = shared.rowsAtOnce(bytes: 32)
        #expect([4, 8].contains(count))
        return try stride(from: 0, to: rows, by: count).map { try shared.bytes(from: $0, count: count, world) }
      }
    }
    func floats(_ numbers: [Float]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }
    func integers(_ numbers: [Int32]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }
    #expect(pieces[0].allSatisfy { $0.allSatisfy { $0.count <= 32 } })
    #expect(
      pieces[0].map { Array($0.joined()) } == [
        floats(Array(whole.elements)), integers(touched), integers(touched.map { $0 * 2 }),
        floats(touched.flatMap { [Float($0), -Float($0)] }), integers(touched.map { $0 + 5 }),
      ])
  }
}
