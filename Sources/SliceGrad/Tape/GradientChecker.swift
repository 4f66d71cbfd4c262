/// A check of a function's gradients: directions through the point, and where one fails the element that is off.
struct GradientChecker<Scalar: TensorScalar> {
  /// One step of the function: its output, the gradients of Σ cotangent · output, and whether the output was recorded.
  typealias Function = (
    _ tape: Tape<Scalar>, _ values: [Tensor<Scalar>], _ cotangent: (Tensor<Scalar>) -> Tensor<Scalar>
  ) -> (output: Tensor<Scalar>, gradients: [Tensor<Scalar>], isRecorded: Bool)

  private let names: [String]
  private let tolerance: Double
  private let step: Double
  private let seed: UInt64
  private let function: Function

  init(names: [String], tolerance: Double?, step: Double?, seed: UInt64, function: @escaping Function) {
    self.names = names
    self.tolerance = tolerance ?? (Scalar.ulpOfOne < 1e-10 ? 1e-6 : 1e-4)
    self.step = step ?? Double(Scalar.ulpOfOne).squareRoot().squareRoot()
    self.seed = seed
    self.function = function
    require(self.tolerance > 0, "checkGradients: tolerance \(self.tolerance) is not above 0")
    require(self.step > 0 && self.step < .infinity, "checkGradients: step \(self.step) is not a number above 0")
  }

  /// Compares the gradients of some of the values; all are passed to the function.
  func check(at values: [Tensor<Scalar>], comparing leaves: [Int]? = nil, directions: Int) -> GradientCheck {
    require(directions > 0, "checkGradients: directions \(directions) is not above 0")
    var generator = RandomGenerator(seed: seed)
    let cotangentSeed = generator.next()
    func cotangent(_ output: Tensor<Scalar>) -> Tensor<Scalar> {
      var generator = RandomGenerator(seed: cotangentSeed)
      return Tensor(normal: output.shape, using: &generator)
    }
    let tape = Tape<Scalar>(seed: seed)
    tape.exemptRows = [:]
    let (output, gradients, isRecorded) = function(tape, values, cotangent)
    var result = GradientCheck(tolerance: tolerance)
    if let infinite = output.elements.first(where: { !$0.isFinite }) {
      result.reason = "the function's value is not finite: \(infinite)"
    } else if function(Tape(seed: seed), values, cotangent).output != output {
      result.reason = "the function has another value at every evaluation: does it draw random numbers?"
    }
    if result.reason != nil { return result }
    for leaf in leaves ?? Array(values.indices) where values[leaf].count > 0 {
      let exempt = tape.exemptRows![leaf] ?? []
      if !exempt.isEmpty { result.remarks.append(remark(leaf, exempt)) }
      let line = GradientLine(
        middle: .init(input: values[leaf], output: output, gradient: gradients[leaf]), weights: cotangent(output),
        tolerance: tolerance, firstStep: step
      ) { input in
        var values = values
        values[leaf] = input
        let (output, gradients, _) = function(Tape(seed: seed), values, cotangent)
        return .init(input: input, output: output, gradient: gradients[leaf])
      }
      compare(names[leaf], line, directions, exempt, &generator, &result)
    }
    if result.worst != nil && !isRecorded {
      result.reason =
        "the function's result is not recorded: it depends on nothing that was passed to the closure, as far as the "
        + "tape knows. Is it made with `.recorded`, from `back` of the inputs?"
    }
    return result
  }

  /// Compares one tensor's gradient along random directions, until one fails.
  private func compare(
    _ name: String, _ line: GradientLine<Scalar>, _ directions: Int, _ exempt: Set<Int32>,
    _ generator: inout RandomGenerator, _ result: inout GradientCheck
  ) {
    var readings: [GradientLine<Scalar>.Reading] = []
    for number in 0..<directions {
      let sizes = line.middle.input.sizes(areOwn: number % 2 == 1, exempt: exempt)
      let direction = sizes * Tensor(normal: sizes.shape, using: &generator)
      guard direction.elements.contains(where: { $0 != 0 }) else { continue }
      guard let reading = line.reading(along: direction) ?? line.reading(along: direction.magnitudes) else {
        result.reason = "\(name): next to the point the function or its gradient is not finite, on either side"
        return
      }
      let comparison = GradientCheck.Comparison(name, nil, reading, per: 1)
      result.directions.append(comparison)
      readings.append(reading)
      guard !reading.agrees(tolerance) else { continue }
      let worst = worstElement(name, line, sizes, reading) ?? comparison
      if result.worst == nil || !(worst.error <= result.worst!.error) { result.worst = worst }
      return
    }
    if readings.contains(where: \.isAtKink) {
      result.remarks.append("\(name) is at a kink or next to one: compared on either side of it")
    }
    let uncertainty = readings.filter { $0.scale > 0 }.map { $0.uncertainty / $0.scale }.min() ?? 0
    if uncertainty > 0.01 {
      result.remarks.append("finite differences of \(name) are uncertain by \(Float(100 * uncertainty)) %")
    }
  }

