import Foundation
import SliceGrad
import SliceGradText

/// What a model is saved with, as JSON: what is accepted is the same after it was encoded.
@Sendable func fuzzVocabularies(_ bytes: [UInt8]) {
  checkCopy(of: WordVocabulary.self, bytes)
  checkCopy(of: LabelVocabulary.self, bytes)
  checkCopy(of: NGramConfiguration.self, bytes)
  checkCopy(of: RandomGenerator.self, bytes)
  guard let features = checkCopy(of: NGramFeatures.self, bytes) else { return }
  require((0...Int(Int32.max)).contains(features.rowCount), "\(features.rowCount) rows")
  let rows = features.rows(of: "to be, or not")
  require(rows.allSatisfy { (0..<features.rowCount).contains(Int($0)) }, "rows \(rows) of \(features.rowCount)")
}

@discardableResult
private func checkCopy<Value: Codable & Equatable>(of type: Value.Type, _ bytes: [UInt8]) -> Value? {
  guard let value = try? JSONDecoder().decode(type, from: Data(bytes)) else { return nil }
  do {
    let copy = try JSONDecoder().decode(type, from: try JSONEncoder().encode(value))
    require(copy == value, "\(copy) is not \(value)")
  } catch {
    trap("\(value) is not read again: \(error)")
  }
  return value
}
