import SliceGrad
import Testing

@Suite struct SequencesTests {
  private static let splits: [Int32] = [0, 2, 2, 5, 6, 6]

  private static func sequences(_ values: Variable<Double>) -> Sequences<Double> {
    Sequences(values: values, rowSplits: splits)
  }

  private static var numbers: Sequences<Double> {
    sequences(Variable(Tensor([[1, 20], [2, 10], [3, 0], [5, -1], [4, -7], [6, 6]])))
  }

  @Test func boundaries() {
    let sequences = Self.numbers
    #expect(sequences.count == 5 && sequences.lengths == [2, 0, 3, 1, 0] && sequences.longest == 3)
    let none = Sequences<Double>(values: Variable(Tensor(zeros: [0, 2])), rowSplits: [0])
    #expect(none.count == 0 && none.longest == 0 && none.lengths.isEmpty)
    #expect(none.padded.shape == [0, 0, 2] && none.sum().shape == [0, 2] && none.max().shape == [0, 2])
    #expect(sequences.map { $0 * 2 }.values.value == sequences.values.value * 2)
  }

  @Test func ofTables() {
    let table = EmbeddingTable(Tensor<Double>([[1, 2], [3, 4], [5, 6]]))
    let rows = RaggedIndices([[2, 0], [], [1, 1]])
    let sequences = table.sequences(rows)
    #expect(sequences.values.value == Tensor([[5, 6], [1, 2], [3, 4], [3, 4]]))
    #expect(sequences.rowSplits == rows.rowSplits)
    let layer = Embedding<Double>(weight: table.value, paddingIndex: 1)
    #expect(layer(rows).values.value == sequences.values.value)
    let (_, gradients) = valueWithGradients(at: layer) { $0(rows).values.sum() }
    #expect(gradients[\.weight, in: layer]?.densified() == Tensor([[1, 1], [0, 0], [1, 1]]))
  }

