import Foundation
import SliceGradFiles

/// The words of a model of fastText's, then its labels. They stay in the mapped file.
struct FastTextDictionary: Sendable {
  let wordCount: Int
  let labelCount: Int
  /// How often each label occurred.
  let labelCounts: [Int]
  /// The buckets that pruning has left, each with its place among the rows after the words'; `nil` if it left all.
  let keptBuckets: [Int32: Int32]?

  private let file: Data
  /// Where each entry begins in the file, and where one more would.
  private let starts: [Int]
  /// The entries by their hashes, in a table with linear probing; -1 is an empty place.
  private var places: [Int32]

  /// What follows a word: a zero byte, its count and its type.
  private static let bytesAfterWord = 1 + 8 + 1

  /// Reads what follows the arguments.
  init(_ reader: inout FastTextReader) throws(DataError) {
    let most = min(reader.bytesLeft / Self.bytesAfterWord, Int(Int32.max))  // as many as fit into the file
    let count = try reader.integer("the number of words and labels", in: 0...most)
    wordCount = try reader.integer("the number of words", in: 0...count)
    labelCount = try reader.integer("the number of labels", in: count - wordCount...count - wordCount)
    _ = try reader.integer("the number of tokens", as: Int64.self)
    let keptCount = try reader.integer("the number of buckets left", in: -1...reader.bytesLeft / 8, as: Int64.self)

    var (starts, labelCounts): ([Int], [Int]) = ([], [])
    starts.reserveCapacity(count + 1)
    for entry in 0..<count {
      starts.append(try reader.skipText("a word"))
      let occurrences = try reader.integer("the count of a word", in: 0...Int.max, as: Int64.self)
      let type = entry < wordCount ? 0 : 1
      _ = try reader.integer("the type of entry \(entry + 1)", in: type...type, as: UInt8.self)
      if type == 1 { labelCounts.append(occurrences) }
    }
    starts.append(reader.position)
    (self.starts, self.labelCounts, file) = (starts, labelCounts, reader.bytes)
    keptBuckets = try Self.keptBuckets(count: keptCount, &reader)
    places = Array(repeating: -1, count: Self.placeCount(of: count))
    for entry in 0..<count {
      let place = place(of: bytes(entry))
      guard places[place] < 0 else {
        throw reader.error("\(text(entry).quoted) twice in the dictionary", "different words and labels")
      }
      places[place] = Int32(entry)
    }
  }

  private static func keptBuckets(
    count: Int, _ reader: inout FastTextReader
  ) throws(DataError) -> [Int32: Int32]? {
    guard count >= 0 else { return nil }
    var kept: [Int32: Int32] = [:]
    for _ in 0..<count {
      let bucket = try reader.integer("a bucket", in: 0...Int(Int32.max))
      let row = Int32(try reader.integer("the row of bucket \(bucket)", in: 0...count - 1))
      guard kept.updateValue(row, forKey: Int32(bucket)) == nil else {
        throw reader.error("bucket \(bucket) twice", "different buckets")
      }
    }
    return kept
  }

  /// A power of two, so that at most two thirds of the places are taken.
  private static func placeCount(of count: Int) -> Int {
    var places = 4
    while places * 2 < count * 3 { places *= 2 }
    return places
  }
}

extension FastTextDictionary {
  /// The bytes of an entry.
  func bytes(_ entry: Int) -> Data { file[starts[entry]..<starts[entry + 1] - Self.bytesAfterWord] }

  /// An entry as text. Bytes that are not UTF-8 are replaced.
  func text(_ entry: Int) -> String { String(decoding: bytes(entry), as: UTF8.self) }

  /// A label, counted from 0, without what marks labels in texts.
  func label(_ number: Int) -> String {
    let label = bytes(wordCount + number)
    return String(decoding: label.dropFirst(Self.isLabel(label) ? Self.labelPrefix.count : 0), as: UTF8.self)
  }

  /// Whether a text has the bytes for a label.
  static func isLabel(_ bytes: some Sequence<UInt8>) -> Bool { bytes.starts(with: labelPrefix) }

  private static let labelPrefix = Array("__label__".utf8)

  /// The entry of these bytes.
  func index(of bytes: some Collection<UInt8>) -> Int? {
    let entry = places[place(of: bytes)]
    return entry < 0 ? nil : Int(entry)
  }

  /// The place of these bytes, or the empty one where they would be.
  private func place(of bytes: some Collection<UInt8>) -> Int {
    var place = Int(FastTextHash.value(of: bytes)) & (places.count - 1)
    while places[place] >= 0, !self.bytes(Int(places[place])).elementsEqual(bytes) {
      place = (place + 1) & (places.count - 1)
    }
    return place
  }
}
