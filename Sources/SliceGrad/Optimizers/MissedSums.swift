import SliceGradKernels

/// The sums over the steps that rows have missed, for each step in which a row may have been last updated.
///
/// One pass from the last step back gives those of all earlier ones, so that a call takes O(`horizon`) for the recent
/// ones. Once `horizon` more steps have passed, the sums don't change any more: they are kept in blocks, and each block
/// is summed once.
struct MissedSums: Sendable {
  /// By which weights and points change with each missed step.
  let ratio, growth: Double
  /// The number of steps after which a weight, ratioʲ, is below 2⁻⁶⁰: nothing beside the first in any `Scalar`, even if
  /// the learning rate has grown a hundredfold since.
  let horizon: Int

  private static let blockSize = 64
  private var blocks: [[SliceGradMissedSums]] = []
  private var recent: [SliceGradMissedSums] = []
  private var (firstRecent, end) = (0, 0)

  init(ratio: Double, growth: Double) {
    (self.ratio, self.growth) = (ratio, growth)
    horizon = ratio > 0 ? Int((-60 * log(2) / log(ratio)).rounded(.up)) : 0
  }

  /// Sums up the recent ones of these steps, from one of them on.
  mutating func update(for steps: [SliceGradAdam], since first: Int) {
    end = steps.count
    let blocksDone = max((end - horizon) / Self.blockSize, 0)
    firstRecent = max(first, blocksDone * Self.blockSize)
    recent = Self.sums(of: steps, firstRecent..<end, ratio, growth)
  }

  /// The sums for a row that has missed the steps from `first` on, and the end of the steps that they take in.
  mutating func callAsFunction(
    from first: Int, of steps: [SliceGradAdam]
  ) -> (sums: SliceGradMissedSums, end: Int) {
    guard first < firstRecent else { return (recent[first - firstRecent], end) }
    let block = first / Self.blockSize
    let blockEnd = (block + 1) * Self.blockSize + horizon
    blocks.extend(to: max(block + 1, blocks.count), with: [])
    if blocks[block].isEmpty {
      let sums = Self.sums(of: steps, block * Self.blockSize..<blockEnd, ratio, growth)
      blocks[block] = Array(sums.prefix(Self.blockSize))
    }
    return (blocks[block][first % Self.blockSize], blockEnd)
  }

  private static func sums(
    of steps: [SliceGradAdam], _ range: Range<Int>, _ ratio: Double, _ growth: Double
  ) -> [SliceGradMissedSums] {
    [SliceGradMissedSums](unsafeUninitializedCapacity: range.count) { sums, count in
      if !range.isEmpty {
        steps.withUnsafeBufferPointer {
          sumMissedSteps($0.baseAddress! + range.lowerBound, range.count, ratio, growth, sums.baseAddress!)
        }
      }
      count = range.count
    }
  }
}
