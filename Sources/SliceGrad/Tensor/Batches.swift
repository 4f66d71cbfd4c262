extension RandomAccessCollection {
  /// Batches in the order of the elements, as for evaluation. The last one may be smaller.
  ///
  ///     print(Array([1, 2, 3, 4, 5].batches(ofSize: 2)))  // [[1, 2], [3, 4], [5]]
  ///
  /// Traps on a size below 1.
  ///
  /// - Complexity: O(n) now, O(batch) for each batch when it is asked for.
  @inlinable
  public func batches(ofSize size: Int) -> Batches<[Element]> {
    Batches(count: count, size: size) { numbers in numbers.map { self[index(startIndex, offsetBy: $0)] } }
  }

  /// Batches of the elements in random order, as for one epoch of training: each element is in exactly one.
  ///
  ///     var generator = RandomGenerator(seed: 1)
  ///     print(Array([1, 2, 3, 4, 5].shuffledBatches(ofSize: 2, using: &generator)))  // [[1, 5], [2, 3], [4]]
  ///
  /// The same generator gives the same order on every platform. Traps on a size below 1.
  ///
  /// - Complexity: O(n) now, O(batch) for each batch when it is asked for.
  @inlinable
  public func shuffledBatches(
    ofSize size: Int, using generator: inout some RandomNumberGenerator
  ) -> Batches<[Element]> {
    batches(ofSize: size).withShuffledExamples(using: &generator)
  }
}

/// The batches of some examples: a collection that puts each batch together when it is asked for. The last one may be
/// smaller than the others.
///
/// Arrays and other random-access collections have `batches(ofSize:)`. For examples that are kept in another way, say
/// how a batch of them is made:
///
///     let (users, ratings) = (["ann", "bob", "eve"], [5, 3, 4])
///     let batches = Batches(count: ratings.count, size: 2) { numbers in
///       (users: numbers.map { users[$0] }, ratings: numbers.map { ratings[$0] })
///     }
///     print(batches[1])  // (users: ["eve"], ratings: [4])
///     for batch in batches.withShuffledExamples(using: &generator) where batch.ratings.count == 2 { print(batch) }
///     // (users: ["ann", "eve"], ratings: [5, 4])
///
/// `dropFirst` leaves out batches, as when a training resumes, and a `where` as above leaves out a smaller last one.
public struct Batches<Batch>: RandomAccessCollection {
  /// The numbers of the examples, in the order of the batches.
  private var order: [Int]
  private let size: Int
  private let make: (_ numbers: ArraySlice<Int>) -> Batch

  /// Batches of the examples 0..<`count` in this order, each made from the numbers of its examples. Traps on a size
  /// below 1.
  public init(count: Int, size: Int, _ make: @escaping (_ numbers: ArraySlice<Int>) -> Batch) {
    require(count >= 0 && size >= 1, "Batches: \(count) examples by \(size), expected 0 or more by 1 or more")
    order = Array(0..<count)
    self.size = size
    self.make = make
  }

  /// Batches of the same size of the same examples in random order, each example in exactly one of them.
  ///
  /// The same generator gives the same order on every platform.
  ///
  /// - Complexity: O(n).
  public func withShuffledExamples(using generator: inout some RandomNumberGenerator) -> Batches {
    var shuffled = self
    shuffled.order.reproduciblyShuffle(using: &generator)
    return shuffled
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { order.isEmpty ? 0 : (order.count - 1) / size + 1 }

  /// The batch with this number. Traps unless it is in 0..<`count`.
  ///
  /// - Complexity: O(batch).
  public subscript(number: Int) -> Batch {
    require(indices.contains(number), "Batches: \(number) is not in 0..<\(endIndex)")
    return make(order.dropFirst(number * size).prefix(size))
  }
}
