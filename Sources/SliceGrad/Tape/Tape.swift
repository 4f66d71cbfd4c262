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
  /// - Returns: the output, and for each leaf the gradient of Σ cotangent · output; nil where none arrived.
  @specialized(where Scalar == Float)
  func step(
    _ function: (_ number: Int) throws -> (output: Variable<Scalar>, leafCount: Int),
    cotangent: (Tensor<Scalar>) -> Tensor<Scalar>
  ) rethrows -> (output: Tensor<Scalar>, gradients: [LeafGradient<Scalar>?]) {
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
    return (output.value, gradients(of: output, cotangent: cotangent(output.value), leafCount: leafCount))
  }

  /// The index of a new value of this shape.
  @specialized(where Scalar == Float)
  func newIndex(of shape: Shape, isTable: Bool = false) -> Int {
    require(isRecording, "a variable is used after its training step has ended")
    require(!isWalkingBack, "a pullback computes with a variable of the step; take its `.value`")
    cotangents.append(Cotangent(shape: shape, isTable: isTable))
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

  /// The gradients of the leaves, the first values of the step.
  @specialized(where Scalar == Float)
  private func gradients(
    of output: Variable<Scalar>, cotangent: Tensor<Scalar>, leafCount: Int
  ) -> [LeafGradient<Scalar>?] {
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
    return (0..<leafCount).map { cotangents[$0].leafGradient }
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
      cotangents[position(of: table)].rows.append((lookup.indices, lookup.merging(gradient)))
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

/// The gradient of one value of a step, as far as it has been summed on the way back.
private struct Cotangent<Scalar: TensorScalar> {
  let shape: Shape
  /// Whether the value is a table, so that its gradient is a few rows, or all of them.
  let isTable: Bool
  var sum: Tensor<Scalar>?
  /// If the value is a table, the contributions of its look-ups, the last one first.
  var rows: [(indices: [Int32], merge: RowLookup<Scalar>.Merge)] = []
  /// If the value is a buffer, what it is to hold after the step.
  var assigned: Tensor<Scalar>?

  init(shape: Shape, isTable: Bool) {
    self.shape = shape
    self.isTable = isTable
  }

  /// Adds a contribution, summed over the axes along which the value was broadcast.
  mutating func add(_ contribution: Tensor<Scalar>) {
    let contribution = contribution.summed(to: shape)
    if sum == nil { sum = contribution } else { sum! += contribution }
  }

  /// Lets `add` add a gradient's contribution in place.
  mutating func add(_ gradient: Tensor<Scalar>, by add: (Tensor<Scalar>, inout Tensor<Scalar>) -> Void) {
    if sum == nil { sum = Tensor(zeros: shape) }
    add(gradient, &sum!)
    require(sum!.shape == shape, "a way back by adding changed the shape of the sum from \(shape) to \(sum!.shape)")
  }

  var leafGradient: LeafGradient<Scalar>? {
    if let assigned { return .assigned(assigned) }
    guard isTable else { return sum.map { .dense($0) } }
    if let sum { return .sparse(IndexedSlices(merging: rows.reversed(), intoAllRows: sum)) }
    return rows.isEmpty ? nil : .sparse(IndexedSlices(merging: rows.reversed(), denseShape: shape))
  }
}

/// What a step yields for one leaf: the gradient of a `Parameter`, which is a tensor, or of an `EmbeddingTable`, which
/// is a few rows, or the numbers that the step assigned to a `Buffer`.
enum LeafGradient<Scalar: TensorScalar>: Equatable, Sendable {
  case dense(Tensor<Scalar>)
  case sparse(IndexedSlices<Scalar>)
  case assigned(Tensor<Scalar>)
}
