/// How ranks find out that one of them won't come: each that ends, fails or no longer waits says so to all others.
/// Where all find out the same, not all need to say so.
extension Communicator {
  /// Listens while this rank waits, and throws if there is no use in waiting any longer.
  func lookAround(after elapsed: Duration) throws(CommunicatorError) {
    listen()
    let isUseless = heard.contains { word in
      switch word?.reason {
      case nil: false
      case .ended: kind == .end ? word!.collectives != collectives : word!.collectives < collectives
      // What a rank has begun before it failed may still end: all ranks that fail together find out why.
      case .failed: kind == .end || word!.collectives < collectives
      case .gaveUp: true
      }
    }
    if isUseless || elapsed > deadline { throw giveUp() }
  }

  /// Leaves the run in good order, as soon as all others do.
  func end() throws(CommunicatorError) {
    kind = .end
    say(.ended)
    var waiting = Waiting()
    while others.contains(where: { heard[$0] == nil }) {
      _ = waiting.pause()
      try lookAround(after: waiting.elapsed)
    }
    try lookAround(after: .zero)
    transport.leave(within: max(deadline, .seconds(60)))  // All have come: it isn't they who may need time.
  }

  func say(_ reason: LastWord.Reason) {
    let word = LastWord(reason: reason, collectives: collectives, kind: kind, step: step)
    for other in others { transport.say(word, to: other) }
  }

  /// Whether another rank says in the meantime that it failed.
  func hearsOfFailure(within time: Duration) -> Bool {
    var waiting = Waiting()
    while waiting.elapsed < time {
      if waiting.pause() { listen() }
      if heard.contains(where: { $0?.reason == .failed }) { return true }
    }
    return false
  }

  private var others: [Int] { (0..<count).filter { $0 != rank } }

  private func listen() {
    for other in others {
      // A rank that has ended and then gives up its waiting for others has ended all the same.
      while let word = transport.hear(from: other) { if heard[other]?.reason != .ended { heard[other] = word } }
    }
  }

  /// Tells all others that this rank no longer waits, and finds out who doesn't either: they answer at once.
  private func giveUp() -> CommunicatorError {
    hasGivenUp = true
    say(.gaveUp)
    var waiting = Waiting()
    while others.contains(where: { heard[$0] == nil }), waiting.elapsed < .seconds(1) {
      if waiting.pause() { listen() }
    }
    let (culprits, problem) = culprits()
    // A rank that has failed prints why itself.
    let printer = heard.contains { $0?.reason == .failed } ? nil : (0..<count).first { !culprits.contains($0) }
    return error(problem, isPrintedHere: printer == rank)
  }

  /// The ranks for which others wait in vain, and why. Ranks that have heard the same find the same.
  private func culprits() -> (ranks: [Int], problem: String) {
    func names(_ ranks: [Int]) -> String { ranks.map { name(of: $0) }.joined(separator: ", ") }
    let failed = others.filter { heard[$0]?.reason == .failed }
    if !failed.isEmpty { return (failed, "\(names(failed)) failed") }

    var words = heard
    words[rank] = LastWord(reason: kind == .end ? .ended : .gaveUp, collectives: collectives, kind: kind, step: step)
    let most = words.lazy.compactMap { $0?.collectives }.max()!
    let early = (0..<count).filter { words[$0]?.reason == .ended && words[$0]!.collectives < most }
    if let first = early.first {
      return (early, "\(names(early)) ended already in step \(words[first]!.step)")
    }
    let missing = others.filter { heard[$0] == nil }
    if !missing.isEmpty { return (missing, "\(names(missing)) didn't come within \(deadline.inSeconds)") }
    // All have answered. What some gave up, others have left behind: these came too late.
    func place(_ rank: Int) -> (Int, Int) { (words[rank]!.collectives, words[rank]!.kind == .end ? 1 : 0) }
    let first = (0..<count).min { place($0) < place($1) }!
    let late = (0..<count).filter { place($0) > place(first) }
    if !late.isEmpty, (0..<count).allSatisfy({ late.contains($0) || words[$0]!.kind == words[first]!.kind }) {
      return (late, "\(names(late)) came to \(words[first]!.kind.name) after more than \(deadline.inSeconds)")
    }
    let places = words.indices.map { "\($0) in \(words[$0]!.kind.name) \(words[$0]!.collectives)" }
    return ([], "all ranks wait, but not for the same: rank \(places.joined(separator: ", "))")
  }
}

extension Duration {
  var inSeconds: String { "\(self / .seconds(1)) s".replacing(".0 s", with: " s") }
}
