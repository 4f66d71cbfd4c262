/// Sequences of different lengths in one variable: a batch of texts, with a vector for each of their words.
///
///     let table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
///     let texts = table.sequences(RaggedIndices([[2, 0], [], [1]]))
///     print(texts.values.value)  // [[5, 6],
///                                //  [1, 2],
///                                //  [3, 4]]
///     print(texts.lengths)  // [2, 0, 1]
///     print(texts.mean().value)  // [[3, 4],
///                                //  [0, 0],
///                                //  [3, 4]]
///
/// The vectors lie one after another without padding, so that nothing is computed for elements that aren't there.
/// Layers that treat each vector alone take the `values`, or are applied with `map`. Those that look along the time,
/// such as `GRU` and `MultiHeadAttention`, take the sequences. For padded variables there are `init(padded:lengths:)`
/// and `padded`.
public struct Sequences<Scalar: TensorScalar> {
  /// The elements of all sequences, one sequence after another: `[n, …]`, in most cases one vector each, `[n, d]`.
  public let values: Variable<Scalar>

  /// Where the sequences begin and end, `[count + 1]`: sequence i is rows `rowSplits[i]..<rowSplits[i + 1]`.
  public let rowSplits: [Int32]

  /// Sequences given by their boundaries. Traps unless these begin with 0, never decrease and end with the number of
  /// elements.
  @specialized(where Scalar == Float)
  public init(values: Variable<Scalar>, rowSplits: [Int32]) {
    require(values.shape.rank >= 1, "Sequences: a scalar is no sequence")
    if let problem = RaggedIndices.problem(rowSplits: rowSplits, count: values.shape[0]) {
      trap("Sequences: \(problem)")
    }
    self.values = values
    self.rowSplits = rowSplits
  }

  /// How many sequences there are.
  public var count: Int { rowSplits.count - 1 }

  /// The length of each sequence, `[count]`.
  public var lengths: [Int] { zip(rowSplits, rowSplits.dropFirst()).map { Int($1 - $0) } }

  /// The length of the longest sequence.
  public var longest: Int { lengths.max() ?? 0 }

  /// Sequences of the same lengths, whose elements are a function of these. It maps all elements at once, `[n, …]` to
  /// `[n, …]`: a layer, an activation, dropout. Traps if it returns another number of them.
  @specialized(where Scalar == Float)
  public func map(_ function: (Variable<Scalar>) throws -> Variable<Scalar>) rethrows -> Sequences {
    Sequences(values: try function(values), rowSplits: rowSplits)
  }
}

extension RaggedIndices {
  /// Bags of the positions 0, 1, 2, … with these boundaries.
  static func places(_ rowSplits: [Int32]) -> RaggedIndices {
    RaggedIndices(values: Array(0..<(rowSplits.last ?? 0)), rowSplits: rowSplits)
  }

  /// For each of `count` rows a bag of the places at which its number is.
  static func readers(of rows: [Int32?], count: Int) -> RaggedIndices {
    var splits = [Int32](repeating: 0, count: count + 1)
    for case let row? in rows { splits[Int(row) + 1] += 1 }
    for row in 0..<count { splits[row + 1] += splits[row] }
    var (next, places) = (splits, [Int32](repeating: 0, count: Int(splits[count])))
    for (place, row) in rows.enumerated() {
      guard let row else { continue }
      places[Int(next[Int(row)])] = Int32(place)
      next[Int(row)] += 1
    }
    return RaggedIndices(values: places, rowSplits: splits)
  }

  /// For each position the number of its bag.
  var bagOfPosition: [Int32] {
    var numbers: [Int32] = []
    numbers.reserveCapacity(values.count)
    for bag in 0..<bagCount {
      numbers.append(contentsOf: repeatElement(Int32(bag), count: Int(rowSplits[bag + 1] - rowSplits[bag])))
    }
    return numbers
  }
}

