/// The value of a loss and its gradients with respect to a model's parameters.
///
///     let (loss, gradients) = valueWithGradients(at: model) { model, tape in
///       softmaxCrossEntropy(model(batch.texts, on: tape), batch.labels)
///     }
///
/// The closure gets a copy of the model whose parameters the tape tracks; only what is computed from that copy has
/// gradients. Nothing of the step is alive when the function returns, so that an optimizer then writes in place.
///
/// - Parameters:
///   - model: where to take the gradients.
///   - tape: one to record on; needed only for dropout, which takes its random numbers from it. Traps if it is
///     recording already.
///   - loss: a scalar of the model; traps on another shape, and if it doesn't depend on the model.
public func valueWithGradients<Model: Module>(
  at model: Model, on tape: Tape<Model.Scalar> = Tape(),
  _ loss: (Model, Tape<Model.Scalar>) throws -> Variable<Model.Scalar>
) rethrows -> (value: Model.Scalar, gradients: Gradients<Model>) {
  let (output, leaves) = try tape.pullback(at: model, loss) { output in
    require(output.shape.elementCount == 1, "valueWithGradients: a loss of shape \(output.shape), expected a scalar")
    return Tensor(ones: output.shape)
  }
  return (output.scalar, Gradients(leaves: leaves))
}

/// The value of a function of tensors and its gradients: for checks, and for optimizing something that isn't a model.
///
///     let (value, gradients) = valueWithGradients(at: [Tensor([1, 2, 3.0])]) { x in x[0].square().sum() }
///     print(value, gradients[0])  // 14.0 [2, 4, 6]
///
/// A tensor that the value doesn't depend on has a gradient of zeros. Traps unless the value is a scalar.
@specialized(where Scalar == Float)
public func valueWithGradients<Scalar: TensorScalar>(
  at tensors: [Tensor<Scalar>], on tape: Tape<Scalar> = Tape(),
  _ function: ([Variable<Scalar>]) throws -> Variable<Scalar>
) rethrows -> (value: Scalar, gradients: [Tensor<Scalar>]) {
  let (output, leaves) = try tape.pullback(at: tensors, function) { output in
    require(output.shape.elementCount == 1, "valueWithGradients: a value of shape \(output.shape), expected a scalar")
    return Tensor(ones: output.shape)
  }
  return (output.scalar, leaves)
}

extension Tape {
  /// A function's output at a model, and the leaves' gradients of Σ seed · output.
  func pullback<Model: Module<Scalar>>(
    at model: Model, _ function: (Model, Tape) throws -> Variable<Scalar>, seed: (Tensor<Scalar>) -> Tensor<Scalar>
  ) rethrows -> (output: Tensor<Scalar>, leaves: [LeafGradient<Scalar>?]) {
    begin()
    defer { end() }
    var tracked = model
    var numbering = LeafNumbering<Scalar>(on: self)
    tracked.visitParameters(&numbering)
    let output = try function(tracked, self)
    return (output.value, gradients(of: output, seed: seed(output.value), leafCount: numbering.count))
  }

  /// A function's output at some tensors, and their gradients of Σ seed · output.
  @specialized(where Scalar == Float)
  func pullback(
    at tensors: [Tensor<Scalar>], _ function: ([Variable<Scalar>]) throws -> Variable<Scalar>,
    seed: (Tensor<Scalar>) -> Tensor<Scalar>
  ) rethrows -> (output: Tensor<Scalar>, gradients: [Tensor<Scalar>]) {
    begin()
    defer { end() }
    let output = try function(tensors.map { Variable($0, tape: self, node: append($0.shape)) })
    let leaves = gradients(of: output, seed: seed(output.value), leafCount: tensors.count)
    return (
      output.value,
      zip(leaves, tensors).map { leaf, tensor in
        if case .dense(let gradient) = leaf { gradient } else { Tensor(zeros: tensor.shape) }
      }
    )
  }
}

/// Numbers the leaves of a model in the order of the visit.
struct LeafNumbering<Scalar: TensorScalar>: ParameterVisitor {
  private(set) var count = 0
  private let tape: Tape<Scalar>?

  /// As values of a tape's step; from 0 without a tape.
  @specialized(where Scalar == Float)
  init(on tape: Tape<Scalar>? = nil) { self.tape = tape }

  @specialized(where Scalar == Float)
  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) {
    parameter.leaf = next(parameter.value.shape)
  }

  @specialized(where Scalar == Float)
  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) {
    table.leaf = next(table.value.shape)
  }

  private mutating func next(_ shape: Shape) -> Leaf {
    defer { count += 1 }
    guard let tape else { return Leaf(number: count) }
    return Leaf(number: tape.append(shape), on: ObjectIdentifier(tape))
  }
}
