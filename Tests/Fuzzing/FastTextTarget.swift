import Foundation
import SliceGrad
import SliceGradText

/// A file of fastText's. One that is accepted gives labels that it has, in descending order, and vectors of its words.
@Sendable func fuzzFastText(_ bytes: [UInt8]) {
  let read = accepted { () throws(DataError) in try FastTextModel(file("model.bin", bytes)) }
  guard let model = read else { return }
  for text in ["to be", "", "¿Qué tal? 🦉\0 __label__a", "to\nbe"] {
    let best = model.mostProbable(3, for: text)
    require(best.count <= 3 && Set(best.map(\.label)).isSubset(of: model.labels), "\(best)")
    let isOrdered = zip(best, best.dropFirst()).allSatisfy { !($0.probability < $1.probability) }
    require(isOrdered, "\(best)")
  }
  guard let (vocabulary, table) = accepted({ () throws(DataError) in try model.wordVectors() }) else { return }
  require(vocabulary.count == model.wordCount && table.rowCount == model.wordCount, "\(vocabulary.count) words")
  require(table.columnCount == model.dimensions, "\(table)")
}