  @Test func padding() {
    let padded = Self.numbers.padded
    let expected = Tensor<Double>([
      [[1, 20], [2, 10], [0, 0]], [[0, 0], [0, 0], [0, 0]], [[3, 0], [5, -1], [4, -7]], [[6, 6], [0, 0], [0, 0]],
      [[0, 0], [0, 0], [0, 0]],
    ])
    #expect(padded.value == expected)
    let back = Sequences(padded: padded, lengths: [2, 0, 3, 1, 0])
    #expect(back.values.value == Self.numbers.values.value && back.rowSplits == Self.splits)
    // What stands in the padding doesn't matter.
    let dirty = Variable(expected + Tensor(padded.value.elements.map { $0 == 0 ? .nan : 0 }).reshaped(to: [5, 3, 2]))
    #expect(Sequences(padded: dirty, lengths: [2, 0, 2, 1, 0]).values.value[2, 0] == 3)
    // Sequences of one length are the same elements in another shape.
    let whole = Sequences(padded: padded)
    #expect(whole.lengths == [3, 3, 3, 3, 3] && whole.padded.value == expected)
    #expect(
      Sequences(padded: Variable(Tensor<Double>([[1, 2], [3, 4]])), lengths: [1, 2]).values.value == Tensor([1, 3, 4]))
  }

  @Test func pooling() {
    let sequences = Self.numbers
    #expect(sequences.sum().value == Tensor([[3, 30], [0, 0], [12, -8], [6, 6], [0, 0]]))
    #expect(sequences.mean().value == Tensor([[1.5, 15], [0, 0], [4, -8 / 3.0], [6, 6], [0, 0]]))
    #expect(sequences.max().value == Tensor([[2, 20], [0, 0], [5, 0], [6, 6], [0, 0]]))
    let weights = Variable(Tensor<Double>([1, 2, 0, 1, 0.5, -1]))
    #expect(sequences.sum(weights: weights).value == Tensor([[5, 40], [0, 0], [7, -4.5], [-6, -6], [0, 0]]))
    #expect(sequences.expanding(sequences.sum()).value[4, 0] == 12)
    let scores = Self.sequences(Variable(Tensor<Double>([0, 0, 1000, 1000, 1000, -3])))
    let softmax = scores.softmax().values.value
    #expect(softmax.distance(to: Tensor([0.5, 0.5, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1])) < 1e-15)
    // Elements of any shape.
    let numbers = Self.sequences(Variable(Tensor<Double>([1, 2, 3, 4, 5, 6])))
    #expect(numbers.sum().value == Tensor([3, 0, 12, 6, 0]) && numbers.max().value == Tensor([2, 0, 5, 6, 0]))
    #expect(numbers.mean().value == Tensor([1.5, 0, 4, 6, 0]))
  }

  @Test func gradients() {
    var generator = RandomGenerator(seed: 3)
    let factors = generator.tensor([5, 2], of: Double.self)
    let uses: [(String, @Sendable ([Variable<Double>]) -> Variable<Double>)] = [
      ("sum", { (Self.sequences($0[0]).sum().square() * factors).sum() }),
      ("mean", { (Self.sequences($0[0]).mean().square() * factors).sum() }),
      ("max", { (Self.sequences($0[0]).max().square() * factors).sum() }),
      ("weighted sum", { (Self.sequences($0[0]).sum(weights: $0[1]).square() * factors).sum() }),
      (
        "attention", { x in (Self.sequences(x[0]).sum(weights: Self.sequences(x[1]).softmax().values) * factors).sum() }
      ),
      ("expanding", { (Self.sequences($0[0]).expanding($0[2]) * $0[0]).sum() }),
      ("padded", { Self.sequences($0[0]).padded.exp().sum() }),
      ("softmax", { (Self.sequences($0[0]).softmax().values * $0[0].square()).sum() }),
      ("of padded", { Sequences(padded: $0[3], lengths: [2, 0, 3]).values.exp().sum() }),
      ("windows", { Self.sequences($0[0]).windows(length: 2, padding: .same).values.exp().sum() }),
      (
        "wide windows",
        { Self.sequences($0[0]).windows(length: 3, stride: 2, dilation: 2, padding: .causal).values.exp().sum() }
      ),
    ]
    let inputs = ([[6, 2], [6], [5, 2], [3, 3, 2]] as [Shape]).map { generator.tensor($0, of: Double.self) }
    for (name, use) in uses {
      let check = checkGradients(at: inputs) { x in use(x) + x.map { $0.sum() }.reduce(Variable(Tensor(0))) { $0 + $1 }
      }
      #expect(check.passed, "\(name): \(check)")
    }
  }

  /// Windows by the definition, for all lengths, strides, dilations and paddings.
  @Test func windows() {
    let values = Self.numbers.values.value
    for (length, stride, dilation) in [(1, 1, 1), (2, 1, 1), (3, 1, 1), (3, 2, 1), (2, 1, 2), (2, 3, 2), (4, 1, 1)] {
      let reach = dilation * (length - 1) + 1
      for padding in [.valid, .same, .causal, .zeros(before: 1, after: 4)] as [WindowPadding] {
        let (before, after): (Int, Int) =
          switch padding {
          case .valid: (0, 0)
          case .same: ((reach - 1) / 2, reach - 1 - (reach - 1) / 2)
          case .causal: (reach - 1, 0)
          case .zeros(let before, let after): (before, after)
          }
        var (expected, lengths): ([Double], [Int]) = ([], [])
        for i in 0..<5 {
          let (first, end) = (Int(Self.splits[i]), Int(Self.splits[i + 1]))
          let starts =
            first == end ? [] : Array(Swift.stride(from: first - before, to: end + after - reach + 1, by: stride))
          lengths.append(starts.count)
          for start in starts {
            for j in 0..<length {
              let element = start + j * dilation
              expected += (first..<end).contains(element) ? [values[element, 0], values[element, 1]] : [0, 0]
            }
          }
        }
        let windows = Self.numbers.windows(length: length, stride: stride, dilation: dilation, padding: padding)
        #expect(windows.lengths == lengths, "\(length) \(stride) \(dilation) \(padding)")
        #expect(Array(windows.values.value.elements) == expected, "\(length) \(stride) \(dilation) \(padding)")
        if stride == 1 && (padding == .same || padding == .causal) { #expect(lengths == Self.numbers.lengths) }
      }
    }
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("Sequences: row splits end with 6, but there are 5 values") {
      _ = sequences(Variable(Tensor(zeros: [5, 2])))
    },
    ProgrammingError("Sequences: a scalar is no sequence") { _ = sequences(Variable(Tensor(3))) },
    ProgrammingError("Sequences: row splits end with 6, but there are 3 values") {
      _ = numbers.map { $0.slice(0..<3, axis: 0) }
    },
    ProgrammingError("Sequences: shape [2], expected [b, t, …]") {
      _ = Sequences<Double>(padded: Variable(Tensor([1, 2])))
    },
    ProgrammingError("Sequences: 1 lengths for shape [2, 3]") {
      _ = Sequences<Double>(padded: Variable(Tensor(zeros: [2, 3])), lengths: [1])
    },
    ProgrammingError("Sequences: length 4 of sequence 1 is not in 0...3") {
      _ = Sequences<Double>(padded: Variable(Tensor(zeros: [2, 3])), lengths: [1, 4])
    },
    ProgrammingError("sum: weights of shape [2] for elements [6, 2], expected [n] or [n, 1]") {
      _ = numbers.sum(weights: Variable(Tensor([1, 2])))
    },
    ProgrammingError("maximum: elements [6, 2] and weight [3, 1], expected [n, d] and [outputs, d]") {
      _ = numbers.maximum(ofLinear: Variable(Tensor(zeros: [3, 1])), bias: nil)
    },
    ProgrammingError("expanding: shape [4, 2] for 5 sequences, expected [5, …]") {
      _ = numbers.expanding(Variable(Tensor(zeros: [4, 2])))
    },
    ProgrammingError("windows: length 2, stride 0 and dilation 1, expected 1 or more of each") {
      _ = numbers.windows(length: 2, stride: 0)
    },
    ProgrammingError("windows: elements of shape [6], expected [n, d]") {
      _ = numbers.map { $0.sum(over: [1]) }.windows(length: 2)
    },
    ProgrammingError("windows: -1 and 0 zeros around sequences, expected 0 or more") {
      _ = numbers.windows(length: 2, padding: .zeros(before: -1, after: 0))
    },
  ]
}
