import SliceGradKernels

/// The exponential moving average of a model's parameters, which often does better than the last ones (Polyak and
/// Juditsky 1992; for deep networks e.g. Tarvainen and Valpola 2017).
///
///     var average = ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.999)
///     for batch in batches {
///       …
///       optimizer.update(&model, with: gradients)
///       average.update(with: model, after: gradients)
///     }
///     let accuracy = evaluate(average.applied(to: model))
///
/// a := a + (1 − decay) (θ − a) after each update of θ. A table's row without a gradient has stood still, so that k
/// updates later a is θ + decayᵏ (a − θ). A step therefore costs what its rows cost: a row's average is brought up to
/// date when the row is next seen. With `Densifying`, every row of a table changes in every update, and is averaged
/// then. `torch.optim.swa_utils.AveragedModel` always goes through the whole
/// table.
public struct ExponentialMovingAverage<Model: Module>: Sendable {
  public typealias Scalar = Model.Scalar

  /// The weight of what was, in `0..<1`.
  public let decay: Double

  /// The number of updates so far.
  public private(set) var step = 0

  private var leaves: [LeafAverage<Scalar>]

  /// The average of a model that starts with its parameters. It takes the memory of its parameters and tables, and of
  /// the rows that were touched. Buffers are not averaged: it has those of the last update.
  ///
  /// Traps on a decay out of its range, and if a rule of the optimizer puts changes off, as `SparseAdam` with
  /// `weightDecay: .caughtUp` does: the average would be of numbers that nobody has evaluated.
  public init(of model: Model, trainedBy optimizer: ModelOptimizer<Model>, decay: Double = 0.999) {
    require((0..<1).contains(decay), "ExponentialMovingAverage: decay \(decay) is not in 0.0..<1.0")
    self.decay = decay
    let (modelLeaves, rowChanges) = (model.leaves, optimizer.rowChanges)
    require(
      modelLeaves.count == rowChanges.count,
      "ExponentialMovingAverage: an optimizer of \(rowChanges.count) leaves for a model of \(modelLeaves.count)")
    leaves = zip(modelLeaves, rowChanges).map { leaf, changes in
      require(
        changes != .postponed,
        "ExponentialMovingAverage: the rule of \(leaf.name) puts changes off; "
          + "take weightDecay .touchedRows, or Densifying(AdamW())")
      return LeafAverage(leaf, hasRows: leaf.kind == .table && changes == .withGradient)
    }
  }

  /// Takes the model into account after an update by these gradients. Traps if it has other parameters than at the
  /// start.
  public mutating func update(with model: Model, after gradients: Gradients<Model>) {
    step += 1
    for (i, value) in values(of: model).enumerated() {
      leaves[i].update(with: value, gradient: gradients.leaves[i], decay: decay, step: step)
    }
  }

  /// Takes rows of tables into account that were set by hand after the last update, word vectors for example: no
  /// gradient shows them. The averages move towards them from here on, as those of parameters do without a call.
  ///
  /// - Complexity: O(v d) for each table.
  public mutating func noteRows(setIn model: Model) {
    for (i, value) in values(of: model).enumerated() { leaves[i].noteRows(setIn: value, decay: decay, step: step) }
  }

  /// The model's parameters. Traps if they are others than at the start.
  private func values(of model: Model) -> [Tensor<Scalar>] {
    var (copy, values): (Model, [Tensor<Scalar>]) = (model, [])
    copy.forEachLeaf { value, _, _, _ in values.append(value) }
    require(
      values.map(\.shape) == leaves.map(\.average.shape),
      "ExponentialMovingAverage: the model has other parameters than at the start")
    return values
  }

  /// A copy of the model with the averages as its parameters, and the buffers of the last update. Traps if the model
  /// has other parameters than at the start.
  ///
  /// - Complexity: O(n) for n numbers in the model.
  public func applied(to model: Model) -> Model {
    _ = values(of: model)
    var result = model
    result.replaceLeaves { leaves[$0].current(decay: decay, step: step) }
    return result
  }
}

extension ExponentialMovingAverage: Restorable {
  public mutating func visitFields(_ visit: inout FieldVisitor) {
    visit(&step, "step")
    for i in leaves.indices { visit(&leaves[i], leaves[i].name) }
  }
}

