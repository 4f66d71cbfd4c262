// 9. Learns word vectors: skip-gram or CBOW with negative sampling, and sparse gradients of two tables.
//
//     swift run -c release WordVectors                                  # from the names that Foundation has
//     swift run -c release WordVectors --train FILE --save words.vec    # your own text
//     swift run -c release WordVectors --load words.vec --neighbors river --similarity pairs.tsv
//
// The first of them takes 3 to 4 s. It prints a line an epoch, and the nearest words of a few, in all languages:
//
//     dollar: dólar 0.98, dollaro 0.97, dollari 0.92, dollár 0.92, dolar 0.90, zimbabwéen 0.90, zimbabwaanse 0.90, …
//
// Beside word2vec.c with the same settings (its defaults for skip-gram, 100 dimensions, 5 passes over 6.0 million
// words of NLTK's corpora; November 2026, two shared cores): 512,000 words a second against 89,000 on one thread,
// 458,000 against 145,000 on two. Spearman's correlation, means of 6 seeds against one and two runs of word2vec.c:
// WS-353 0.518 against 0.486, MEN 0.570 against 0.567, SimLex-999 0.309 against 0.321. The pairs don't tell the last
// two apart: drawn again and again, they give the difference on SimLex-999 a standard error of 0.009, and that on MEN
// one of 0.004. (word2vec.c never resets its mark of the file's end, so that on one thread it makes a single pass;
// that was mended before.)

import ExampleParts
import Foundation
import SliceGrad
import SliceGradFiles
import SliceGradMPI
import SliceGradText

@main
struct WordVectors {
  static func main() {
    let start = ContinuousClock.now
    Ranks.run("WordVectors") { world in
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      let ranks = Ranks(world, shards: options.shards, deadline: options.deadline)
      if options.wantsHelp { return ranks.isFirst ? print(Options.help) : () }
      if let file = options.loadFile {
        guard ranks.isFirst else { return }
        let (vocabulary, table) = try WordVectorFile(file).contents(as: Float.self)
        return try Report(of: WordSpace(vocabulary, table.value), options).print(nil)
      }
      if let file = options.saveFile, ranks.isFirst { try AtomicFile<DataError>.check(file) }
      let lines = try options.trainFile.map { file throws(DataError) in try TextLines(path: file).all() }
      let text = try TrainingText(
        lines ?? NamesDataSet.linesOfConcepts(), minimumCount: options.minimumCount,
        source: options.trainFile ?? "the names")
      var training = try Training(of: text, options, ranks)
      try training.run()
      let trainTime = ContinuousClock.now - start
      let vectors = TrainedVectors(model: training.model, features: training.features, ranks: ranks)
      if let file = options.saveFile { try vectors.save(to: file) }
      try Report(of: vectors, options).print(
        Report.TrainingFigures(
          epochs: options.epochs, loss: training.loss, trainSeconds: trainTime.seconds, words: text.wordCount,
          wordsPerSecond: training.wordsPerSecond))
    }
  }
}
