import SliceGrad
import SliceGradText

/// Labelled texts that are accepted have labels and texts, are the same after they were written, and make a data set.
@Sendable func fuzzLabeledTexts(_ bytes: [UInt8]) {
  let path = file("texts.tsv", bytes)
  let read = accepted { () throws(DataError) in try LabeledTextFile(path).examples() }
  guard let examples = read else { return }
  require(!examples.isEmpty, "no examples")
  for example in examples {
    require(!example.labels.contains("") && Set(example.labels).count == example.labels.count, "\(example.labels)")
    require(!example.text.utf8.allSatisfy { $0 == 9 || $0 == 32 }, "\(example) is blank")
    require(!(example.label + example.text).utf8.contains { $0 == 10 || $0 == 13 }, "\(example) has several lines")
  }

  let isFastText = examples.allSatisfy { !$0.label.utf8.contains(9) } && bytes.count.isMultiple(of: 2)
  let written = examples.map { isFastText ? "__label__\($0.label) \($0.text)\n" : "\($0.label)\t\($0.text)\n" }
  let copy = accepted { () throws(DataError) in
    try LabeledTextFile(file("copy.tsv", written.joined().utf8)).examples()
  }
  // A label or text can't be written so if it holds what parts them in that form.
  if let copy, copy.count == examples.count, !isFastText {
    for (copied, example) in zip(copy, examples) {
      require(areSame(copied.text, example.text), "\(copied) is not \(example)")
    }
  }

  let features = NGramFeatures(of: examples.map(\.text), NGramConfiguration(characterNGrams: 1...2, buckets: 5))
  let labels = LabelVocabulary(of: examples)
  let encoded = accepted { () throws(DataError) in
    try TextDataSet(examples, features: features, labels: labels, allowsSeveralLabels: true)
  }
  guard let data = encoded else { trap("texts whose labels are unknown") }
  require(data.count == examples.count, "labels")
  for (batch, example) in zip(data.batches(ofSize: 1), examples) {
    require(batch.labelSets.values.map { labels[$0] } == example.labels, "other labels")
  }
  let known = LabelVocabulary(labels: [examples[0].label])!
  _ = accepted { () throws(DataError) in try TextDataSet(examples, features: features, labels: known) }
}