extension EmbeddingTable {
  /// The rows of bags in their order: for each bag a sequence of vectors, as long as the bag.
  ///
  /// The gradient is that of `gather`: a few rows. Traps on row numbers outside of `0..<v`, and on bags with counts.
  ///
  /// - Parameters:
  ///   - rows: bags of row numbers.
  ///   - paddingIndex: the number of a row that gets no gradient, if there is one.
  /// - Complexity: O(n d) for n row numbers, here and on the way back, however many rows the table has.
  public func sequences(_ rows: RaggedIndices, paddingIndex: Int32? = nil) -> Sequences<Scalar> {
    rows.requireNoCounts(in: "sequences")
    return Sequences(values: gather(rows.values, paddingIndex: paddingIndex), rowSplits: rows.rowSplits)
  }
}

// MARK: Padded sequences

extension Sequences {
  /// The sequences of a padded variable `[b, t, …]`: the first `lengths[i]` elements of sequence i, or without lengths
  /// all t of each. The padding is never read, and gets no gradient.
  ///
  ///     let padded = Variable(Tensor<Float>([[1, 2, 0], [3, 0, 0]]))
  ///     print(Sequences(padded: padded, lengths: [2, 1]).values.value)  // [1, 2, 3]
  ///
  /// Traps unless there are b lengths in `0...t`.
  public init(padded: Variable<Scalar>, lengths: [Int]? = nil) {
    let shape = padded.shape
    require(shape.rank >= 2, "Sequences: shape \(shape), expected [b, t, …]")
    let (b, t) = (shape[0], shape[1])
    let lengths = lengths ?? Array(repeating: t, count: b)
    require(lengths.count == b, "Sequences: \(lengths.count) lengths for shape \(shape)")
    for (i, length) in lengths.enumerated() {
      require((0...t).contains(length), "Sequences: length \(length) of sequence \(i) is not in 0...\(t)")
    }
    let cells = Padding(lengths: lengths, width: t)
    let rows = padded.reshaped(to: Shape([b * t] + shape.dropFirst(2)))
    self.init(
      values: cells.hasNone ? rows : rows.gather(cells.ofRows, readIn: cells.asBags), rowSplits: cells.rowSplits)
  }

  /// The sequences as `[count, longest, …]`, with zeros after the end of the shorter ones.
  ///
  ///     let texts = Sequences(values: Variable(Tensor<Float>([1, 2, 3])), rowSplits: [0, 2, 2, 3])
  ///     print(texts.padded.value)  // [[1, 2],
  ///                                //  [0, 0],
  ///                                //  [3, 0]]
  public var padded: Variable<Scalar> {
    let cells = Padding(lengths: lengths, width: longest)
    let rows = cells.hasNone ? values : values.sums(ofRowsIn: cells.asBags, bagOfRow: cells.ofRows)
    return rows.reshaped(to: Shape([count, longest] + values.shape.dropFirst()))
  }
}

/// Which cells of a padded matrix `[b, width]` hold the elements of sequences.
private struct Padding {
  /// For each element the number of its cell, `[n]`.
  var ofRows: [Int32] = []
  /// For each sequence where its elements begin, and at last their number, `[b + 1]`.
  var rowSplits: [Int32] = [0]
  private let cellCount: Int

  init(lengths: [Int], width: Int) {
    let (cells, overflow) = lengths.count.multipliedReportingOverflow(by: width)
    require(
      !overflow && cells <= Int32.max,
      "Sequences: \(lengths.count) padded sequences of \(width) elements, expected at most \(Int32.max) elements")
    cellCount = cells
    for (i, length) in lengths.enumerated() {
      ofRows.append(contentsOf: Int32(i * width)..<Int32(i * width + length))
      rowSplits.append(Int32(ofRows.count))
    }
  }

  /// Whether each cell holds an element, and so nothing has to move.
  var hasNone: Bool { ofRows.count == cellCount }

  /// A bag for each cell: of its element, or of none.
  var asBags: RaggedIndices { .readers(of: ofRows, count: cellCount) }
}
