import SliceGrad
import Testing

@Suite struct ModelOptimizerTests {
  private func gradients<Scalar>(
    of model: BagModel<Scalar>, _ bags: [[Int32]] = [[1, 2], [4]], _ labels: [Int32] = [0, 3]
  ) -> Gradients<BagModel<Scalar>> {
    valueWithGradients(at: model) { $0.loss(bags, labels) }.gradients
  }

  /// Parameters change by the rule for parameters, tables by the one for tables.
  @Test func leavesGoToTheirRules() throws {
    let before = BagModel<Double>()
    var model = before
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 0.5), sparse: SGD(learningRate: 20))
    let gradients = gradients(of: model)
    optimizer.update(&model, with: gradients)
    let table = try #require(gradients[\.embedding.weight, in: model]).densified()
    let weight = try #require(gradients[\.output.weight, in: model])
    let bias = try #require(gradients[\.output.bias!, in: model])
    #expect(model.embedding.weight.value.distance(to: before.embedding.weight.value - table * 20) < 1e-14)
    #expect(model.output.weight.value.distance(to: before.output.weight.value - weight * 0.5) < 1e-14)
    #expect(model.output.bias!.value.distance(to: before.output.bias!.value - bias * 0.5) < 1e-14)
    #expect(optimizer.step == 1)
  }

  /// Two Denses of one shape and rule have states of their own, in the order of the visit.
  @Test func everyLeafHasItsOwnState() {
    var generator = RandomGenerator(seed: 1)
    var network = (0..<2).map { _ in Dense<Double>(inputs: 3, outputs: 3, using: &generator) }
    var weights = network.map(\.weight.value)
    let rule = Adam<Double>(learningRate: 0.1)
    var states = weights.map { rule.initialState(for: $0.shape) }
    var optimizer = ModelOptimizer(for: network, dense: rule)
    for _ in 0..<5 {
      let x = generator.tensor([4, 3], of: Double.self)
      let (_, gradients) = valueWithGradients(at: network) { $0[1]($0[0](Variable(x))).square().sum() }
      for i in 0..<2 {
        let gradient = gradients[\.[i].weight, in: network]!
        rule.update(&weights[i], with: gradient, state: &states[i], learningRateFactor: 1)
      }
      optimizer.update(&network, with: gradients)
      #expect(network.map(\.weight.value) == weights)
    }
  }

  /// A leaf without a gradient stays, and its step isn't counted: its first update is a first step of Adam.
  @Test func leavesWithoutGradientsAreSkipped() throws {
    let start = BagModel<Double>()
    var model = start
    var optimizer = ModelOptimizer(for: model, dense: Adam(learningRate: 0.1), sparse: SparseAdam(learningRate: 0.1))
    for _ in 0..<10 {
      let (_, partial) = valueWithGradients(at: model) { model in model.output.bias!.variable.sum() }
      optimizer.update(&model, with: partial)
    }
    #expect(model.embedding.weight == start.embedding.weight)
    #expect(model.output.weight == start.output.weight)
    #expect(model.output.bias != start.output.bias)
    let gradients = gradients(of: model)
    optimizer.update(&model, with: gradients)
    // The first step of Adam is the learning rate in the direction of −g, up to ε.
    let weight = try #require(gradients[\.output.weight, in: model])
    for (number, (before, slope)) in zip(
      model.output.weight.value.elements, zip(start.output.weight.value.elements, weight.elements))
    {
      #expect(abs(number - (before - 0.1 * slope / (abs(slope) + 1e-8))) < 1e-12)
    }
    #expect(optimizer.step == 11)
  }

  @Test func learningRateFactor() {
    var (scaled, expected) = (BagModel<Double>(), BagModel<Double>())
    var scaledOptimizer = ModelOptimizer(
      for: scaled, dense: Adam(learningRate: 0.1, weightDecay: .decoupled(0.1)), sparse: SparseAdam(learningRate: 0.2))
    var optimizer = ModelOptimizer(
      for: expected, dense: Adam(learningRate: 0.05, weightDecay: .decoupled(0.1)),
      sparse: SparseAdam(learningRate: 0.1))
    for _ in 0..<5 {
      scaledOptimizer.update(&scaled, with: gradients(of: scaled), learningRateFactor: 0.5)
      optimizer.update(&expected, with: gradients(of: expected))
    }
    #expect(scaled == expected)
    let before = scaled
    scaledOptimizer.update(&scaled, with: gradients(of: scaled), learningRateFactor: 0)
    #expect(scaled == before)
  }

  /// A snapshot of model and optimizer goes on as they do, and is not changed by what they do.
  @Test func snapshots() {
    var (model, generator) = (BagModel<Float>(), RandomGenerator(seed: 1))
    var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
    let batches = (0..<6).map { _ in (0..<3).map { _ in generator.indices(count: 3, tableRows: 6) } }
    func train(_ model: inout BagModel<Float>, _ optimizer: inout ModelOptimizer<BagModel<Float>>, _ steps: Range<Int>)
    {
      for step in steps { optimizer.update(&model, with: gradients(of: model, batches[step], [0, 1, 2])) }
    }
    train(&model, &optimizer, 0..<3)
    var (savedModel, savedOptimizer) = (model, optimizer)
    train(&model, &optimizer, 3..<6)
    #expect(savedModel != model)
    train(&savedModel, &savedOptimizer, 3..<6)
    #expect(savedModel == model)
  }

  /// A rule of a user's own, without state.
  @Test func rulesOfOnesOwn() {
    struct SignDescent: Optimizer {
      func update(
        _ parameter: inout Tensor<Double>, with gradient: Tensor<Double>, state: inout EmptyState,
        learningRateFactor: Double
      ) {
        parameter += Tensor(shape: gradient.shape, elements: gradient.elements.map { $0 > 0 ? -1.0 : 1 })
      }
    }
    var model = BagModel<Double>()
    let before = model
    var optimizer = ModelOptimizer(for: model, dense: SignDescent(), sparse: SGD(learningRate: 0))
    optimizer.update(&model, with: gradients(of: model))
    #expect((model.output.weight.value - before.output.weight.value).elements.allSatisfy { abs(abs($0) - 1) < 1e-14 })
    #expect(model.embedding.weight == before.embedding.weight)
  }

  /// A generic rule with numbers for each element, against what it says, also with gradients of one number repeated.
  @Test func elementwiseRulesOfOnesOwn() {
    struct Momentum<Scalar: TensorScalar>: Optimizer {
      struct State: Restorable {
        var first, second: Tensor<Scalar>
        mutating func visitFields(_ visit: inout FieldVisitor) {
          visit(&first, "first")
          visit(&second, "second")
        }
      }
      func initialState(for shape: Shape) -> State {
        State(first: Tensor(zeros: shape), second: Tensor(ones: shape))
      }
      func update(
        _ parameter: inout Tensor<Scalar>, with gradient: Tensor<Scalar>, state: inout State, learningRateFactor: Double
      ) {
        parameter.update(with: gradient, &state.first, &state.second) { p, g, a, b in
          a += g
          b *= 2
          p -= a * b
        }
      }
    }
    let rule = Momentum<Double>()
    for shape in [[], [3], [0, 2]] as [Shape] {
      var (parameter, state) = (Tensor<Double>(ones: shape), rule.initialState(for: shape))
      let (before, gradient) = (parameter, Tensor<Double>(repeating: 3, shape: shape))
      rule.update(&parameter, with: gradient, state: &state)
      rule.update(&parameter, with: gradient, state: &state)
      #expect(parameter.elements.allSatisfy { $0 == 1 - 3 * 2 - 6 * 4 } && before.elements.allSatisfy { $0 == 1 })
    }
    var parameter = Tensor<Double>([1, 2])
    parameter.update(with: Tensor([10, -10])) { p, g in p -= 0.5 * g }
    var (first, kept) = (Tensor<Double>([1, 3]), Tensor<Double>([1, 3]))
    parameter.update(with: Tensor([1, 1]), &first) { p, g, a in
      a += 1
      p += a
    }
    swap(&first, &kept)
    #expect(parameter == Tensor([-2, 11]) && kept == Tensor([2, 4]) && first == Tensor([1, 3]))
  }

  /// Slices are added in place, repeats too; nothing else of the table changes.
  @Test func addingSlices() {
    var table = Tensor<Double>(ones: [4, 2])
    let before = table
    let slices = IndexedSlices<Double>(
      indices: [3, 0, 3], values: Tensor([[1, 2], [3, 4], [5, 6]]), denseShape: [4, 2])
    table.add(slices, scaledBy: -0.5)
    #expect(table.distance(to: before - slices.densified() * 0.5) < 1e-15 && table != before)
    #expect(table.row(1) == before.row(1) && before == Tensor(ones: [4, 2]))
  }

  /// A rule for tables of a user's own, with state for the rows it touches: momentum, as `SGD` has it.
  @Test func sparseRulesOfOnesOwn() {
    struct Momentum: Optimizer {
      struct State: Restorable {
        var rows: RowState<Double>
        mutating func visitFields(_ visit: inout FieldVisitor) { visit(&rows, "rows") }
      }
      func initialState(for shape: Shape) -> State { State(rows: RowState(tableShape: shape, width: shape[1])) }
      func update(
        _ parameter: inout Tensor<Double>, with gradient: IndexedSlices<Double>, state: inout State,
        learningRateFactor: Double
      ) {
        state.rows.update(gradient, of: &parameter) { row, gradient, momentum in
          for i in row.indices {
            momentum[i] = 0.5 * momentum[i] + gradient[i]
            row[i] -= 0.1 * momentum[i]
          }
        }
      }
    }
    var (model, expected) = (BagModel<Double>(), BagModel<Double>())
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 0.1), sparse: Momentum())
    var sgd = ModelOptimizer(
      for: model, dense: SGD(learningRate: 0.1), sparse: SGD(learningRate: 0.1, momentum: 0.5))
    for bags in [[[1, 2], [4]], [[2, 2], [5]], [[1], []]] as [[[Int32]]] {
      optimizer.update(&model, with: gradients(of: model, bags))
      sgd.update(&expected, with: gradients(of: expected, bags))
      #expect(model.embedding.weight.value.distance(to: expected.embedding.weight.value) < 1e-14)
    }
    let state = optimizer.state(of: \.embedding.weight, in: model, as: Momentum.State.self)
    #expect(state?.rows.rows == [1, 2, 4, 5] && state?.rows.touches(ofRow: 2) == 2)
  }

  /// A small classifier learns which words mark which class, by each pair of rules.
  @Test func smallModelsTrain() {
    train(dense: Adam(learningRate: 0.02), sparse: SparseAdam(learningRate: 0.05))
    train(dense: SGD(learningRate: 0.3, momentum: 0.9), sparse: SGD(learningRate: 2))
    train(dense: Adagrad(learningRate: 0.1), sparse: Adagrad(learningRate: 0.3))
    train(dense: RMSprop(learningRate: 0.01), sparse: Densifying(Adam(learningRate: 0.05)))
  }

  private func train(dense: some Optimizer<Tensor<Float>>, sparse: some Optimizer<IndexedSlices<Float>>) {
    var (generator, model) = (RandomGenerator(seed: 1), BagModel<Float>(rows: 40, columns: 8))
    var optimizer = ModelOptimizer(for: model, dense: dense, sparse: sparse)
    var losses: [Float] = []
    for _ in 0..<100 {
      let labels = generator.indices(count: 16, tableRows: 4)
      // Each class has ten words of its own; two of its words and one of any class make a text.
      let texts = labels.map { label in
        generator.indices(count: 2, tableRows: 10).map { $0 + 10 * label } + generator.indices(count: 1, tableRows: 40)
      }
      let (loss, gradients) = valueWithGradients(at: model) { $0.loss(texts, labels) }
      optimizer.update(&model, with: gradients)
      losses.append(loss)
    }
    #expect(losses[0] > 1)
    #expect(losses.suffix(10).reduce(0, +) / 10 < 0.4, "\(dense), \(sparse): \(losses.suffix(3))")
  }

  /// See `TrapTests`.
  private static let changedModel =
    "ModelOptimizer: the model has other parameters than when the optimizer was made for it; make one for the model as "
    + "it is, and let it takeWhatFits from this one"

  /// Updates a sequence of as many layers by an optimizer made for one of another length.
  private static func update(layers count: Int, madeFor made: Int) {
    var optimizer = ModelOptimizer(for: layers(made), dense: SGD(learningRate: 1))
    var model = layers(count)
    let (_, gradients) = valueWithGradients(at: layers(made)) { network in
      network.reduce(Variable(Tensor(ones: [1, 1]))) { $1($0) }.sum()
    }
    optimizer.update(&model, with: gradients)
  }

  private static func settle(layers count: Int, madeFor made: Int) {
    var optimizer = ModelOptimizer(for: layers(made), dense: SGD(learningRate: 1))
    var model = layers(count)
    optimizer.settle(&model)
  }

  /// A rule that makes a table of another rank.
  private struct Growing: Optimizer {
    func update(
      _ parameter: inout Tensor<Double>, with gradient: IndexedSlices<Double>, state: inout EmptyState,
      learningRateFactor: Double
    ) { parameter = Tensor(zeros: [1, 1, 1000]) }
  }

  static let errors = [
    ProgrammingError("ModelOptimizer: embedding.weight of shape [6, 3], updated to [1, 1, 1000]") {
      var model = BagModel<Double>()
      var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: Growing())
      optimizer.update(&model, with: valueWithGradients(at: model) { $0.loss([[1]], [0]) }.gradients)
    },
    ProgrammingError("ModelOptimizer: leaf 2 of a model, but rules for 2") {
      let optimizer = ModelOptimizer(for: layers(1), dense: Adam())
      _ = optimizer.state(of: \.[1].weight, in: layers(2), as: Adam<Float>.State.self)
    },
    ProgrammingError("SparseAdam: learningRate · weightDecay is 5.0, not below 1") {
      var model = BagModel<Double>()
      var optimizer = ModelOptimizer(
        for: model, dense: Adam(), sparse: SparseAdam(learningRate: 0.125, weightDecay: .touchedRows(5)),
        overrides: [.learningRate(times: 8, for: \.embedding)])
      let gradients = valueWithGradients(at: model) { $0.loss([[1]], [0]) }.gradients
      optimizer.update(&model, with: gradients)
    },
    ProgrammingError("ModelOptimizer: learningRateFactor -1.0, expected 0 or more") {
      var model = BagModel<Float>()
      var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
      let gradients = valueWithGradients(at: model) { $0.loss([[1]], [0]) }.gradients
      optimizer.update(&model, with: gradients, learningRateFactor: -1)
    },
    ProgrammingError(changedModel) { update(layers: 2, madeFor: 1) },
    ProgrammingError(changedModel) { update(layers: 1, madeFor: 2) },
    ProgrammingError(changedModel) { settle(layers: 2, madeFor: 1) },
    ProgrammingError(changedModel) { settle(layers: 1, madeFor: 2) },
    ProgrammingError("ModelOptimizer: BagModel<Float> has tables without a rule: pass one as `sparse:`") {
      _ = ModelOptimizer(for: BagModel<Float>(), dense: Adam())
    },
    ProgrammingError("ModelOptimizer: BagModel<Float> has parameters without a rule: pass one as `dense:`") {
      _ = ModelOptimizer(for: BagModel<Float>(), sparse: SparseAdam())
    },
  ]
}
