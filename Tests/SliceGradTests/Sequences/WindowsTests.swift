import SliceGrad
import Testing

@Suite struct WindowsTests {
  /// Windows by the definition, for all lengths, strides, dilations and paddings.
  @Test func windows() {
    let values = SampleSequences.numbers.values.value
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
          let (first, end) = (Int(SampleSequences.splits[i]), Int(SampleSequences.splits[i + 1]))
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
        let windows = SampleSequences.numbers.windows(
          length: length, stride: stride, dilation: dilation, padding: padding)
        #expect(windows.lengths == lengths, "\(length) \(stride) \(dilation) \(padding)")
        #expect(Array(windows.values.value.elements) == expected, "\(length) \(stride) \(dilation) \(padding)")
        if stride == 1 && (padding == .same || padding == .causal) {
          #expect(lengths == SampleSequences.numbers.lengths)
        }
      }
    }
  }

  @Test func gradients() {
    var generator = RandomGenerator(seed: 3)
    let check = checkGradients(at: [generator.tensor([6, 2], of: Double.self)]) { x in
      let sequences = SampleSequences.of(x[0])
      return sequences.windows(length: 2, padding: .same).values.exp().sum()
        + sequences.windows(length: 3, stride: 2, dilation: 2, padding: .causal).values.exp().sum()
    }
    #expect(check.passed, "\(check)")
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("windows: length 2, stride 0 and dilation 1, expected 1 or more of each") {
      _ = SampleSequences.numbers.windows(length: 2, stride: 0)
    },
    ProgrammingError("windows: elements of shape [6], expected [n, d]") {
      _ = SampleSequences.numbers.map { $0.sum(over: [1]) }.windows(length: 2)
    },
    ProgrammingError("windows: -1 and 0 zeros around sequences, expected numbers in 0...2147483647") {
      _ = SampleSequences.numbers.windows(length: 2, padding: .zeros(before: -1, after: 0))
    },
    ProgrammingError("windows: length 2, stride 1 and dilation 2147483648, expected at most 2147483647") {
      _ = SampleSequences.numbers.windows(length: 2, dilation: 1 << 31)
    },
    ProgrammingError("windows: more than 1073741823 windows of length 2") {
      _ = SampleSequences.numbers.windows(length: 2, padding: .zeros(before: 1 << 30, after: 1 << 30))
    },
  ]
}
