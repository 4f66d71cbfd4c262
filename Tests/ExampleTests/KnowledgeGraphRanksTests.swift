import ExampleParts
import Foundation
import SliceGrad
import SliceGradMPI
import SliceGradText
import SliceGradTraining
import TestSupport
import Testing

@testable import KnowledgeGraph

/// KnowledgeGraph in parts, and on ranks that are threads or processes.
struct KnowledgeGraphRanksTests {
  /// Twelve friends on a circle.
  private static let facts = (0..<12).flatMap { i in
    [("knows", 1), ("knows", 2), ("follows", 11)].map { relation, distance in
      NamedFact(head: "f\(i)", relation: relation, tail: "f\((i + distance) % 12)")
    }
  }

  private static let graph = Graph(training: facts, validation: Array(facts[..<6]), test: [])

  private static func options(_ more: [String]) throws -> Options {
    try Options(parsing: ["--dimensions", "3", "--epochs", "2", "--batch-size", "10", "--quiet"] + more)
  }

  private static let variants: [[String]] = [
    ["--negatives", "4", "--nearby", "3"],
    ["--model", "rotate", "--no-reciprocal", "--all-tails", "--label-smoothing", "0.1", "--rule", "adam"],
    ["--model", "transe", "--negatives", "3", "--unweighted", "--no-reciprocal", "--n3", "0.1"],
    ["--model", "distmult", "--ask-once"],
  ]

  /// The vectors after a step on some questions, down the gradients.
  private static func vectors(shards: Int?, _ options: Options) throws -> [Float] {
    let (graph, ranks) = (graph, Ranks(try Communicator.world(), shards: shards))
    var generator = RandomGenerator(seed: 3)
    let questions = Array(graph.questions(of: graph.training)[30..<41])
    let candidates = Candidates(
      forTails: questions.map { [$0.tail] }, and: options.negatives, by: RowSampler(rowCount: graph.entities.count),
      isWeighted: options.isWeighted, labelSmoothing: Float(options.labelSmoothing), using: &generator)
    let nearby = NearbyTails(graph.questions(of: graph.training)).draw(2, for: questions, using: &generator)
    let batch = Batch(
      questions: questions, candidates: ranks.sharesRows ? candidates.listed : candidates,
      nearby: options.nearby > 0 ? nearby : nil)
    var model = try ranks.sharingRows(of: GraphModel(graph, options, ranks, using: &generator))
    var optimizer = ModelOptimizer(for: model, sparse: SGD<IndexedSlices<Float>>(learningRate: 1))
    let n3Weight = Float(options.n3Weight)
    let (loss, gradients) = try ranks.valueWithGradients(
      at: model, examples: questions.count, part: batch.part, lookups: Batch.lookups(at: model)
    ) { model, part in model.loss(of: part, n3Weight: n3Weight) }
    optimizer.update(&model, with: gradients)
    let whole = try #require(try ranks.whole(model))
    return [loss] + whole.numbers
  }

