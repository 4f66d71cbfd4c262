// Learns from facts which other facts are likely: a vector for each entity and relation, and a question's vector that
// is compared with those of all answers.
//
//     swift run -c release KnowledgeGraph                                     # what Foundation knows about regions
//     swift run -c release KnowledgeGraph --ask "Austria currency"
//     swift run -c release KnowledgeGraph --train FILE --valid FILE --test FILE --model transe

import ExampleParts
import Foundation
import SliceGrad

@main
struct KnowledgeGraph {
  static func main() {
    do {
      let start = ContinuousClock.now
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      if options.wantsHelp { return print(Options.help) }

      let graph = try graph(options)
      let questions = try options.questions.map { try Question($0, of: graph) }
      let known = KnownTails(graph.questions(of: graph.training + graph.validation + graph.test))
      let progress = Progress(isQuiet: options.isQuiet)
      progress.line(
        "\(graph.entities.count) entities, \(graph.relations.count) relations; \(graph.training.count) facts to learn, "
          + "\(graph.validation.count) to validate, \(graph.test.count) to test")
      var training = Training(of: graph, known: known, options)
      try training.run(progress)
      let trainTime = ContinuousClock.now - start

      let report = Report(of: training, graph: graph, known: known)
      report.printRanking()
      for question in questions { report.printAnswers(to: question) }
      if options.wantsJSON { try report.printJSON(trainTime: trainTime) }
    } catch let error as TrainingError {
      exit("KnowledgeGraph", saying: error, status: 1)
    } catch {
      exit("KnowledgeGraph", saying: error, status: 2)
    }
  }

  /// The facts of the files, or those of Foundation.
  private static func graph(_ options: Options) throws -> Graph {
    guard let trainFile = options.trainFile else {
      var generator = RandomGenerator(seed: options.seed)
      return Graph(splitting: FoundationFacts.all(), using: &generator)
    }
    return try Graph(trainFile: trainFile, validFile: options.validFile, testFile: options.testFile)
  }
}
