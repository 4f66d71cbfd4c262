import Foundation
import SliceGrad

/// A value as JSON, with sorted keys, so that the same value gives the same text. Traps if it can't be encoded.
func json(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  do {
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  } catch {
    trap("\(type(of: value)) can't be encoded: \(error)")
  }
}
