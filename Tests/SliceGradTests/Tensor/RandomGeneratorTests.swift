import Foundation
import SliceGrad
import Testing

@Suite struct RandomGeneratorTests {
  /// SplitMix64 as in Vigna's splitmix64.c, whose sequence from state 0 is widely published.
  @Test func isSplitMix64() {
    var generator = RandomGenerator(state: 0)
    let numbers = (0..<3).map { _ in generator.next() }
    #expect(numbers == [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F])
  }

  @Test func theStateIsTheWholeSequence() throws {
    var generator = RandomGenerator(seed: 7)
    for _ in 0..<10 { _ = generator.next() }
    var restored = RandomGenerator(state: generator.state)
    var decoded = try JSONDecoder().decode(RandomGenerator.self, from: JSONEncoder().encode(generator))
    let (expected, fromState, fromFile) = (generator.next(), restored.next(), decoded.next())
    #expect(fromState == expected)
    #expect(fromFile == expected)
  }

  /// Neighbouring seeds give sequences without a common number.
  @Test func seedsDontOverlap() {
    var numbers: Set<UInt64> = []
    for seed in 0..<100 {
      var generator = RandomGenerator(seed: UInt64(seed))
      for _ in 0..<100 { numbers.insert(generator.next()) }
    }
    #expect(numbers.count == 10_000)
  }

  /// Element i comes from the i-th number after the state: its upper 24 bits for Float, 53 for Double.
  @Test func uniformNumbersAreTheGenerators() {
    var generator = RandomGenerator(seed: 3)
    var copy = generator
    let floats = Tensor<Float>(uniform: [100], in: 0..<1, using: &generator)
    let doubles = Tensor<Double>(uniform: [10, 10], in: -2..<2, using: &generator)
    var (floatSource, doubleSource) = (RandomGenerator(state: copy.next()), RandomGenerator(state: copy.next()))
    for i in 0..<100 {
      #expect(floats[i] == Float(floatSource.next() >> 40) / 16_777_216)
      #expect(doubles[i / 10, i % 10] == -2 + 4 * (Double(doubleSource.next() >> 11) / 9_007_199_254_740_992))
    }
  }

  /// Each pair of normal numbers is Marsaglia's, from a sequence of its own.
  @Test func normalNumbersArePolar() {
    var generator = RandomGenerator(seed: 4)
    var copy = generator
    var pairs = RandomGenerator(state: copy.next())
    let numbers = Tensor<Double>(normal: [1000], mean: 10, standardDeviation: 0.5, using: &generator)
    for pair in 0..<500 {
      var source = RandomGenerator(state: pairs.next())
      func draw() -> Double { 2 * Double(source.next() >> 11) / 9_007_199_254_740_992 - 1 }
      var (u, v) = (1.0, 1.0)
      while u * u + v * v >= 1 { (u, v) = (draw(), draw()) }
      let radius = sqrt(-2 * log(u * u + v * v) / (u * u + v * v))
      #expect(abs(numbers[2 * pair] - (10 + 0.5 * u * radius)) < 1e-14)
      #expect(abs(numbers[2 * pair + 1] - (10 + 0.5 * v * radius)) < 1e-14)
    }
  }

