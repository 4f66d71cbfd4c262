import SliceGradKernels

/// The exponential moving average of a model's parameters, which often does better than the last parameters.
///
/// After each update of θ: a := a + (1 − decay) (θ − a).
///
///     var layer = Dense<Double>(weight: Tensor([[1]]), bias: nil)
///     var optimizer = ModelOptimizer(for: layer, dense: SGD(learningRate: 1))
///     var average = ExponentialMovingAverage(of: layer, trainedBy: optimizer, decay: 0.75)
///     for _ in 0..<2 {
///       let (_, gradients) = valueWithGradients(at: layer) { $0.weight.variable.sum() }
///       optimizer.update(&layer, with: gradients)
///       average.update(with: layer, after: gradients)
///     }
///     print(layer.weight.value, average.applied(to: layer).weight.value)  // [[-1]] [[0.3125]]
///
/// A row of a table stays as it is while it has no gradient: k such updates later, its average is θ + decayᵏ (a − θ).
/// It is therefore enough to bring a row's average up to date when the row next has a gradient, and a step costs what
/// its rows cost. With `Densifying`, every update changes every row of a table, and all of them are averaged.
/// `torch.optim.swa_utils.AveragedModel` always goes through the whole table.
///
/// Sources: Polyak and Juditsky, “Acceleration of Stochastic Approximation by Averaging” (1992); for deep networks:
/// Tarvainen and Valpola, “Mean teachers are better role models” (2017).
public struct ExponentialMovingAverage<Model: Module>: Sendable {
  public typealias Scalar = Model.Scalar

  /// The weight of the average so far, in `0..<1`.
  public let decay: Double

  /// The number of updates so far.
  public private(set) var step = 0

  private var leaves: [LeafAverage<Scalar>]

  /// An average that starts with the parameters of a model. It takes as much memory as these, and again as much as the
  /// rows of tables that have been touched. Buffers are not averaged: it keeps those of the last update.
  ///
  /// Traps on a decay out of its range, and if a rule of the optimizer puts changes off, as `SparseAdam` does with
  /// `inactiveRows: .caughtUp` or `weightDecay: .caughtUp`: the average would be one of rows that have yet to change.
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
          + "take inactiveRows .decayed and weightDecay .touchedRows, or Densifying(AdamW())")
      return LeafAverage(leaf, hasRows: leaf.kind == .table && changes == .withGradient)
    }
  }

  /// An average to restore, of leaves by name and shape, some of them with rows.
  package init(decay: Double, leaves: [(name: String, shape: Shape, hasRows: Bool)]) {
    self.decay = decay
    self.leaves = leaves.map { name, shape, hasRows in
      LeafAverage(ModelLeaf(name: name, value: Tensor(zeros: shape), kind: .parameter), hasRows: hasRows)
    }
  }

  /// Goes on where another average stopped, after the model has changed; see `ModelOptimizer.takeWhatFits`. This
  /// average is new, made of the model as it is now. Leaves that don't fit, and new rows of tables, begin with the
  /// model's numbers. Traps if this average has made updates.
  ///
  /// - Returns: which leaves' averages were taken, and which were left.
  /// - Complexity: O(n) for n numbers in tables that grow.
  public mutating func takeWhatFits<Other: Module<Scalar>>(
    from other: ExponentialMovingAverage<Other>, growingTables: Bool = false
  ) -> FitReport {
    require(
      step == 0, "ExponentialMovingAverage.takeWhatFits: this average has made \(step) updates, expected a new one")
    step = other.step
    return FitReport(of: leaves.map(\.namedShape), with: other.leaves.map(\.namedShape), growingTables: growingTables) {
      let growth = TableGrowth(old: other.leaves[$1].average.shape, new: leaves[$0].average.shape)
      guard let continued = leaves[$0].continuing(other.leaves[$1], for: growth) else {
        return (other.leaves[$1].description, leaves[$0].description)
      }
      leaves[$0] = continued
      return nil
    }
  }

  /// Takes the model into account after an update with these gradients. Traps if it has other parameters than at the
  /// start.
  ///
  /// - Complexity: O(n) for n numbers in parameters, and in the rows of tables that the update has changed.
  public mutating func update(with model: Model, after gradients: Gradients<Model>) {
    let (found, expected) = (gradients.leaves.count, leaves.count)
    require(found == expected, "ExponentialMovingAverage: gradients of \(found) leaves for \(expected) leaves")
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

  /// The values of the model's leaves. Traps if it has other parameters than at the start.
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
  let kind: LeafKind
  /// For a buffer, its numbers after the last update.
  var average: Tensor<Scalar>
  /// For each touched row of a table, its numbers in the model since it was last touched.
  var lastValues: RowState<Scalar>?
  /// For each touched row, the update up to which `average` is current.
  var lastSteps: [Int32] = []

  init(_ leaf: ModelLeaf<Scalar>, hasRows: Bool) {
    name = leaf.name
    kind = leaf.kind
    average = leaf.value
    if hasRows { lastValues = RowState(tableShape: average.shape, width: average.shape[1]) }
  }

  var namedShape: FitReport.NamedShape { (name, Array(average.shape), kind == .table) }
  var description: String { "an average of \(lastValues == nil ? "all rows" : "rows with a gradient")" }

  mutating func visitFields(_ visit: inout FieldVisitor) {
    visit(&average, "average")
    visit(&lastValues, "lastValues")
    if let lastValues { visit(&lastSteps, ofRowsIn: lastValues, "lastValues", "lastSteps") }
  }

  mutating func update(with value: Tensor<Scalar>, gradient: LeafGradient<Scalar>?, decay: Double, step: Int) {
    if kind == .buffer {
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
    lastSteps = lastSteps.map { min($0, Int32(clamping: step)) }
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

  /// The same for some rows, which first catch up on the updates that they have missed. Their numbers now count by
  /// `weight`.
  private mutating func update(_ rows: [Int32], of value: Tensor<Scalar>, decay: Double, weight: Double, step: Int) {
    guard value.count > 0, !rows.isEmpty else { return }
    let (touched, columns) = (lastValues!.touch(rows), value.shape[1])
    // Until a row is first touched, it is equal to its average, so that it has missed nothing.
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

  /// The average, with all rows caught up.
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