  /// The element with the largest error. In a large tensor, it is sought in the half that is off by more, until few
  /// elements are left.
  private func worstElement(
    _ name: String, _ line: GradientLine<Scalar>, _ sizes: Tensor<Scalar>, _ failed: GradientLine<Scalar>.Reading
  ) -> GradientCheck.Comparison? {
    func direction(_ range: Range<Int>) -> Tensor<Scalar> {
      var generator = RandomGenerator(seed: seed &+ UInt64(range.lowerBound))
      var direction = Tensor<Scalar>(zeros: sizes.shape)
      direction.withMutablePointer { direction in
        for i in range {
          direction[i] = range.count == 1 || Bool.random(using: &generator) ? sizes.elements[i] : -sizes.elements[i]
        }
      }
      return direction
    }
    func error(_ range: Range<Int>) -> Double {
      line.reading(along: direction(range), step: failed.step)?.error.magnitude ?? 0
    }
    var range = 0..<sizes.count
    // A NaN or an infinite number spoils the sum along any direction, even where it is multiplied by 0.
    if let offset = line.middle.gradient.elements.firstIndex(where: { !$0.isFinite }) { range = offset..<offset + 1 }
    while range.count > 256 {
      let middle = range.lowerBound + range.count / 2
      let halves = [range.lowerBound..<middle, middle..<range.upperBound]
      range = error(halves[0]) >= error(halves[1]) ? halves[0] : halves[1]
    }
    let errors = range.map { (offset: $0, error: error($0..<$0 + 1)) }.sorted { $0.error > $1.error }
    for (offset, _) in errors.prefix(8) where sizes.elements[offset] != 0 {
      let reading = line.reading(along: direction(offset..<offset + 1))
      if let reading, !reading.agrees(tolerance) {
        return GradientCheck.Comparison(
          name, sizes.shape.position(of: offset), reading, per: Double(sizes.elements[offset]))
      }
    }
    return nil
  }

  private func remark(_ leaf: Int, _ rows: Set<Int32>) -> String {
    let list = rows.sorted().prefix(5).map(String.init).joined(separator: ", ") + (rows.count > 5 ? ", …" : "")
    return "left out: row \(list) of \(names[leaf]), whose gradient is by design not the derivative "
      + "(paddingIndex or scalesGradientByFrequency)"
  }
}

extension Tape {
  /// A result as one of this step, which it isn't if it wasn't recorded. All gradients are 0 then.
  func tracking(_ result: Variable<Scalar>, isRecorded: inout Bool) -> Variable<Scalar> {
    isRecorded = result.isTracked
    return isRecorded ? result : Variable(result.value, tape: self, index: newIndex(of: result.shape))
  }
}

extension GradientCheck.Comparison {
  /// What a reading along a direction says, for a direction of length 1.
  fileprivate init<Scalar>(
    _ name: String, _ position: [Int]?, _ reading: GradientLine<Scalar>.Reading, per length: Double
  ) {
    self.init(
      name: name, position: position, gradient: reading.gradient / length,
      finiteDifference: reading.slope / length, uncertainty: reading.uncertainty / length,
      isAtKink: reading.isAtKink)
  }
}

extension Tensor {
  fileprivate var magnitudes: Tensor { Tensor(shape: shape, elements: elements.map(\.magnitude)) }

  /// How far the elements move: by their own sizes, or all by their root mean square, 1 if they are 0. Rows that are
  /// exempt stay.
  fileprivate func sizes(areOwn: Bool, exempt: Set<Int32>) -> Tensor {
    let mean = Scalar((squaredNorm / Double(count)).squareRoot())
    let common = mean > 0 && mean.isFinite ? mean : 1
    let stride = count / Swift.max(rank == 0 ? 1 : shape[0], 1)
    return Tensor(
      shape: shape,
      elements: elements.enumerated().map { offset, element in
        if !exempt.isEmpty && exempt.contains(Int32(offset / stride)) { return 0 }
        return areOwn && mean > 0 ? element.magnitude : common
      })
  }
}

extension Shape {
  /// The indices of the element at an offset in row-major order.
  fileprivate func position(of offset: Int) -> [Int] {
    var remaining = offset
    return indices.reversed().map { axis in
      defer { remaining /= self[axis] }
      return remaining % self[axis]
    }.reversed()
  }
}
