/// The value of a loss and its gradients with respect to a model's parameters.
///
///     let (loss, gradients) = valueWithGradients(at: model) { model in
///       softmaxCrossEntropy(model(batch.texts), batch.labels)
///     }
///     print(loss > 0, gradients)  // true Gradients: 12 rows of [1004, 64], [40, 64], [40]
///
/// The closure gets a copy of the model, whose parameters a tape tracks. Only what is computed from that copy has
/// gradients, and the copy is valid only in the closure. Nothing of the step is alive when the function returns, so
/// that an optimizer can write in place.
///
/// - Parameters:
///   - model: the model at which to take the gradients.
///   - tape: the tape to record on; needed only for dropout, which takes its random numbers from it. Traps if it is
///     already recording.
///   - loss: the loss of the model, a scalar. Traps if it has another shape, and if it doesn't depend on the model.
/// - Complexity: that of the loss and of its pullbacks, plus O(parameters). The rows of a table that aren't looked up
///   cost nothing: a table whose n rows of d columns are looked up takes O(n d), however many it has.
public func valueWithGradients<Model: Module>(
  at model: Model, on tape: Tape<Model.Scalar> = Tape(),
  _ loss: (Model) throws -> Variable<Model.Scalar>
) rethrows -> (value: Model.Scalar, gradients: Gradients<Model>) {
  let (output, leaves) = try tape.step(at: model, loss, cotangent: { unitCotangent(of: $0) })
  return (output.scalar, Gradients(leaves: leaves.map(\.leafGradient)))
}

/// The same for a closure that returns something more than the loss: logits, a state for the next step.
///
///     let (loss, logits, gradients) = valueWithGradients(at: model) { model in
///       let logits = model(batch.texts)
///       return (softmaxCrossEntropy(logits, batch.labels), logits.value)
///     }
///     print(logits.shape)  // [3, 40]
public func valueWithGradients<Model: Module, Extra>(
  at model: Model, on tape: Tape<Model.Scalar> = Tape(),
  _ loss: (Model) throws -> (Variable<Model.Scalar>, Extra)
) rethrows -> (value: Model.Scalar, extra: Extra, gradients: Gradients<Model>) {
  var extra: Extra?
  let (value, gradients) = try valueWithGradients(at: model, on: tape) { model in
    let (loss, more) = try loss(model)
    extra = more
    return loss
  }
  return (value, extra!, gradients)
}

/// Compares the gradients of a model's parameters and tables with finite differences. See the other `checkGradients`.
/// Traps if `visitParameters` forgets one.
///
///     let check = checkGradients(at: model) { model in softmaxCrossEntropy(model(batch.texts), batch.labels) }
///     print(check)  // gradients agree with finite differences along 9 directions
public func checkGradients<Model: Module>(
  at model: Model, directions: Int = 3, tolerance: Double? = nil, step: Double? = nil, seed: UInt64 = 0,
  _ function: @escaping (Model) -> Variable<Model.Scalar>
) -> GradientCheck {
  checkVisits(of: model)
  let leaves = model.leaves
  let checker = GradientChecker<Model.Scalar>(
    names: leaves.map(\.name), tolerance: tolerance, step: step, seed: seed
  ) { tape, values, cotangent in
    var (changed, isRecorded) = (model, true)
    changed.replaceLeaves { values[$0] }
    let (output, gradients) = tape.step(
      at: changed, { tape.tracking(function($0), isRecorded: &isRecorded) }, cotangent: cotangent)
    let dense: [Tensor<Model.Scalar>] = zip(gradients, values).map { gradient, value in
      switch gradient.leafGradient {
      case .dense(let gradient): gradient
      case .sparse(let slices): slices.densified()
      case .assigned, nil: Tensor(zeros: value.shape)
      }
    }
    return (output, dense, isRecorded)
  }
  return checker.check(
    at: leaves.map(\.value), comparing: leaves.indices.filter { leaves[$0].kind != .buffer }, directions: directions)
}

extension Tape {
  /// A function's output at a model, and the gradients of Σ cotangent · output with respect to the model's leaves.
  func step<Model: Module<Scalar>>(
    at model: Model, _ function: (Model) throws -> Variable<Scalar>, cotangent: (Tensor<Scalar>) -> Tensor<Scalar>
  ) rethrows -> (output: Tensor<Scalar>, leaves: [Cotangent<Scalar>]) {
    try step(
      { number in
        var tracked = model
        var visit = ParameterVisitor(tracking: self, step: number)
        tracked.visitParameters(&visit)
        let leafCount = recordedCount
        return (try function(tracked), leafCount)
      }, cotangent: cotangent)
  }
}
