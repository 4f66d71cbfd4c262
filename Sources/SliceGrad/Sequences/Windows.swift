/// What is put around a sequence, so that windows over it begin before its first element or end after its last one.
public enum WindowPadding: Hashable, Sendable {
  /// Nothing: windows lie within the sequence.
  case valid
  /// As many zeros as there have to be for one window an element, half of them before the sequence; of an odd number,
  /// one more after it. With a stride, these windows that begin at its multiples: TensorFlow puts fewer zeros then.
  case same
  /// As many zeros as there have to be for one window an element, all before the sequence: each window ends with its
  /// element, and so knows nothing of later ones.
  case causal
  /// The given numbers of zeros.
  case zeros(before: Int, after: Int)

  /// The zeros before and after the sequence, for windows that reach over so many elements.
  fileprivate func counts(reach: Int) -> (before: Int, after: Int) {
    switch self {
    case .valid: (0, 0)
    case .same: ((reach - 1) / 2, reach / 2)
    case .causal: (reach - 1, 0)
    case .zeros(let before, let after): (before, after)
    }
  }
}

extension Sequences {
  /// For each place of a window over a sequence the elements in the window, side by side: elements `[n, d]` become
  /// elements `[windows, length · d]`. A dense layer of these is a convolution; see `Conv1D`.
  ///
  ///     let texts = Sequences(values: Variable(Tensor<Float>([[1], [2], [3], [4]])), rowSplits: [0, 3, 4])
  ///     let windows = texts.windows(length: 2)
  ///     print(windows.values.value, windows.lengths)  // [[1, 2],
  ///                                                   //  [2, 3]] [2, 0]
  ///     print(texts.windows(length: 2, padding: .causal).values.value)  // [[0, 1],
  ///                                                                     //  [1, 2],
  ///                                                                     //  [2, 3],
  ///                                                                     //  [0, 4]]
  ///
  /// A sequence of l elements has (l + padding − reach) / stride + 1 windows, rounded down, where windows reach over
  /// dilation · (length − 1) + 1 elements. There are none where even a single one is too long, and for an empty
  /// sequence.
  ///
  /// - Parameters:
  ///   - length: elements in a window, 1 or more.
  ///   - stride: from the beginning of one window to that of the next, 1 or more.
  ///   - dilation: from one element in a window to the next, 1 or more.
  ///   - padding: zeros around each sequence, 0 or more.
  ///
  /// Traps on other numbers, and if all windows together have more than 2³¹ − 1 elements.
  /// - Complexity: O(windows · length · d), here and on the way back.
  public func windows(
    length: Int, stride: Int = 1, dilation: Int = 1, padding: WindowPadding = .valid
  ) -> Sequences {
    require(
      length > 0 && stride > 0 && dilation > 0,
      "windows: length \(length), stride \(stride) and dilation \(dilation), expected 1 or more of each")
    require(values.shape.rank == 2, "windows: elements of shape \(values.shape), expected [n, d]")
    let most = Int(Int32.max)
    require(
      length <= most && stride <= most && dilation <= most,
      "windows: length \(length), stride \(stride) and dilation \(dilation), expected at most \(most)")
    let reach = dilation * (length - 1) + 1
    let (before, after) = padding.counts(reach: reach)
    let possible = 0...most
    require(
      possible.contains(before) && possible.contains(after),
      "windows: \(before) and \(after) zeros around sequences, expected numbers in \(possible)")

    var (splits, elements): ([Int32], [Int32?]) = ([0], [])
    for i in 0..<count {
      let (first, end) = (Int(rowSplits[i]), Int(rowSplits[i + 1]))
      let room = end - first + before + after - reach
      let windows = first == end || room < 0 ? 0 : room / stride + 1
      require(
        Int(splits.last!) + windows <= most / length,
        "windows: more than \(most / length) windows of length \(length)")
      for window in 0..<windows {
        for j in 0..<length {
          let element = first - before + window * stride + j * dilation
          elements.append(first <= element && element < end ? Int32(element) : nil)
        }
      }
      splits.append(splits.last! + Int32(windows))
    }
    let cells = values.sums(ofRowsIn: .optional(elements), readIn: .readers(of: elements, count: values.shape[0]))
    let columns = length * values.shape[1]
    return Sequences(values: cells.reshaped(to: [Int(splits.last!), columns]), rowSplits: splits)
  }
}

extension RaggedIndices {
  /// For each row number a bag with only that; an empty one where there is none.
  fileprivate static func optional(_ rows: [Int32?]) -> RaggedIndices {
    var splits: [Int32] = [0]
    splits.reserveCapacity(rows.count + 1)
    for row in rows { splits.append(splits.last! + (row == nil ? 0 : 1)) }
    return RaggedIndices(values: rows.compactMap { $0 }, rowSplits: splits)
  }
}
