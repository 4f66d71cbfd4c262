/// A seeded source of random numbers with the same sequence on every platform. Its whole state is one integer, which is
/// saved and restored with `state`.
///
///     var generator = RandomGenerator(seed: 1)
///     print(Tensor<Float>.glorotUniform([2, 3], using: &generator))
///     // [[0.423964, 1.03359, -0.16088],
///     //  [0.670867, -0.308888, 0.756659]]
///
/// Source: Steele, Lea and Flood, “Fast Splittable Pseudorandom Number Generators” (2014): SplitMix64.
public struct RandomGenerator: RandomNumberGenerator, Hashable, Sendable, Codable {
  /// The point that the sequence has reached.
  public private(set) var state: UInt64

  /// The sequence of a seed.
  public init(seed: UInt64) {
    // One round of mixing, so that neighbouring seeds don't give overlapping sequences.
    var seeding = RandomGenerator(state: seed)
    self.init(state: seeding.next())
  }

  /// The sequence that continues from a state.
  public init(state: UInt64) { self.state = state }

  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Number i of those that follow a state, for draws that are made in any order.
  static func number(_ i: Int, after state: UInt64) -> UInt64 {
    var generator = RandomGenerator(state: state).skipping(i)
    return generator.next()
  }

  /// The sequence without its next `count` numbers.
  fileprivate func skipping(_ count: Int) -> RandomGenerator {
    RandomGenerator(state: state &+ UInt64(count) &* Self.increment)
  }

  public mutating func next() -> UInt64 {
    state &+= Self.increment
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension Tensor {
  /// Numbers distributed uniformly in `range`. Traps if it is empty or infinitely wide.
  public init(uniform shape: Shape, in range: Range<Scalar>, using generator: inout RandomGenerator) {
    Self.requireFiniteWidth(range)
    let numbers = RandomGenerator(state: generator.next())  // a sequence of its own, of any length
    self.init(shape: shape) { out in
      Threads.forEachRange(of: shape.elementCount, operations: 4) {
        Scalar.Kernels.uniform(numbers.skipping($0).state, range.lowerBound, range.upperBound, out + $0, $1 - $0)
      }
    }
  }

  /// Some rows of `Tensor(uniform: [rowCount, columns], …)`, without the others: `count` rows, of which each is given
  /// by its number.
  package init(
    uniformRows count: Int, columns: Int, in range: Range<Scalar>, using generator: inout RandomGenerator,
    _ row: (_ place: Int) -> Int
  ) {
    Self.requireFiniteWidth(range)
    let state = generator.next()
    self.init(shape: [count, columns]) {
      for place in 0..<count {
        let ofRow = RandomGenerator(state: state).skipping(row(place) * columns)
        Scalar.Kernels.uniform(ofRow.state, range.lowerBound, range.upperBound, $0 + place * columns, columns)
      }
    }
  }

  private static func requireFiniteWidth(_ range: Range<Scalar>) {
    require(range.lowerBound < range.upperBound, "uniform: the range \(range) is empty")
    require((range.upperBound - range.lowerBound).isFinite, "uniform: the range \(range) is infinitely wide")
  }

  /// Numbers distributed normally, with this mean and standard deviation.
  public init(
    normal shape: Shape, mean: Scalar = 0, standardDeviation: Scalar = 1, using generator: inout RandomGenerator
  ) {
    let numbers = RandomGenerator(state: generator.next())  // a sequence of its own, of any length
    self.init(shape: shape) { out in
      Threads.forEachRange(of: shape.elementCount, operations: 31, multiplesOf: 2) {
        Scalar.Kernels.normal(numbers.skipping($0 / 2).state, mean, standardDeviation, out + $0, $1 - $0)
      }
    }
  }

  /// Some rows of `Tensor(normal: [rowCount, columns], …)` with mean 0, without the others: `count` rows, of which each
  /// is given by its number.
  package init(
    normalRows count: Int, columns: Int, standardDeviation: Scalar, using generator: inout RandomGenerator,
    _ row: (_ place: Int) -> Int
  ) {
    let state = generator.next()
    // Numbers come in pairs. A row of which the first number is the second of a pair begins with another row's last.
    var numbers = [Scalar](repeating: 0, count: columns + 1)
    self.init(shape: [count, columns]) {
      for place in 0..<count {
        let (pair, first) = (row(place) * columns).quotientAndRemainder(dividingBy: 2)
        let ofRow = RandomGenerator(state: state).skipping(pair)
        Scalar.Kernels.normal(ofRow.state, 0, standardDeviation, &numbers, first + columns)
        ($0 + place * columns).initialize(from: Array(numbers[first...]), count: columns)
      }
    }
  }

  /// Uniform in ±√(6 / (inputs + outputs)), which keeps the variance of values and gradients through a linear layer
  /// (Glorot and Bengio, “Understanding the difficulty of training deep feedforward neural networks”, 2010). Traps
  /// unless the shape is `[outputs, inputs]`.
  public static func glorotUniform(_ shape: Shape, using generator: inout RandomGenerator) -> Tensor {
    let limit = scale(6, shape, "glorotUniform", countsOutputs: true)
    return Tensor(uniform: shape, in: -limit..<limit, using: &generator)
  }

  /// Normal with standard deviation √(2 / (inputs + outputs)) (Glorot and Bengio 2010). Traps unless the shape is
  /// `[outputs, inputs]`.
  public static func glorotNormal(_ shape: Shape, using generator: inout RandomGenerator) -> Tensor {
    Tensor(normal: shape, standardDeviation: scale(2, shape, "glorotNormal", countsOutputs: true), using: &generator)
  }

  /// Uniform in ±√(6 / inputs), for layers followed by a relu (He et al., “Delving Deep into Rectifiers”, 2015). Traps
  /// unless the shape is `[outputs, inputs]`.
  public static func heUniform(_ shape: Shape, using generator: inout RandomGenerator) -> Tensor {
    let limit = scale(6, shape, "heUniform", countsOutputs: false)
    return Tensor(uniform: shape, in: -limit..<limit, using: &generator)
  }

  /// Normal with standard deviation √(2 / inputs), for layers followed by a relu (He et al. 2015). Traps unless the
  /// shape is `[outputs, inputs]`.
  public static func heNormal(_ shape: Shape, using generator: inout RandomGenerator) -> Tensor {
    Tensor(normal: shape, standardDeviation: scale(2, shape, "heNormal", countsOutputs: false), using: &generator)
  }

  /// √(numerator / inputs), or √(numerator / (inputs + outputs)).
  private static func scale(_ numerator: Scalar, _ shape: Shape, _ name: String, countsOutputs: Bool) -> Scalar {
    require(shape.rank == 2, "\(name): shape \(shape) is not [outputs, inputs]")
    return (numerator / Scalar(Swift.max(shape[1] + (countsOutputs ? shape[0] : 0), 1))).squareRoot()
  }
}
