import SliceGrad

extension Case {
  /// Adam on every element of a matrix.
  static var denseAdam: [Case] {
    [10_000, 100_000, 1_000_000].map { rows in
      Case(
        name: "denseAdam", details: ["rows": .number(rows), "columns": 64], prepare: { try prepareDenseAdam(rows) })
    }
  }

  private static func prepareDenseAdam(_ rows: Int) throws -> PreparedCase {
    var generator = RandomGenerator(seed: 1)
    var parameter = Tensor<Float>(uniform: [rows, 64], in: -1..<1, using: &generator)
    let gradient = Tensor<Float>(uniform: [rows, 64], in: -1..<1, using: &generator)
    let rule = Adam<Float>(learningRate: 0.01)
    var state = rule.initialState(for: parameter.shape)

    let checked = stride(from: 0, to: parameter.count, by: 997)
    var reference = AdamReference(checked.lazy.map { parameter.elements[$0] }, learningRate: 0.01)
    reference.update(gradient: checked.map { Double(gradient.elements[$0]) })
    rule.update(&parameter, with: gradient, state: &state)
    for (position, element) in checked.enumerated() {
      try expect(
        parameter.elements[element], equals: reference.parameters[position], tolerance: 1e-5, "element \(element)")
      try expect(
        state.firstMoment.elements[element], equals: reference.firstMoment[position], tolerance: 1e-6,
        "the first moment of element \(element)")
    }
    return PreparedCase(
      stateBytes: (state.firstMoment.count + state.secondMoment.count) * MemoryLayout<Float>.stride,
      step: { rule.update(&parameter, with: gradient, state: &state) })
  }
}
