import Foundation
import Testing

@testable import SliceGradText

@Suite struct NGramConfigurationTests {
  @Test(arguments: [
    NGramConfiguration(), NGramConfiguration(wordNGrams: 2, buckets: 1),
    NGramConfiguration(characterNGrams: 1...4, buckets: 9),
  ])
  func decodingGivesBackWhatWasEncoded(configuration: NGramConfiguration) throws {
    let encoded = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(NGramConfiguration.self, from: encoded) == configuration)
  }

  @Test(arguments: [
    (#"{"wordNGrams":0,"buckets":1}"#, "wordNGrams is 0, not 1 or more"),
    (#"{"wordNGrams":1,"characterNGrams":[0,3],"buckets":1}"#, "characterNGrams is 0...3, not 1 or more"),
    (#"{"wordNGrams":2,"buckets":0}"#, "buckets is 0, not 1...2147483647"),
    (#"{"wordNGrams":1,"buckets":-1}"#, "buckets is -1, not 0...2147483647"),
    (#"{"wordNGrams":1,"characterNGrams":[1,1],"buckets":2147483648}"#, "buckets is 2147483648, not 1...2147483647"),
  ])
  func decodingRefusesWhatTraps(encoded: String, problem: String) throws {
    let error = try #require(throws: DecodingError.self) {
      try JSONDecoder().decode(NGramConfiguration.self, from: Data(encoded.utf8))
    }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(context.debugDescription == problem)
  }

  @Test func nGramsWithoutABucketTrap() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NGramConfiguration(wordNGrams: 2, buckets: 0)
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("NGramConfiguration: buckets is 0, not 1...2147483647"))
  }
}
