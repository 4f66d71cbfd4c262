import SliceGrad
import Testing

/// Sums of bags by classes of rows have the bits of a plain loop, whichever classes are here.
@Suite struct ClassSumsTests {
  private static let rowCount = 101, columns = 5

  /// 40 bags, of which some are empty, of rows of these classes mod 8.
  private static func bags(of classes: Range<Int>, areCounted: Bool) -> RaggedIndices {
    var generator = RandomGenerator(seed: 3)
    let bags = (0..<40).map { bag in
      (0..<bag % 7 * 3).map { _ in Int32.random(in: 0..<Int32(rowCount), using: &generator) }
        .filter { classes.contains(Int($0) % 8) }
    }
    return areCounted ? RaggedIndices(bags).counted : RaggedIndices(bags)
  }

  @Test(arguments: [0..<8, 0..<4, 4..<6, 3..<8, 7..<8, 2..<2], [false, true])
  func bits(classes: Range<Int>, areCounted: Bool) {
    var generator = RandomGenerator(seed: 4)
    // Of few bits, so that products are exact with and without a fused multiplication, and of many magnitudes.
    let whole = Tensor<Float>(
      shape: [Self.rowCount, Self.columns],
      elements: (0..<Self.rowCount * Self.columns).map { _ in
        Float(Int.random(in: -1000...1000, using: &generator)) * Float.random(in: 0..<1, using: &generator).binade
      })
    let sharing = RowSharing(rowCount: Self.rowCount, classCount: 8, classes: classes)
    let bags = Self.bags(of: classes, areCounted: areCounted)
    let own = (0..<sharing.ownRowCount).map { whole.row(sharing.row(at: $0)) }
    let table = own.isEmpty ? Tensor(zeros: [0, Self.columns]) : Tensor.stack(own)
    let sums = sharing.sums(ofRowsIn: bags, factors: bags.factors(), of: table)

    let subtrees = TreePlace.covering(classes)
    #expect(sums.shape == [subtrees.count * 40, Self.columns])
    for (number, subtree) in subtrees.enumerated() {
      for bag in 0..<40 {
        let positions = Int(bags.rowSplits[bag])..<Int(bags.rowSplits[bag + 1])
        let ofClasses = subtree.parts.map { rowClass in
          var sum = [Float](repeating: 0, count: Self.columns)
          for position in positions where Int(bags.values[position]) % 8 == rowClass {
            let row = whole.row(Int(bags.values[position])).elements
            for (column, element) in row.enumerated() {
              sum[column] += Float(bags.counts?[position] ?? 1) * element
            }
          }
          return sum
        }
        #expect(Array(sums.row(number * 40 + bag).elements) == Self.tree(ofClasses[...]))
      }
    }
  }

  /// The sum of the first half and that of the second.
  private static func tree(_ parts: ArraySlice<[Float]>) -> [Float] {
    guard parts.count > 1 else { return parts.first! }
    let middle = parts.startIndex + parts.count / 2
    return zip(tree(parts[..<middle]), tree(parts[middle...])).map { $0 + $1 }
  }
}
