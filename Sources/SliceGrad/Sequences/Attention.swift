import SliceGradKernels

/// Scaled dot-product attention: for each query the mean of its sequence's values, weighted by how well their keys fit
/// the query.
///
/// Columns are cut into heads, each of which attends on its own. For the queries q `[t, d / heads]`, keys k and values
/// v of a sequence and a head:
///
/// ```text
/// softmax(q kᵀ / √(d / heads)) v
/// ```
///
/// With the same sequences as queries, keys and values it is self-attention:
///
///     let words = Sequences(values: Variable(Tensor<Float>([[1, 0], [0, 1], [5, 5]])), rowSplits: [0, 2, 3])
///     print(attention(queries: words, keys: words, values: words).values.value)
///     // [[0.669762, 0.330238],
///     //  [0.330238, 0.669762],
///     //  [5, 5]]
///     print(attention(queries: words, keys: words, values: words, isCausal: true).values.value)
///     // [[1, 0],
///     //  [0.330238, 0.669762],
///     //  [5, 5]]
///
/// Source: Vaswani et al., “Attention Is All You Need” (2017), equation 1.
///
/// - Parameters:
///   - queries: sequences of n elements altogether, `[n, d]`.
///   - keys: as many sequences of m elements altogether, `[m, d]`. Where there is none, the queries of that sequence
///     find 0.
///   - values: one for each key, `[m, e]`. Traps if the shapes or the numbers of sequences don't fit.
///   - heads: the number of heads. Traps unless it divides d and e.
///   - isCausal: whether query i of a sequence sees the keys 0...i only, so that no element depends on later
///     ones, if those are finite.
/// - Returns: sequences as long as the queries, `[n, e]`.
/// - Complexity: O(t² (d + e)) for a sequence of t queries and t keys. No matrix of all their weights is kept. A thread
///   needs memory for 64 · t weights; on the way back it computes them again and needs twice as much.
@specialized(where Scalar == Float)
public func attention<Scalar>(
  queries: Sequences<Scalar>, keys: Sequences<Scalar>, values: Sequences<Scalar>, heads: Int = 1,
  isCausal: Bool = false
) -> Sequences<Scalar> {
  let (q, k, v) = (queries.values.shape, keys.values.shape, values.values.shape)
  require(
    q.rank == 2 && k.rank == 2 && v.rank == 2 && q[1] == k[1],
    "attention: queries \(q), keys \(k) and values \(v), expected [n, d], [m, d] and [m, e]")
  require(keys.rowSplits == values.rowSplits, "attention: keys and values are sequences of different lengths")
  require(
    queries.count == keys.count, "attention: \(queries.count) sequences of queries and \(keys.count) of keys")
  require(
    heads > 0 && q[1] > 0 && q[1] % heads == 0 && v[1] % heads == 0,
    "attention: \(heads) heads for \(q[1]) columns of keys and \(v[1]) of values; expected to divide both")
  let heads = AttentionHeads(
    count: heads, isCausal: isCausal, querySplits: queries.rowSplits, keySplits: keys.rowSplits,
    queries: AttentionHeads.Columns(matrix: 0, range: 0..<q[1]),
    keys: AttentionHeads.Columns(matrix: 1, range: 0..<q[1]),
    values: AttentionHeads.Columns(matrix: 2, range: 0..<v[1]))
  let result = heads.attention(in: [queries.values, keys.values, values.values])
  return Sequences(values: result, rowSplits: queries.rowSplits)
}

/// Heads that attend, and where in some matrices their queries, keys and values are.
struct AttentionHeads {
  let count: Int
  let isCausal: Bool
  let querySplits: [Int32]
  let keySplits: [Int32]
  let queries: Columns
  let keys: Columns
  let values: Columns

  /// Some columns of a matrix, of all heads side by side. What one product has computed need not be taken apart.
  struct Columns {
    /// The place of the matrix in a list of up to three.
    let matrix: Int
    let range: Range<Int>
  }

