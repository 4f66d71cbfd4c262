import Foundation
import SliceGrad

@testable import SliceGradTraining

/// What is taken for JSON is JSON to Foundation as well, and holds the same; what is refused, Foundation refuses too.
@Sendable func fuzzJSON(_ bytes: [UInt8]) {
  let found = JSONValue(Data(bytes))
  let expected = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
  switch (found, expected) {
  case (let found?, let expected?): require(agree(found, expected), "found \(found), expected \(expected)")
  case (nil, nil): break
  case (nil, let expected?): require(mayBeRefused(bytes), "refused \(expected)")
  case (let found?, nil): require(holdsHugeNumber(bytes), "found \(found) in what is no JSON")
  }
}

/// Foundation also takes other encodings, lists that are deeper in one another, and a comma after the last part.
private func mayBeRefused(_ bytes: [UInt8]) -> Bool {
  let dense = bytes.filter { !" \t\r\n".utf8.contains($0) }
  let endsInComma = zip(dense, dense.dropFirst()).contains { $0 == UInt8(ascii: ",") && "]}".utf8.contains($1) }
  return endsInComma || hasOtherEncoding(bytes) || bytes.count { "[{".utf8.contains($0) } >= 128
}

private func hasOtherEncoding(_ bytes: [UInt8]) -> Bool {
  bytes.contains(0) || bytes.starts(with: [0xEF, 0xBB, 0xBF]) || bytes.starts(with: [0xFE, 0xFF])
    || bytes.starts(with: [0xFF, 0xFE])
}

/// Foundation refuses numbers that no `Double` is near; here they are numbers as others are, which nobody reads.
private func holdsHugeNumber(_ bytes: [UInt8]) -> Bool {
  String(decoding: bytes, as: UTF8.self).split { !"+-.0123456789eE".contains($0) }.contains { word in
    guard let number = Double(word) else { return false }
    return number.isInfinite || (number == 0 && word.contains { ("1"..."9").contains($0) })
  }
}

private func agree(_ found: JSONValue, _ expected: Any) -> Bool {
  switch found {
  case .object(let members):
    guard let expected = expected as? [String: Any] else { return false }
    // Of keys that are equal, Foundation has one only.
    guard Set(members.map(\.key)).count == members.count else { return true }
    return members.count == expected.count
      && members.allSatisfy { key, value in expected[key].map { agree(value, $0) } ?? false }
  case .list(let values):
    guard let expected = expected as? [Any], expected.count == values.count else { return false }
    return zip(values, expected).allSatisfy(agree)
  case .string(let text): return (expected as? String).map { areSame($0, text) } ?? false
  case .number(let number): return (expected as? NSNumber).map { $0.int64Value == number } ?? false
  case .null: return expected is NSNull
  case .other: return expected is NSNumber
  }
}