  @Test("a step in parts is the step at once, but for rounding", arguments: variants)
  func parts(variant: [String]) throws {
    let options = try Self.options(variant + ["--initial-size", "1"])
    let expected = try Self.vectors(shards: nil, options)
    for shards in [4, 16] {  // of 16, some parts are empty
      let found = try Self.vectors(shards: shards, options)
      #expect(found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }

  /// The best epoch's ranks, on all of so many ranks, and the trained vectors.
  private static func trained(ranks: Int, _ variant: [String]) throws -> [Double] {
    let results = try Communicator.threads(ranks, deadline: .seconds(60)) { world -> [Double] in
      let ranks = Ranks(world, shards: 4)
      let known = KnownTails(graph.questions(of: graph.training))
      var training = try Training(of: graph, known: known, try options(variant), ranks)
      try training.run(Progress(isQuiet: true))
      let whole = try world.gathered(training.model)?.numbers ?? []
      return training.best!.ranking.ranks + whole.map(Double.init)
    }
    #expect(results.dropFirst().allSatisfy { $0.count == 2 * graph.validation.count && results[0].starts(with: $0) })
    return results[0]
  }

  @Test("ranks begin with the vectors of one process, and each with its own alone")
  func ownRowsAlone() throws {
    let graph = Self.graph
    let options = try Self.options([])
    @Sendable func model(_ world: Communicator, shards: Int?) -> GraphModel {
      var generator = RandomGenerator(seed: 3)
      return GraphModel(graph, options, Ranks(world, shards: shards), using: &generator)
    }
    let whole = model(try Communicator.world(), shards: nil).numbers
    let models = try Communicator.threads(3) { world in
      let own = model(world, shards: 4)
      return (own.entities.weight.value.shape[0], try world.gathered(own)?.numbers)
    }
    #expect(models.map(\.0) == [3, 3, 6])
    #expect(models[0].1 == whole)
  }

  @Test("any number of ranks learns the same bits", arguments: variants + [["--negatives", "3", "--dropout", "0.3"]])
  func sameBits(variant: [String]) throws {
    let one = try Self.trained(ranks: 1, variant)
    #expect(one.count > Self.graph.entities.count)
    for ranks in [2, 3, 5] { #expect(try Self.trained(ranks: ranks, variant) == one) }
  }

  /// A rank's rows are scored in parts of other sizes than all rows at once, and by other kernels of their rests.
  @Test("own entities are scored and ranked as all at once", arguments: Scoring.allCases)
  func ownEntities(scoring: Scoring) throws {
    let facts = (0..<200).map { i in
      NamedFact(head: "f\(i)", relation: "r\(i % 3)", tail: "f\((7 * i * i + 3) % 200)")
    }
    let graph = Graph(training: facts, validation: [], test: [])
    var options = Options()
    (options.scoring, options.dimensions, options.initialSize) = (scoring, 13, 1)
    let questions = Array(graph.questions(of: graph.training)[150..<240])
    let known = KnownTails(questions)
    let results = try [1, 2, 3, 5].map { count in
      try Communicator.threads(count) { [options] world in
        var generator = RandomGenerator(seed: 3)
        let ranks = Ranks(world, shards: 8)
        let model = GraphModel(graph, options, ranks, using: &generator)
        let best = try OwnEntities(of: model).best(7, for: questions[0], by: model, ranks)
        let ranking = try known.ranking(of: questions, by: model, ranks)
        #expect(try known.ranking(of: questions, by: model, ranks, entitiesAtOnce: 7).ranks == ranking.ranks)
        return ranking.ranks + best.map(Double.init)
      }
    }
    var generator = RandomGenerator(seed: 3)
    let model = GraphModel(graph, options, Ranks(try .world(), shards: nil), using: &generator)
    let (heads, relations) = model.vectors(of: questions)
    let scores = model.scores(of: nil, for: model.queries(heads, relations)).value
    let ranks = questions.enumerated().map { i, question in
      let others = Set(0..<Int32(graph.entities.count)).subtracting(known.tails(of: question))
      return 1 + Double(others.count { scores[i, Int($0)] > scores[i, Int(question.tail)] })
    }
    let expected = ranks + scores.slice(0..<1, axis: 0).topK(7).indices.map(Double.init)
    for result in results { #expect(result.allSatisfy { $0 == expected }) }
  }

  private static var file: String {
    facts.map { "\($0.head.text)\t\($0.relation.text)\t\($0.tail.text)" }.joined(separator: "\n")
  }

  @Test(
    "8 parts are what several ranks take by default", .enabled(if: Program.launcher != nil, "mpirun isn't installed"))
  func processes() throws {
    try withTemporaryFile(Self.file) { file in
      func run(_ program: Program, _ more: String...) throws -> (output: String, saved: Data) {
        let saved = file + ".safetensors"
        let result = try program.run(
          ["--train", file, "--valid", file, "--test", file, "--ask", "f1 knows", "--negatives", "4", "--epochs", "2"]
            + ["--dimensions", "4", "--save", saved] + more)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count { $0.hasPrefix("epoch 2/2") } == 1)
        return (result.output, try Data(contentsOf: URL(filePath: saved)))
      }
      let alone = try run(Program(name: "KnowledgeGraph"), "--shards", "8")
      for ranks in [2, 3] { #expect(try run(Program(name: "KnowledgeGraph", ranks: ranks)) == alone) }
    }
  }

  @Test("what all ranks find wrong is said once", .enabled(if: Program.launcher != nil, "mpirun isn't installed"))
  func errorsOfProcesses() throws {
    let result = try Program(name: "KnowledgeGraph", ranks: 2).run("--dropout", "1")
    #expect(result.status != 0 && result.output.isEmpty)
    let lines = result.errors.split(separator: "\n").filter { $0.contains("--dropout: ") }
    #expect(lines.count == 1 && lines[0].hasSuffix("step 0: --dropout: found “1”, expected a number in 0...0.9"))
  }

  @Test("one process in parts, and the file it saves")
  func savesVectors() throws {
    try withTemporaryFile(Self.file) { file in
      let saved = file + ".safetensors"
      let options = ["--train", file, "--dimensions", "4", "--epochs", "2", "--quiet", "--save", saved]
      let files = try [[], ["--shards", "8"], ["--shards", "8"]].map { more in
        let result = try Program(name: "KnowledgeGraph").run(options + more)
        #expect(result.status == 0, "\(result.errors)")
        return try Data(contentsOf: URL(filePath: saved))
      }
      #expect(files[0] != files[1] && files[1] == files[2])  // Parts decide about the last bits.
      let entries = try SafetensorsFile(URL(filePath: saved)).entries
      #expect(entries.map(\.name) == ["entities.weight", "relations.weight"])
      #expect(entries.map(\.shape) == [[12, 8], [4, 8]])
    }
  }
}

extension GraphModel {
  fileprivate var numbers: [Float] {
    Array(entities.weight.value.elements) + relations.weight.value.elements
  }
}
