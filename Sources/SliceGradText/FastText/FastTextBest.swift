/// The labels with the largest scores, of those that are added.
///
/// Equal scores are common in fastText, whose sigmoid is a table. Which of two labels comes first then is what the
/// heap of the C++ library makes of it (GCC's), with which fastText keeps them. This one does the same.
struct FastTextBest {
  typealias Scored = (score: Float, label: Int)

  private let most: Int
  /// The smallest score is at the root. That of `i` is not above those of `2i + 1` and `2i + 2`.
  private var heap: [Scored] = []

  init(most: Int) { self.most = most }

  /// Whether the score is too small to get in.
  func refuses(_ score: Float) -> Bool { heap.count == most && score < heap[0].score }

  mutating func add(_ score: Float, _ label: Int) {
    guard !refuses(score) else { return }
    heap.append((score, label))
    rise((score, label), from: heap.count - 1, to: 0)
    if heap.count > most {
      moveRoot(toEndOf: heap.count)
      heap.removeLast()
    }
  }

  /// The labels, best first.
  func sorted() -> [Scored] {
    var result = self
    for count in stride(from: heap.count, to: 1, by: -1) { result.moveRoot(toEndOf: count) }
    return result.heap
  }

  /// Exchanges the root of the first `count` elements and the last one of them. The others are a heap again.
  private mutating func moveRoot(toEndOf count: Int) {
    let (last, root) = (count - 1, heap[0])
    let displaced = heap[last]
    heap[last] = root
    // The hole goes down to a leaf, and the displaced element rises from there.
    var hole = 0
    while 2 * hole + 2 < last {
      let (left, right) = (2 * hole + 1, 2 * hole + 2)
      let next = heap[right].score > heap[left].score ? left : right
      heap[hole] = heap[next]
      hole = next
    }
    if 2 * hole + 2 == last {
      heap[hole] = heap[2 * hole + 1]
      hole = 2 * hole + 1
    }
    if last > 0 { rise(displaced, from: hole, to: 0) }
  }

  /// Puts an element where the hole is, or above it.
  private mutating func rise(_ element: Scored, from start: Int, to root: Int) {
    var hole = start
    while hole > root, heap[(hole - 1) / 2].score > element.score {
      heap[hole] = heap[(hole - 1) / 2]
      hole = (hole - 1) / 2
    }
    heap[hole] = element
  }
}