  /// The outputs of all heads side by side. Together, queries, keys and values are all columns of the matrices.
  @specialized(where Scalar == Float)
  func attention<Scalar>(in matrices: [Variable<Scalar>]) -> Variable<Scalar> {
    let inputs = matrices.map(\.value)
    for columns in [queries, keys, values] {
      let shape = inputs[columns.matrix].shape
      require(
        columns.range.upperBound <= shape[1], "attention: columns \(columns.range) of a product of shape \(shape)")
    }
    let n = Int(querySplits.last!)
    var outputs = Tensor<Scalar>(uninitialized: [n, values.range.count])
    var saved = Tensor<Scalar>(uninitialized: [n, 2 * count])
    withOperands(of: inputs) { heads, queries, keys, values in
      withMutablePointers(&outputs, &saved) { outputs, saved in
        Threads.forEachRange(of: unitCount, operations: operationsOfUnit) {
          Scalar.Kernels.attention(heads, queries, keys, values, outputs, saved, $0, $1)
        }
      }
    }
    return .recorded(outputs, from: matrices) { [outputs, saved] g in
      gradients(g, inputs: inputs, outputs: outputs, saved: saved)
    }
  }

  /// From the gradient of the outputs to those of the matrices.
  @specialized(where Scalar == Float)
  private func gradients<Scalar>(
    _ g: Tensor<Scalar>, inputs: [Tensor<Scalar>], outputs: Tensor<Scalar>, saved: Tensor<Scalar>
  ) -> [Tensor<Scalar>?] {
    func slope(_ matrix: Int) -> Tensor<Scalar>? {
      matrix < inputs.count ? Tensor(uninitialized: inputs[matrix].shape) : nil
    }
    let kernel = Scalar.Kernels.attentionGradient
    var (first, second, third) = (slope(0), slope(1), slope(2))
    withOperands(of: inputs) { heads, queries, keys, values in
      withPointers(outputs, saved, g) { outputs, saved, g in
        withMutablePointers(&first, &second, &third) { first, second, third in
          func address(_ columns: Columns) -> Scalar.Kernels.Output {
            [first, second, third][columns.matrix]! + columns.range.lowerBound
          }
          let (querySlope, keySlope, valueSlope) = (address(self.queries), address(self.keys), address(self.values))
          Threads.forEachRange(of: unitCount, operations: 3 * operationsOfUnit) {
            kernel(heads, queries, keys, values, outputs, saved, g, querySlope, keySlope, valueSlope, $0, $1)
          }
        }
      }
    }
    return Array([first, second, third].prefix(inputs.count))
  }

  /// A unit of work is one head of one sequence.
  private var unitCount: Int { count * (querySplits.count - 1) }

  /// The mean cost of a unit, in cheap operations: the kernel does 64 multiplications in the time of one, and an
  /// exponential in that of two.
  private var operationsOfUnit: Int {
    func length(_ splits: [Int32], _ sequence: Int) -> Int { Int(splits[sequence + 1] - splits[sequence]) }
    let pairs = (0..<querySplits.count - 1).reduce(0) { $0 + length(querySplits, $1) * length(keySplits, $1) }
    return pairs * ((queries.range.count + values.range.count) / 64 + 2 * count) / max(unitCount, 1)
  }

  /// Calls the body with the addresses of queries, keys and values.
  @inline(__always)
  private func withOperands<Scalar: TensorScalar>(
    of inputs: [Tensor<Scalar>],
    _ body: (SliceGradAttention, Scalar.Kernels.Input, Scalar.Kernels.Input, Scalar.Kernels.Input) -> Void
  ) {
    let matrices = (inputs[queries.matrix], inputs[keys.matrix], inputs[values.matrix])
    querySplits.withUnsafeBufferPointer { querySplits in
      keySplits.withUnsafeBufferPointer { keySplits in
        let heads = SliceGradAttention(
          isCausal: isCausal, querySplits: querySplits.baseAddress!, keySplits: keySplits.baseAddress!, heads: count,
          width: queries.range.count / count, valueWidth: values.range.count / count,
          queryStride: matrices.0.shape[1], keyStride: matrices.1.shape[1], valueStride: matrices.2.shape[1])
        withPointers(matrices.0, matrices.1, matrices.2) {
          body(heads, $0 + queries.range.lowerBound, $1 + keys.range.lowerBound, $2 + values.range.lowerBound)
        }
      }
    }
  }
}
