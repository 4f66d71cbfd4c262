import SliceGradKernels

extension Sequences {
  /// The negative log-likelihoods of tags, one for each element of these sequences, whose values `[n, k]` are the
  /// emissions of a conditional random field: combined by `reduction`, or `[count]`.
  @specialized(where Scalar == Float)
  func negativeLogLikelihood(
    of tags: [Int32], transitions: Variable<Scalar>, start: Variable<Scalar>, end: Variable<Scalar>,
    reduction: LossReduction
  ) -> Variable<Scalar> {
    let chain = LinearChain(self, transitions: transitions.value, start: start.value, end: end.value)
    chain.check(tags)
    let (losses, forward) = chain.losses(of: tags)
    let divisor = reduction == .mean ? Scalar(count) : 1
    let result = reduction == .none ? losses : Tensor(Scalar(losses.total) / divisor)
    return .recorded(result, from: [values, transitions, start, end]) { g in
      chain.gradients(
        reduction == .none ? SteppedOperand(g) : .number(g.scalar / divisor), of: tags, forward: forward)
    }
  }
}

/// A linear-chain conditional random field on the elements of sequences, as the kernels go through it.
struct LinearChain<Scalar: TensorScalar> {
  private let emissions: Tensor<Scalar>
  private let rowSplits: [Int32]
  private let transitions: Tensor<Scalar>
  private let start: Tensor<Scalar>
  private let end: Tensor<Scalar>

  private var count: Int { rowSplits.count - 1 }
  private var tagCount: Int { start.count }
  /// What a sequence of the mean length costs: an exponential for each pair of tags.
  private var operations: Int { emissions.count * tagCount * 8 / Swift.max(count, 1) + 1 }

  /// Traps unless the emissions are `[n, k]` for the k tags of the scores.
  @specialized(where Scalar == Float)
  init(_ sequences: Sequences<Scalar>, transitions: Tensor<Scalar>, start: Tensor<Scalar>, end: Tensor<Scalar>) {
    (emissions, rowSplits) = (sequences.values.value, sequences.rowSplits)
    (self.transitions, self.start, self.end) = (transitions, start, end)
    require(
      emissions.rank == 2 && emissions.shape[1] == tagCount,
      "ConditionalRandomField: emissions of shape \(emissions.shape), expected [n, \(tagCount)]")
    Self.check(transitions: transitions.shape, start: start.shape, end: end.shape)
  }

  /// Traps unless these are the shapes of the scores of one or more tags.
  static func check(transitions: Shape, start: Shape, end: Shape) {
    let k = start.elementCount
    require(
      k > 0 && start == [k] && end == [k] && transitions == [k, k],
      "ConditionalRandomField: transitions \(transitions), start \(start) and end \(end), expected [k, k], [k] and [k]")
  }

  /// Traps unless there is a tag in `0..<k` for each element.
  @specialized(where Scalar == Float)
  func check(_ tags: [Int32]) {
    let n = emissions.shape[0]
    require(tags.count == n, "ConditionalRandomField: \(tags.count) tags for \(n) elements")
    if let i = tags.firstIndex(where: { !(0..<tagCount).contains(Int($0)) }) {
      trap("ConditionalRandomField: tag \(tags[i]) of element \(i) is not in 0..<\(tagCount)")
    }
  }

  /// The losses `[count]`, and the forward scores `[n, k]` for the way back. Without tags, a loss is log Σ e^score.
  @specialized(where Scalar == Float)
  func losses(of tags: [Int32]?) -> (losses: Tensor<Scalar>, forward: Tensor<Scalar>) {
    var losses = Tensor<Scalar>(uninitialized: [count])
    var forward = Tensor<Scalar>(uninitialized: emissions.shape)
    withPointers(emissions, transitions, start, end) { emissions, transitions, start, end in
      withMutablePointers(&losses, &forward) { losses, forward in
        Threads.forEachRange(of: count, operations: operations) {
          Scalar.Kernels.chainLosses(
            emissions, transitions, start, end, rowSplits, tags, losses, forward, tagCount, $0, $1)
        }
      }
    }
    return (losses, forward)
  }

  /// From the gradient of the losses to those of emissions, transitions, start and end.
  ///
  /// Each of up to 16 pieces has sums of its own, which are added in order. So their bits follow from the shapes alone.
  @specialized(where Scalar == Float)
  func gradients(_ g: SteppedOperand<Scalar>, of tags: [Int32]?, forward: Tensor<Scalar>) -> [Tensor<Scalar>] {
    let (count, k, kernel) = (self.count, tagCount, Scalar.Kernels.chainGradient)
    let pieces = Swift.max(Swift.min(count, 16), 1)
    var slopes = Tensor<Scalar>(uninitialized: emissions.shape)
    var sums = Tensor<Scalar>(uninitialized: [pieces, k + 2, k])
    withPointers(transitions, forward, g) { transitions, forward, g in
      withMutablePointers(&slopes, &sums) { slopes, sums in
        Threads.forEachRange(of: pieces, operations: 2 * operations * (count / pieces)) { first, end in
          for piece in first..<end {
            let (begin, end, sums) = (piece * count / pieces, (piece + 1) * count / pieces, sums + piece * (k + 2) * k)
            kernel(transitions, rowSplits, tags, forward, g.address, g.step, slopes, sums, k, begin, end)
          }
        }
      }
    }
    let sum = sums.sum(over: [0])
    return [slopes, sum.slice(0..<k, axis: 0)]
      + [k, k + 1].map { sum.slice($0..<$0 + 1, axis: 0).reshaped(to: [k]) }
  }

  /// The probability of each tag at each element, `[n, k]`.
  @specialized(where Scalar == Float)
  func marginals() -> Tensor<Scalar> { gradients(.number(1), of: nil, forward: losses(of: nil).forward)[0] }

  /// The tags with the highest score, one for each element, and these scores `[count]`.
  @specialized(where Scalar == Float)
  func best() -> (tags: [Int32], scores: Tensor<Scalar>) {
    var scores = Tensor<Scalar>(uninitialized: [count])
    let (n, kernel) = (emissions.shape[0], Scalar.Kernels.chainBest)
    let tags = [Int32](unsafeUninitializedCapacity: n) { tags, initialized in
      initialized = n
      guard let tags = tags.baseAddress else { return }
      withPointers(emissions, transitions, start, end) { emissions, transitions, start, end in
        scores.withMutablePointer { scores in
          Threads.forEachRange(of: count, operations: operations) {
            kernel(emissions, transitions, start, end, rowSplits, tags, scores, tagCount, $0, $1)
          }
        }
      }
    }
    return (tags, scores)
  }
}
