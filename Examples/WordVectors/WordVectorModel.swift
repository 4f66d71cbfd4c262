import ExampleParts
import SliceGrad
import SliceGradText

/// Two vectors for each word: one by which it tells what is around it, and one by which it is told.
struct WordVectorModel: Module {
  /// The vectors that are kept, of the words and then of n-grams.
  private(set) var input: EmbeddingTable<Float>
  /// A row for each word.
  private(set) var output: EmbeddingTable<Float>
  /// The rows of `input` for each word, its own and those of its n-grams; nil for its own only.
  let rowsOfWords: RaggedIndices?

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&input, "input")
    visit(&output, "output")
  }
}

extension WordVectorModel {
  /// Skip-gram: each word is to tell the words around it from drawn ones. All pairs of a window share the drawn words,
  /// which count so often that each pair has its number of negatives: so fewer rows are read than if each had its own.
  ///
  /// - Parameters:
  ///   - drawn: the same number of words for each window.
  ///   - negatives: the number of negatives of a pair.
  /// - Returns: the sum over all pairs.
  func skipGramLoss(_ windows: Windows, drawn: [Int32], negatives: Int) -> Variable<Float> {
    let (b, k) = (windows.centers.count, drawn.count / windows.centers.count)
    let x = vectors(of: windows.centers)
    let positives = output.scores(of: windows.contexts, against: x)
    let counts = Tensor(shape: [b, 1], elements: windows.contexts.bagLengths) * (Float(negatives) / Float(k))
    return (-positives).softplus().sum()
      + (output.scores(of: drawn, shape: [b, k], against: x).softplus() * counts).sum()
  }

  /// Continuous bag of words: the words around a word together are to tell it from drawn ones.
  func bagOfWordsLoss(_ windows: Windows, drawn: [Int32]) -> Variable<Float> {
    let x = bagVectors(rowsOfWords.map(windows.contexts.replacingEach) ?? windows.contexts)
    let (b, k) = (windows.centers.count, drawn.count / windows.centers.count)
    let positives = output.scores(of: windows.centers, shape: [b, 1], against: x)
    return negativeSampling(positives, output.scores(of: drawn, shape: [b, k], against: x), reduction: .sum)
  }

  /// The vectors `[n, d]` of some words.
  func vectors(of words: [Int32]) -> Variable<Float> {
    guard let rowsOfWords else { return input.gather(words) }
    return bagVectors(
      RaggedIndices(values: words, rowSplits: Array(0...Int32(words.count))).replacingEach(by: rowsOfWords))
  }

  /// The sum of the rows in each bag, divided by the root of their number: so a step changes the sum as much as it
  /// would change a single row.
  func bagVectors(_ bags: RaggedIndices) -> Variable<Float> {
    let weights = bags.bagLengths.flatMap { repeatElement(1 / $0.squareRoot(), count: Int($0)) }
    return input.embeddingBag(bags, mode: .sum, weights: Variable(Tensor(weights)))
  }
}

extension RaggedIndices {
  /// The number of row numbers in each bag.
  fileprivate var bagLengths: [Float] { zip(rowSplits, rowSplits.dropFirst()).map { Float($1 - $0) } }

  /// The bags with the rows of each word in place of the word.
  fileprivate func replacingEach(by rowsOfWords: RaggedIndices) -> RaggedIndices {
    var (rows, splits): ([Int32], [Int32]) = ([], [0])
    splits.reserveCapacity(rowSplits.count)
    for bag in 0..<bagCount {
      for word in values[Int(rowSplits[bag])..<Int(rowSplits[bag + 1])] {
        let range = Int(rowsOfWords.rowSplits[Int(word)])..<Int(rowsOfWords.rowSplits[Int(word) + 1])
        rows += rowsOfWords.values[range]
      }
      splits.append(Int32(rows.count))
    }
    return RaggedIndices(values: rows, rowSplits: splits)
  }
}
