// 4. Invents names: a model of characters that learns from names which character follows which, and draws new ones.
//
//     swift run -c release NameGenerator --language fr               # regions of the world as the French call them
//     swift run -c release NameGenerator --train FILE --model gru    # your own names, one a line
//
// Without options it takes 1 to 2 s. It prints each epoch's loss, that of names held out, and twenty new names:
//
//     2.2417 nats a character on 30 names held out, perplexity 9.41
//       Romahia
//       Mardav Titelj Islands
//
// Of the 32,033 names of <https://github.com/karpathy/makemore> a tenth was held out and a tenth was for validation.
// The losses on those held out, in nats a character: bigram 2.458, mlp 2.092 (`--epochs 5`), gru 1.955, attention
// 2.040, with seed 1, after 1, 3, 14 and 7 s.

import ExampleParts
import Foundation
import SliceGrad

@main
struct NameGenerator {
  static func main() {
    runProgram("NameGenerator") {
      let start = ContinuousClock.now
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      if options.wantsHelp { return print(Options.help) }

      let names = try Names(options)
      var training = Training(of: names, options)
      try training.run()
      let trainTime = ContinuousClock.now - start
      let report = Report(of: training, names, options)
      report.printLoss()
      report.printNewNames()
      if options.wantsJSON { try report.printJSON(trainTime: trainTime) }
    }
  }
}
