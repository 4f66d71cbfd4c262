import SliceGradKernels

/// The threads that share the work on large tensors.
///
/// Their number doesn't change any result by a single bit: how a sum is divided into pieces follows from the shapes
/// alone, and the sums of the pieces are added in order. See also `InstructionSet`.
public enum Threads {
  /// How many threads there are, in `1...256`. At first it is `SLICEGRAD_THREADS` of the environment, or else the
  /// number of processors that the process may use. Traps on numbers out of this range.
  ///
  ///     Threads.count = 2
  ///     print(Threads.count)  // 2
  public static var count: Int {
    get { threadCount() }
    set {
      require((1...256).contains(newValue), "Threads.count: \(newValue) is not in 1...256")
      setThreadCount(newValue)
    }
  }

  /// The number of cheap operations that are worth handing to another thread. They take some microseconds.
  static let worthwhile = 1 << 15

  /// Calls the body for ranges `first..<end` that together make up `0..<count`, possibly concurrently. What is computed
  /// must not depend on where the ranges begin and end.
  ///
  /// - Parameters:
  ///   - operations: the cost of each of the `count`, in cheap operations.
  ///   - unit: ranges begin at multiples of this.
  ///   - mostRanges: how many ranges there are at most.
  ///   - body: called only once, with the whole range, if that isn't worth sharing, is only one unit, or if there is
  ///     only one thread.
  @inline(__always)
  static func forEachRange(
    of count: Int, operations: Int = 1, multiplesOf unit: Int = 1, mostRanges: Int = 1 << 20,
    _ body: (_ first: Int, _ end: Int) -> Void
  ) {
    if count <= unit || count * operations <= worthwhile || threadCount() == 1 {
      body(0, count)
    } else {
      let size = max(worthwhile / operations, (count - 1) / mostRanges + 1, 1)
      shareOut(count, by: (size + unit - 1) / unit * unit, body)
    }
  }

  /// The same for elements that are read and written once, in order. There are few ranges, so that each thread reads
  /// long runs of neighbouring addresses, which the processor prefetches.
  @inline(__always)
  static func forEachRange(ofStream count: Int, _ body: (_ first: Int, _ end: Int) -> Void) {
    forEachRange(of: count, multiplesOf: 4096, mostRanges: 16, body)
  }

  /// The body's results for ranges of about the same length that together make up `0..<length`, in order. They are
  /// computed possibly concurrently, and worth it. There is at least one.
  ///
  /// - Parameter count: how many ranges there are at most; if nil, one for one thread, and else four for each, as some
  ///   take longer than others.
  package static func inParts<Part>(
    of length: Int, count: Int? = nil, _ body: (_ range: Range<Int>) -> Part
  ) -> [Part] {
    let usual = threadCount() == 1 ? 1 : 4 * threadCount()
    let count = max(min(count ?? usual, length), 1)
    return results(of: count) { body(length * $0 / count..<length * ($0 + 1) / count) }
  }

  /// The body's results for the numbers `0..<count`, computed possibly concurrently, and each worth it.
  static func results<Result>(of count: Int, _ body: (_ number: Int) -> Result) -> [Result] {
    var results = [Result?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
      forEachRange(of: count, operations: worthwhile) { first, end in
        for number in first..<end { results[number] = body(number) }
      }
    }
    return results.map { $0! }
  }

  @inline(never)
  private static func shareOut(_ count: Int, by size: Int, _ body: (_ first: Int, _ end: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var work = Work { piece in body(piece * size, min((piece + 1) * size, count)) }
      withUnsafeMutablePointer(to: &work) {
        forEachPiece((count + size - 1) / size, $0) { $0.assumingMemoryBound(to: Work.self).pointee.run($1) }
      }
    }
  }

  private struct Work {
    let run: (_ piece: Int) -> Void
  }
}
