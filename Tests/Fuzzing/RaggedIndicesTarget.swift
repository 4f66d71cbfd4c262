import SliceGrad

/// Bags that are accepted can be looked up; others are refused in a clear line.
@Sendable func fuzzRaggedIndices(_ bytes: [UInt8]) {
  var fuzzer = FuzzerBytes(bytes)
  let (rows, splitCount) = (fuzzer.byte() % 8, fuzzer.byte() % 8)
  // Small numbers, of which many fit, and now and then one of the ends of the range.
  func number() -> Int32 {
    let byte = fuzzer.byte()
    return byte < 16 ? Int32(byte) : [-1, Int32.max, Int32.min][byte % 3]
  }
  let splits = (0..<splitCount).map { _ in number() }
  var values: [Int32] = []
  while !fuzzer.isEmpty { values.append(number()) }

  let isRight =
    splits.first == 0 && splits.last == Int32(values.count) && zip(splits, splits.dropFirst()).allSatisfy(<=)
    && values.allSatisfy { 0 <= $0 && $0 < rows }
  let bags = accepted { () throws(InvalidIndices) in
    try RaggedIndices(validating: values, rowSplits: splits, tableRows: rows)
  }
  require((bags != nil) == isRight, "\(values) \(splits) for \(rows) rows")
  guard let bags else { return }
  let table = EmbeddingTable(Tensor<Float>(ones: [rows, 2]))
  let sums = table.embeddingBag(bags, mode: .sum).value
  for bag in 0..<bags.bagCount {
    require(sums[bag, 1] == Float(splits[bag + 1] - splits[bag]), "bag \(bag) of \(bags)")
  }
}
