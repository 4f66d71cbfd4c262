/// The record of a computation, and the walk back through it: the whole reverse-mode engine.
///
/// The tracked values of a step get indices in the order in which they are computed. An edge leads from a result back
/// to its inputs. A result's index is larger than its inputs', so that a walk from the last edge to the first meets
/// each result after all its uses: no sorting, no recursion. The walk consumes the edges, and with them what their
/// pullbacks hold.
///
/// Most programs never name a tape. One made with a seed and used for every step owns the random numbers of dropout:
///
///     let tape = Tape<Float>(seed: 1)
///     for batch in batches {
///       let (_, gradients) = valueWithGradients(at: model, on: tape) { model in
///         softmaxCrossEntropy(model(batch.texts).dropout(0.1), batch.labels)
///       }
///       optimizer.update(&model, with: gradients)
///     }
public final class Tape<Scalar: TensorScalar> {
  /// The source of the random numbers of operations, if the tape was made with a seed.
  public var generator: RandomGenerator?

  /// From a result back to its inputs.
  private struct Edge {
    let result: Int
    let inputs: Inputs
  }

  /// The inputs that an edge leads to, by their indices; in a joint edge nil stands for one that isn't tracked.
  enum Inputs {
    case one(Int, Variable<Scalar>.WayBack.Kind)
    case joint([Int?], (Tensor<Scalar>) -> [Tensor<Scalar>?])
  }

  /// The step's values. Indices go on from step to step, so that a value kept from an earlier one is recognized.
  // Exclusive access needn't be checked at run time: pullbacks are called while these are changed, but may not record.
  @exclusivity(unchecked) private var cotangents: [Cotangent<Scalar>] = []
  @exclusivity(unchecked) private var edges: [Edge] = []
  private var firstIndex = 0
  private var isRecording = false
  private var isWalkingBack = false

  /// Rows of leaves whose gradients are by design not the derivatives; noted unless it is nil.
  var exemptRows: [Int: Set<Int32>]?

  /// A tape. Without a seed, operations that need random numbers trap.
  @specialized(where Scalar == Float)
  public init(seed: UInt64? = nil) {
    generator = seed.map { RandomGenerator(seed: $0) }
  }

  // MARK: A step

  /// Makes a step: records a function of some leaves and walks back.
  ///
  /// - Parameters:
  ///   - function: gives each leaf its index before anything else is recorded, and computes the output. It gets the
  ///     number of the step.
  ///   - cotangent: the weights of the output's elements.
  /// - Returns: the output, and for each leaf the gradient of Σ cotangent · output, as far as it is summed.
  @specialized(where Scalar == Float)
  func step(
    _ function: (_ number: Int) throws -> (output: Variable<Scalar>, leafCount: Int),
    cotangent: (Tensor<Scalar>) -> Tensor<Scalar>
  ) rethrows -> (output: Tensor<Scalar>, leaves: [Cotangent<Scalar>]) {
    require(!isRecording, "this tape is already recording a step; use another one for the inner step")
    isRecording = true
    cotangents.reserveCapacity(16)
    edges.reserveCapacity(16)
    defer {  // whether the step came to its gradients or not
      edges.removeAll(keepingCapacity: true)
      firstIndex += cotangents.count
      cotangents.removeAll(keepingCapacity: true)
      (isRecording, isWalkingBack) = (false, false)
    }
    let (output, leafCount) = try withStep(function)
    isWalkingBack = true
    walkBack(from: output, cotangent: cotangent(output.value))
    return (output.value, Array(cotangents[..<leafCount]))
  }

  /// The index of a new value of this shape.
  @specialized(where Scalar == Float)
  func newIndex(of shape: Shape, isTable: Bool = false, isFetched: Bool = false) -> Int {
    require(isRecording, "a variable is used after its training step has ended")
    require(!isWalkingBack, "a pullback computes with a variable of the step; take its `.value`")
    cotangents.append(Cotangent(shape: shape, isTable: isTable, isFetched: isFetched))
    return firstIndex + cotangents.count - 1
  }

  /// How many values of the step have an index.
  var recordedCount: Int {
    @specialized(where Scalar == Float)
    get { cotangents.count }
  }

  /// Records how the gradient of a result goes back to its inputs.
  func record(_ result: Int, from inputs: Inputs) { edges.append(Edge(result: result, inputs: inputs)) }

  /// Notes the numbers that a buffer is to hold after the step.
  func assign(_ value: Tensor<Scalar>, toBuffer index: Int) { cotangents[position(of: index)].assigned = value }

  // MARK: Walking back

  /// Sends the cotangent of the output back to the leaves.
  @specialized(where Scalar == Float)
  private func walkBack(from output: Variable<Scalar>, cotangent: Tensor<Scalar>) {
    guard let index = output.index, output.tape === self else {
      trap("the result of this step isn't recorded on its tape: it depends on nothing that was passed to the closure")
    }
    cotangents[position(of: index)].add(cotangent)
    while let edge = edges.popLast() {
      let result = position(of: edge.result)
      guard let gradient = cotangents[result].sum else { continue }
      sendBack(gradient, to: edge.inputs)
      if edges.last?.result != edge.result { cotangents[result].sum = nil }  // That was its last edge.
    }
  }

  /// The position of a value among those of this step. Traps on one of an earlier step.
  private func position(of index: Int) -> Int {
    require(index >= firstIndex, "a variable is used after its training step has ended")
    return index - firstIndex
  }

  /// Adds what the gradient of a result contributes to its inputs' cotangents.
  private func sendBack(_ gradient: Tensor<Scalar>, to inputs: Inputs) {
    switch inputs {
    case .one(let input, .pullback(let pullback)):
      cotangents[position(of: input)].add(pullback(gradient))
    case .one(let input, .adding(let add)):
      cotangents[position(of: input)].add(gradient, by: add)
    case .one(let table, .rows(let lookup)):
      cotangents[position(of: table)].rows.append(RowContribution(lookup, of: gradient))
      exemptRows?[position(of: table), default: []].formUnion(lookup.exemptRows())
    case .joint(let indices, let pullback):
      let contributions = pullback(gradient)
      require(
        contributions.count == indices.count,
        "a joint pullback returned \(contributions.count) gradients for \(indices.count) inputs")
      for (index, contribution) in zip(indices, contributions) {
        guard let index else { continue }
        guard let contribution else { trap("a joint pullback returned no gradient for an input that is tracked") }
        cotangents[position(of: index)].add(contribution)
      }
    }
  }
}
