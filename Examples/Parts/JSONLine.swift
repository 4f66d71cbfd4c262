import Foundation

/// Prints figures as one line of JSON, for programs. Their names are in alphabetical order.
package func printJSONLine(_ figures: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  print(String(decoding: try encoder.encode(figures), as: UTF8.self))
}