  /// The very bits, so that another platform or compiler that differs is noticed.
  @Test func pinnedNumbers() {
    var generator = RandomGenerator(seed: 2026)
    #expect(generator.state == 15_824_617_304_438_902_051)
    #expect(
      Tensor<Float>(uniform: [4], in: -1..<1, using: &generator).elements == [
        -0.21568549, 0.1066246, 0.29246914, 0.25411797,
      ])
    #expect(
      Tensor<Double>(uniform: [4], in: -1..<1, using: &generator).elements
        == [-0.06265521502555482, -0.7193451907892645, -0.9918402265014388, -0.9679573610943382])
    #expect(Tensor<Float>(normal: [4], using: &generator).elements == [0.72258943, -0.72610986, 0.16593291, 1.3141764])
    #expect(
      Tensor<Double>(normal: [4], using: &generator).elements
        == [0.1220695842766932, -0.07053924055993367, 1.070130868928837, -0.3156710995971603])
    #expect(generator.next() == 10_468_070_086_273_848_156)
  }

  @Test func uniformMomentsAndBounds() {
    var generator = RandomGenerator(seed: 5)
    let count = 100_000
    let numbers = Tensor<Float>(uniform: [count], in: -1..<3, using: &generator)
    #expect(numbers.elements.allSatisfy { -1 <= $0 && $0 < 3 })
    // Four standard errors: the standard deviation is 4 / √12, that of the squared distance from the mean 16 / √180.
    let moments = Moments(of: numbers)
    #expect(abs(moments.mean - 1) < 4 * (4 / 12.0.squareRoot()) / Double(count).squareRoot())
    #expect(abs(moments.variance - 16.0 / 12) < 4 * (16 / 180.0.squareRoot()) / Double(count).squareRoot())
  }

  /// Rounding must not reach the upper bound, however narrow the range.
  @Test func uniformNeverReachesItsUpperBound() {
    var generator = RandomGenerator(seed: 6)
    let range: Range<Float> = 16_777_214..<16_777_216
    let numbers = Tensor<Float>(uniform: [10_000], in: range, using: &generator)
    #expect(Set(numbers.elements) == [16_777_214, 16_777_215])
  }

  @Test func normalMoments() {
    var generator = RandomGenerator(seed: 8)
    let count = 100_000
    let numbers = Tensor<Float>(normal: [count], mean: 3, standardDeviation: 2, using: &generator)
    let moments = Moments(of: numbers)
    let standardError = 1 / Double(count).squareRoot()
    #expect(abs(moments.mean - 3) < 4 * 2 * standardError)
    #expect(abs(moments.variance - 4) < 4 * 4 * 2.0.squareRoot() * standardError)
    // 4.55 % lie beyond two standard deviations.
    let tail = Double(numbers.elements.count { abs($0 - 3) > 4 }) / Double(count)
    #expect(abs(tail - 0.0455) < 4 * (0.0455 * 0.9545).squareRoot() * standardError)
    // The two of a pair, and neighbours in general, don't depend on each other.
    let products = zip(numbers.elements, numbers.elements.dropFirst()).reduce(0.0) {
      $0 + Double(($1.0 - 3) * ($1.1 - 3))
    }
    #expect(abs(products / Double(count)) < 4 * 4 * standardError)
  }

  @Test(arguments: 0..<20) func normalPairsDontDependOnTheCount(count: Int) {
    var (short, long) = (RandomGenerator(seed: 9), RandomGenerator(seed: 9))
    let few = Tensor<Double>(normal: [count], using: &short)
    let many = Tensor<Double>(normal: [100], using: &long)
    #expect(few == many.slice(0..<count, axis: 0))
    #expect(short == long)
  }

  /// The bounds or deviations of Glorot and He for 30 inputs and 20 outputs.
  @Test func initializers() {
    var generator = RandomGenerator(seed: 10)
    let shape: Shape = [200, 300]
    let error = 4 / Double(shape.elementCount).squareRoot()
    func checkUniform(_ weights: Tensor<Float>, limit: Double) {
      #expect(weights.elements.allSatisfy { abs(Double($0)) <= limit * (1 + 1e-7) })
      #expect(abs(Moments(of: weights).variance / (limit * limit / 3) - 1) < error)
    }
    func checkNormal(_ weights: Tensor<Float>, deviation: Double) {
      #expect(abs(Moments(of: weights).variance / (deviation * deviation) - 1) < error * 2.0.squareRoot())
    }
    checkUniform(.glorotUniform(shape, using: &generator), limit: (6.0 / 500).squareRoot())
    checkNormal(.glorotNormal(shape, using: &generator), deviation: (2.0 / 500).squareRoot())
    checkUniform(.heUniform(shape, using: &generator), limit: (6.0 / 300).squareRoot())
    checkNormal(.heNormal(shape, using: &generator), deviation: (2.0 / 300).squareRoot())
    #expect(Tensor<Float>.glorotUniform([0, 0], using: &generator).count == 0)
  }
}

/// Mean and variance of a tensor's elements.
private struct Moments {
  var mean = 0.0
  var variance = 0.0

  init(of tensor: Tensor<Float>) {
    for x in tensor.elements { mean += Double(x) / Double(tensor.count) }
    for x in tensor.elements { variance += (Double(x) - mean) * (Double(x) - mean) / Double(tensor.count) }
  }
}
