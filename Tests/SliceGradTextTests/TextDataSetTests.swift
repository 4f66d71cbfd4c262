import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct TextDataSetTests {
  private let examples = [("en", "how are you"), ("es", "¿qué tal?"), ("en", " "), ("de", "wie geht's")].map {
    LabeledText(label: $0, text: $1)
  }

  @Test(arguments: [false, true]) func holdsTheRowsAndTheClassOfEachText(spansWords: Bool) throws {
    let configuration = NGramConfiguration(
      wordNGrams: 2, characterNGrams: 1...3, buckets: 100, spansWords: spansWords)
    let features = NGramFeatures(of: examples.map(\.text), configuration)
    let labels = LabelVocabulary(of: examples)
    let dataSet = try TextDataSet(examples, features: features, labels: labels)
    #expect(dataSet.count == 4)
    let encoded = features.encode(examples.map(\.text))
    let expected = spansWords ? encoded : encoded.counted
    #expect(dataSet.texts == expected)
    #expect(dataSet.labels == [1, 2, 1, 0])
    #expect(dataSet == TextDataSet(texts: expected, labels: [1, 2, 1, 0]))
    #expect(dataSet != TextDataSet(examples.map { $0.text + "!" }, features: features, labels: [1, 2, 1, 0]))
    #expect(dataSet != TextDataSet(texts: dataSet.texts, labels: [1, 2, 1, 2]))
    #expect(try TextDataSet([], features: features, labels: labels).count == 0)
  }

  /// The bags of a batch have each row once, but where n-grams span words.
  @Test(arguments: [false, true]) func aBatchHasEachRowOfATextOnce(spansWords: Bool) throws {
    let features = NGramFeatures(
      of: examples.map(\.text),
      NGramConfiguration(wordNGrams: 2, characterNGrams: 1...3, buckets: 100, spansWords: spansWords))
    let texts = ["to be or not to be", "", "no, no, no!"]
    let batch = TextDataSet(texts, features: features, labels: [0, 1, 2]).batches(ofSize: 3)[0]
    let expected = features.encode(texts)
    #expect(batch.texts == (spansWords ? expected : expected.counted))
    #expect(batch.texts.counts?.max() == (spansWords ? nil : 6))
  }

  @Test(arguments: [false, true]) func numberedWordsGiveTheSameRows(spansWords: Bool) throws {
    let configuration = NGramConfiguration(
      wordNGrams: 2, characterNGrams: 1...3, buckets: 100, spansWords: spansWords)
    let words = NumberedWords(of: examples.map(\.text))
    let features = NGramFeatures(configuration, vocabulary: WordVocabulary(of: words))
    let labels = LabelVocabulary(of: examples)
    let dataSet = try TextDataSet(examples, words: words, features: features, labels: labels)
    #expect(dataSet == (try TextDataSet(examples, features: features, labels: labels)))
  }

  /// As features that keep these buckets encode the texts.
  @Test(arguments: [false, true]) func keepsTheBucketsOfItsTexts(spansWords: Bool) throws {
    let configuration = NGramConfiguration(
      wordNGrams: 2, characterNGrams: 1...3, buckets: 1000, spansWords: spansWords)
    let features = NGramFeatures(of: ["how are you"], configuration)
    let labels = LabelVocabulary(of: examples)
    let all = try TextDataSet(examples, features: features, labels: labels, weights: [1, 2, 3, 4])
    let (kept, texts) = all.keepingBuckets(of: features)
    #expect(kept == features.keepingBuckets(of: examples.map(\.text)))
    #expect(kept.rowCount < features.rowCount && kept.rowCount > kept.vocabulary.count)
    #expect(texts == (try TextDataSet(examples, features: kept, labels: labels, weights: [1, 2, 3, 4])))
    #expect(texts != all)
  }

  @Test func featuresThatKeepOnlySomeBucketsTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let features = NGramFeatures(of: ["a"], NGramConfiguration(buckets: 9)).keepingBuckets(of: ["a"])
      _ = TextDataSet(["a"], features: features, labels: [0]).keepingBuckets(of: features)
    }
    #expect(
      result?.standardErrorContent.trapMessage
        == "TextDataSet.keepingBuckets: features that keep only some buckets already")
  }

  @Test(arguments: [10, -1] as [Int32]) func rowsOfOtherFeaturesTrap(row: Int32) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [row] in
      let features = NGramFeatures(of: ["a"], NGramConfiguration(buckets: 9))
      _ = TextDataSet(texts: RaggedIndices([[3, row]]), labels: [0]).keepingBuckets(of: features)
    }
    #expect(
      result?.standardErrorContent.trapMessage == "TextDataSet.keepingBuckets: row \(row) of features that have 10 rows"
    )
  }

  @Test(arguments: [
    (1, true, "TextDataSet: words of 1 texts for 2 texts"),
    (2, false, "TextDataSet: words with foldsCase false, but features with foldsCase true"),
  ])
  func wordsOfOtherTextsTrap(count: Int, foldsCase: Bool, message: String) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [count, foldsCase] in
      let features = NGramFeatures(of: [], NGramConfiguration())
      let words = NumberedWords(of: Array(repeating: "a", count: count), foldsCase: foldsCase)
      let examples = [LabeledText(label: "x", text: "a"), LabeledText(label: "x", text: "b")]
      _ = try TextDataSet(examples, words: words, features: features, labels: LabelVocabulary(of: examples))
    }
    #expect(result?.standardErrorContent.trapMessage == message)
  }

  @Test func anUnknownLabelIsAnError() throws {
    let features = NGramFeatures(of: [], NGramConfiguration())
    let labels = LabelVocabulary(of: examples.prefix(3))
    let error = #expect(throws: DataError.self) { try TextDataSet(examples, features: features, labels: labels) }
    #expect(error?.location == TextLocation(path: "example", line: 4))
  }

  @Test func severalLabelsAreForThoseWhoAllowThem() throws {
    let examples = examples + [LabeledText(label: "es", otherLabels: ["de"], text: "wie geht's, ¿qué tal?")]
    let features = NGramFeatures(of: examples.map(\.text), NGramConfiguration())
    let labels = LabelVocabulary(of: examples)
    let error = #expect(throws: DataError.self) { try TextDataSet(examples, features: features, labels: labels) }
    #expect(error?.description == "example:5: found a second label “de”, expected one label a text")
    let weights: [Float] = [1, 2, 0, 1, 0.5]
    let dataSet = try TextDataSet(
      examples, features: features, labels: labels, allowsSeveralLabels: true, weights: weights)
    #expect(dataSet.labelSets == RaggedIndices([[1], [2], [1], [0], [2, 0]] as [[Int32]]))
    #expect(dataSet.weights == weights && dataSet.texts.counted == features.encode(examples.map(\.text)).counted)
  }

  @Test func onlySingleLabelsAreLabels() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let texts = RaggedIndices([[1], [2]] as [[Int32]])
      _ = TextDataSet(texts: texts, labelSets: RaggedIndices([[0], [1, 0]] as [[Int32]])).labels
    }
    #expect(
      result?.standardErrorContent.trapMessage == "TextDataSet.labels: text 1 has 2 labels, expected 1; see labelSets")
  }

  @Test func textsAndWeightsOfDifferentNumberTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TextDataSet(texts: RaggedIndices([[1], [2]] as [[Int32]]), labels: [0, 1], weights: [1])
    }
    #expect(result?.standardErrorContent.trapMessage == "TextDataSet: 2 texts, but 1 weights")
  }

  @Test func textsAndLabelsOfDifferentNumberTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TextDataSet(texts: RaggedIndices(values: [], rowSplits: [0, 0]), labels: [])
    }
    #expect(result?.standardErrorContent.trapMessage == "TextDataSet: 1 texts, but 0 labels")
  }

  /// Text number i holds i % 4 rows that only it has, and its label is i.
  private func dataSet(count: Int32) -> TextDataSet {
    let bags = (0..<count).map { i in (0..<(i % 4)).map { i * 10 + $0 } }
    let rowSplits = bags.reduce(into: [0]) { $0.append($0.last! + Int32($1.count)) }
    let texts = RaggedIndices(values: Array(bags.joined()), rowSplits: rowSplits)
    return TextDataSet(texts: texts, labels: Array(0..<count))
  }

  private func bags(_ texts: RaggedIndices) -> [[Int32]] {
    zip(texts.rowSplits, texts.rowSplits.dropFirst()).map { Array(texts.values[Int($0)..<Int($1)]) }
  }

  @Test(arguments: [0, 1, 5, 12, 13], [1, 2, 3, 12, 13, 100])
  func batchesInOrderAreTheDataSet(count: Int32, size: Int) {
    let dataSet = dataSet(count: count)
    let batches = dataSet.batches(ofSize: size)
    let all = Array(batches)
    #expect(all.count == batches.count)
    #expect(all.flatMap(\.labels) == dataSet.labels)
    #expect(all.flatMap { bags($0.texts) } == bags(dataSet.texts))
    #expect(all.dropLast().allSatisfy { $0.count == size })
    #expect(all.last.map { (1...size).contains($0.count) } ?? (count == 0))
    #expect(all.allSatisfy { $0.texts.rowSplits.count == $0.count + 1 })
    for dropped in [0, 1, all.count, all.count + 1] {
      #expect(Array(batches.dropFirst(dropped)) == Array(all.dropFirst(dropped)))
      #expect(batches.dropFirst(dropped).count == max(all.count - dropped, 0))
    }
    #expect(Array(batches) == all)  // a second pass begins anew
  }

  @Test func shuffledBatchesHoldLabelSetsAndWeightsOfTheirTexts() {
    let single = dataSet(count: 20)
    let sets = RaggedIndices((0..<20).map { i in (0..<(i % 3)).map { i + $0 } })
    let dataSet = TextDataSet(texts: single.texts, labelSets: sets, weights: (0..<20).map(Float.init))
    var generator = RandomGenerator(seed: 11)
    for batch in dataSet.shuffledBatches(ofSize: 7, using: &generator) {
      let numbers = batch.weights!.map { Int($0) }
      #expect(batch.count == numbers.count && bags(batch.texts) == numbers.map { bags(single.texts)[$0] })
      #expect(bags(batch.labelSets) == numbers.map { bags(sets)[$0] })
    }
  }

  @Test(arguments: [0, 1, 5, 100], [1, 7, 100])
  func shuffledBatchesHoldEachTextOnceWithItsLabel(count: Int32, size: Int) {
    let dataSet = dataSet(count: count)
    let expected = bags(dataSet.texts)
    var generator = RandomGenerator(seed: 10)
    let batches = dataSet.shuffledBatches(ofSize: size, using: &generator)
    #expect(batches.count == dataSet.batches(ofSize: size).count)
    #expect(batches.flatMap(\.labels).sorted() == dataSet.labels)
    for batch in batches { #expect(bags(batch.texts) == batch.labels.map { expected[Int($0)] }) }
  }
}
