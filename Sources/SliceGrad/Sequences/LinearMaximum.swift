extension Sequences {
  /// The maximum over each sequence's elements of each output of a dense layer, `[count, outputs]`: what
  /// `map { $0.linear(weight: weight, bias: bias) }.max()` is, and 0 for an empty sequence as well.
  ///
  /// Only elements that are a maximum have a gradient. So the way back is a look-up for each maximum, like that of a
  /// bag, in place of two products over all elements; and no `[n, outputs]` tensor is kept.
  ///
  ///     let texts = Sequences(values: Variable(Tensor<Float>([[1, 2], [3, 1], [5, 6]])), rowSplits: [0, 2, 3])
  ///     print(texts.maximum(ofLinear: Variable(Tensor([[1, 0], [0, 1]])), bias: nil).value)  // [[3, 2],
  ///                                                                                          //  [5, 6]]
  ///
  /// - Parameters:
  ///   - weight: `[outputs, d]` for elements `[n, d]`. Traps if they don't fit.
  ///   - bias: `[outputs]`
  /// - Complexity: O(n d outputs), and on the way back O(n d + count · outputs · d).
  public func maximum(ofLinear weight: Variable<Scalar>, bias: Variable<Scalar>?) -> Variable<Scalar> {
    require(
      values.shape.rank == 2 && weight.shape.rank == 2 && values.shape[1] == weight.shape[1],
      "maximum: elements \(values.shape) and weight \(weight.shape), expected [n, d] and [outputs, d]")
    let (x, w) = (values.value, weight.value)
    let outputs = Variable(x).linear(weight: Variable(w), bias: bias.map { Variable($0.value) }).value
    let (maxima, winners) = outputs.maxima(ofRowsIn: places)
    let chosen = Winners(elements: winners, outputs: w.shape[0])
    let (wantsInput, hasBias) = (values.isTracked, bias != nil)
    return .recorded(maxima, from: [values, weight] + (bias.map { [$0] } ?? [])) { g in
      let byOutput = chosen.placesByOutput()
      let byElement = wantsInput ? chosen.places(byElementOf: x.shape[0]) : nil
      return [
        byElement.map { bags in  // Σ g · W[output] over the outputs of which the element is the maximum
          w.sums(ofRowsIn: bags.mapped { chosen.output(of: $0) }, weights: g.elements(at: bags.values))
        },
        // Σ g · x[maximum] over the sequences
        x.sums(ofRowsIn: byOutput.mapped { winners[Int($0)] }, weights: g.elements(at: byOutput.values)),
        g.reshaped(to: [g.count, 1]).sums(ofRowsIn: byOutput, weights: nil).reshaped(to: [chosen.outputs]),
      ].dropLast(hasBias ? 0 : 1)
    }
  }
}

/// For each sequence and output the element with the maximum; −1 in an empty sequence. A place is the number of such a
/// pair, counted sequence by sequence.
private struct Winners {
  let elements: [Int32]
  let outputs: Int

  func output(of place: Int32) -> Int32 { place % Int32(outputs) }

  /// For each of n elements the places where it is the maximum.
  func places(byElementOf n: Int) -> RaggedIndices { .readers(of: elements.map { $0 < 0 ? nil : $0 }, count: n) }

  /// For each output its places in sequences that aren't empty.
  func placesByOutput() -> RaggedIndices {
    .readers(of: elements.indices.map { elements[$0] < 0 ? nil : Int32($0 % outputs) }, count: outputs)
  }
}

extension RaggedIndices {
  /// The same bags of other numbers.
  fileprivate func mapped(_ number: (Int32) -> Int32) -> RaggedIndices {
    RaggedIndices(values: values.map(number), rowSplits: rowSplits)
  }
}

extension Tensor {
  /// The elements at some places of the row-major order.
  fileprivate func elements(at places: [Int32]) -> Tensor {
    reshaped(to: [count]).gatheringRows(places, shape: [places.count])
  }
}
