import SliceGradKernels

/// The threads that share the work on large tensors.
///
/// Their number changes no result, not by a bit: work is cut into pieces that follow from the shapes alone, and what the
/// pieces sum up is added in their order.
public enum Threads {
  /// How many threads there are, in `1...256`. At first it is the environment's `SLICEGRAD_THREADS`, or the number of
  /// processors that the process may use. Traps on numbers out of the range.
  ///
  ///     Threads.count = 1
  public static var count: Int {
    get { threadCount() }
    set {
      require((1...256).contains(newValue), "Threads.count: \(newValue) is not in 1...256")
      setThreadCount(newValue)
    }
  }

  /// The number of cheap operations that are worth handing to another thread, some microseconds' worth.
  static let worthwhile = 1 << 15

  /// Calls the body for ranges that make up `0..<count` together, perhaps at the same time.
  ///
  /// - Parameters:
  ///   - size: the length of the ranges, the last one's at most. What a range computes must not depend on the others.
  ///   - body: is called once with the whole range if that is no longer than `size`, or if there's just one thread.
  @inline(__always)
  static func share(_ count: Int, by size: Int, _ body: (Range<Int>) -> Void) {
    if count <= size || threadCount() == 1 { body(0..<count) } else { shareOut(count, by: size, body) }
  }

  /// The same for numbers that are read and written once, one after the other: in few ranges, as memory is slower where
  /// threads jump between near places.
  @inline(__always)
  static func shareStream(_ count: Int, _ body: (Range<Int>) -> Void) {
    share(count, by: max(worthwhile, (count / 16 + 4095) / 4096 * 4096), body)
  }

  @inline(never)
  private static func shareOut(_ count: Int, by size: Int, _ body: (Range<Int>) -> Void) {
    withoutActuallyEscaping(body) { body in
      var work = Work(count: count, size: size, body: body)
      withUnsafeMutablePointer(to: &work) {
        forEachPiece((count + size - 1) / size, $0) { work, piece in
          let work = work.assumingMemoryBound(to: Work.self)
          let start = piece * work.pointee.size
          work.pointee.body(start..<min(start + work.pointee.size, work.pointee.count))
        }
      }
    }
  }

  private struct Work {
    let count: Int
    let size: Int
    let body: (Range<Int>) -> Void
  }
}