/// The average of one leaf.
private struct LeafAverage<Scalar: TensorScalar>: Restorable {
  let name: String
  let isBuffer: Bool
  /// Of a buffer its last numbers.
  var average: Tensor<Scalar>
  /// For each touched row of a table its numbers in the model when it was last touched, which it has had since.
  var lastValues: RowState<Scalar>?
  /// For each touched row the update after which `average` has it.
  var lastSteps: [Int32] = []

  init(_ leaf: ModelLeaf<Scalar>, hasRows: Bool) {
    name = leaf.name
    isBuffer = leaf.kind == .buffer
    average = leaf.value
    if hasRows { lastValues = RowState(tableShape: average.shape, width: average.shape[1]) }
  }

  mutating func visitFields(_ visit: inout FieldVisitor) {
    visit(&average, "average")
    visit(&lastValues, "lastValues")
    if let lastValues { visit(&lastSteps, count: lastValues.rows.count, "lastSteps") }
  }

  mutating func update(with value: Tensor<Scalar>, gradient: LeafGradient<Scalar>?, decay: Double, step: Int) {
    if isBuffer {
      average = value
    } else if lastValues == nil {
      update(with: value, decay: decay)
    } else if case .sparse(let slices) = gradient {
      require(
        slices.denseShape == value.shape,
        "ExponentialMovingAverage: \(name) of shape \(value.shape), a gradient of shape \(slices.denseShape)")
      update(slices.coalesced().indices, of: value, decay: decay, weight: 1 - decay, step: step)
    }
  }

  /// Notes the rows that aren't what they were when they were last seen, as the ones that they have from here on.
  mutating func noteRows(setIn value: Tensor<Scalar>, decay: Double, step: Int) {
    guard let lastValues else { return }
    let (new, first, columns) = (value.elements, average.elements, value.shape[1])
    let changed = (0..<value.shape[0]).filter { row in
      let range = row * columns..<(row + 1) * columns
      return !(lastValues[row: row] ?? ArraySlice(first[range])).elementsEqual(new[range])
    }
    update(changed.map { Int32($0) }, of: value, decay: decay, weight: 0, step: step + 1)
    lastSteps = lastSteps.map { min($0, Int32(step)) }
  }

  /// a := a + (1 − decay) (θ − a)
  private mutating func update(with value: Tensor<Scalar>, decay: Double) {
    value.withPointer { value in
      average.withMutablePointer { [count = average.count] average in
        Threads.forEachRange(ofStream: count) {
          Scalar.Kernels.lerp(average + $0, value + $0, Scalar(1 - decay), $1 - $0)
        }
      }
    }
  }

  /// The same for some rows, with another weight than 1 − decay for their numbers now, after what they have missed.
  private mutating func update(_ rows: [Int32], of value: Tensor<Scalar>, decay: Double, weight: Double, step: Int) {
    guard value.count > 0, !rows.isEmpty else { return }
    let (touched, columns) = (lastValues!.touch(rows), value.shape[1])
    // A row that was never touched has had its first value, which is its average too: it has missed nothing.
    let missed = lastSteps.note(touched, in: step).map { $0 == 0 ? 0 : Scalar(1 - pow(decay, Double($0))) }
    value.withPointer { value in
      average.withMutablePointer { average in
        lastValues!.withState(of: touched) { rows in
          rows.share(columns: columns) {
            Scalar.Kernels.lerpRows(average, value, $0, missed, Scalar(weight), columns)
          }
        }
      }
    }
  }

  /// The average with what its rows have missed.
  func current(decay: Double, step: Int) -> Tensor<Scalar> {
    guard let lastValues, !lastValues.rows.isEmpty, average.count > 0 else { return average }
    var result = average
    let columns = average.shape[1]
    result.withMutablePointer { result in
      for (slot, row) in lastValues.rows.enumerated() where lastSteps[slot] < step {
        let missed = Scalar(1 - pow(decay, Double(step - Int(lastSteps[slot]))))
        lastValues[row: Int(row)]!.withUnsafeBufferPointer {
          Scalar.Kernels.lerp(result + Int(row) * columns, $0.baseAddress!, missed, columns)
        }
      }
    }
    return result
  }
}
