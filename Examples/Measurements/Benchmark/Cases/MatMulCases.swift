import SliceGrad

extension Case {
  /// Products of matrices `[m, k]` and `[k, n]`.
  static var matmul: [Case] {
    let squares = [32, 64, 128, 256, 512, 1024].map { ($0, $0, $0) }
    return (squares + [(64, 4, 64), (64, 1000, 128), (2560, 64, 64)]).map { m, n, k in
      Case(
        name: "matmul", details: ["m": .number(m), "n": .number(n), "k": .number(k)],
        prepare: { try prepareMatmul(m, n, k) })
    }
  }

  private static func prepareMatmul(_ m: Int, _ n: Int, _ k: Int) throws -> PreparedCase {
    var generator = RandomGenerator(seed: 1)
    let left = Tensor<Float>(normal: [m, k], using: &generator)
    let right = Tensor<Float>(normal: [k, n], using: &generator)
    let product = left.matmul(right)
    for _ in 0..<100 {
      let (row, column) = (Int.random(in: 0..<m, using: &generator), Int.random(in: 0..<n, using: &generator))
      let expected = (0..<k).reduce(0.0) { $0 + Double(left[row, $1]) * Double(right[$1, column]) }
      try expect(
        product[row, column], equals: expected, tolerance: 1e-6 * Double(k), "element [\(row), \(column)]")
    }
    return PreparedCase(step: { _ = left.matmul(right) })
  }
}
