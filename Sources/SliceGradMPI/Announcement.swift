/// Functions in which all ranks have to be together, by the names that messages give them. The others send so little or
/// so often that they announce nothing: `barrier`, `broadcast`, `sum`, norms, and exchanges of known counts.
enum CollectiveFunction: Int64 {
  // Numbers that are hardly met among others' elements.
  case valueWithGradients = 0x5_11CE_64AD
  case results, rows, save, load, gathered, sharingRows, agree
  case allGather, gather, allToAll
}

/// Ranks that are in different functions would take each other's elements for something else. So most functions begin
/// with a message of one form, which says in which function a rank is.
extension Communicator {
  /// Notes in which function this rank is, unless another one has called it. Returns what has to be noted afterwards.
  func enter(_ function: CollectiveFunction) -> CollectiveFunction? {
    defer { self.function = self.function ?? function }
    return self.function
  }

  /// Tells each rank in which function this one is, and two numbers, such as how many elements will follow; returns the
  /// numbers that each tells this rank.
  ///
  /// A rank sends 24 (N − 1) bytes. Throws if ranks are in different functions: says in which ones.
  func announce(_ numbers: [(Int, Int)]) throws(CommunicatorError) -> [(Int, Int)] {
    let function = function!  // Whoever announces has entered one.
    let three = [Int](repeating: 3, count: count)
    // Where nothing comes, as from a rank that is in a barrier, zeros stay.
    var told = [Int64](repeating: 0, count: 3 * count)
    try numbers.flatMap { [function.rawValue, Int64($0), Int64($1)] }.withUnsafeBufferPointer {
      (out) throws(CommunicatorError) in
      try told.withUnsafeMutableBufferPointer { (told) throws(CommunicatorError) in
        try allToAll(out, counts: three, into: told, counts: three)
      }
    }
    let functions = (0..<count).map { told[3 * $0] }
    guard functions.allSatisfy({ $0 == function.rawValue }) else { throw apart(functions) }
    return (0..<count).map { (Int(told[3 * $0 + 1]), Int(told[3 * $0 + 2])) }
  }

  /// The same without numbers.
  func announce() throws(CommunicatorError) { _ = try announce([(Int, Int)](repeating: (0, 0), count: count)) }

  /// The error of ranks that are in different functions.
  private func apart(_ functions: [Int64]) -> CommunicatorError {
    hasGivenUp = true
    // The first rank that announces prints. The others are silent, unless it doesn't find this out: it may wait for a
    // rank that announces nothing.
    let printer = functions.firstIndex { CollectiveFunction(rawValue: $0) != nil }
    let isPrintedHere = printer == rank || !hearsOfFailure(within: .seconds(1))
    if isPrintedHere { say(.failed) }
    let names = functions.map { CollectiveFunction(rawValue: $0).map { "\($0)" } ?? "something else" }
    let other = names.firstIndex { $0 != names[0] }!
    return error(
      "\(name(of: 0)) is in \(names[0]), \(name(of: other)) in \(names[other]): all ranks have to call the same "
        + "functions, in the same order", isPrintedHere: isPrintedHere)
  }
}
