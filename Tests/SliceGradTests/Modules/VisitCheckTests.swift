import SliceGrad
import Testing

/// What `ModelOptimizer` says of models whose `visitParameters` forgets a field or shows one twice.
@Suite struct VisitCheckTests {
  /// A model with leaves in every place where a field can hold them, and a visit that can be made wrong.
  private struct Model: Module {
    enum Mistake {
      case none, forgotten, forgottenInArray, forgottenOptional, forgottenPart, forgottenTable, twice, tableTwice
    }
    struct Part: Module {
      var inner = Parameter(Tensor<Float>([1]))
      var isForgetful = false
      mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
        if !isForgetful { visit(&inner, "inner") }
      }
    }

    var mistake = Mistake.none
    var weight = Parameter(Tensor<Float>([1]))
    var list = [Part(), Part()]
    var optional: Part? = Part()
    var absent: Part?
    var part = Part()
    var table = EmbeddingTable(Tensor<Float>([[1]]))
    var notParameters = (
      names: ["a", "b"], numbers: [Float](repeating: 0, count: 1_000_000), tensor: Tensor<Float>([1]),
      rows: Dictionary(uniqueKeysWithValues: (0..<1_000).map { ("\($0)", $0) })
    )

    init(_ mistake: Mistake = .none) {
      self.mistake = mistake
      part.isForgetful = mistake == .forgottenPart
    }

    mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
      if mistake != .forgotten { visit(&weight, "weight") }
      for index in list.indices where index == 0 || mistake != .forgottenInArray {
        visit(&list[index], "list.\(index)")
      }
      if mistake != .forgottenOptional { visit(&optional!, "optional") }
      visit(&part, "part")
      if mistake != .forgottenTable { visit(&table, "table") }
      if mistake == .twice { visit(&part, "again") }
      if mistake == .tableTwice { visit(&table, "again") }
    }

    /// Makes an optimizer, which checks the visit.
    func check() { _ = ModelOptimizer(for: self, dense: SGD(learningRate: 1), sparse: SGD(learningRate: 1)) }
  }

  /// Lists whose first element shows nothing of what the others hold.
  private struct Lists: Module {
    struct Nothing: Layer {
      func callAsFunction(_ input: Variable<Float>) -> Variable<Float> { input }
      mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {}
    }

    var layers: [AnyLayer<Float>] = [Nothing()]
    var optionals: [Parameter<Float>?] = [nil]

    mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {}
    func check() { _ = ModelOptimizer(for: self, dense: SGD(learningRate: 1)) }
  }

  private struct TwoOfOneName: Module {
    var left = Parameter(Tensor<Float>(1))
    var right = Parameter(Tensor<Float>(2))

    mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
      visit(&left, "weight")
      visit(&right, "weight")
    }
  }

  @Test func completeVisitsPass() {
    Model().check()
    Lists().check()
  }

  /// A model of a training step has numbered leaves; its visit is judged like any other.
  @Test func modelsOfATrainingStepPass() {
    _ = valueWithGradients(at: Model()) { model in
      model.check()
      return model.weight.variable.sum()
    }
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("Model.weight holds parameters, but visitParameters doesn't visit it") {
      Model(.forgotten).check()
    },
    ProgrammingError("Model.table holds parameters, but visitParameters doesn't visit it") {
      Model(.forgottenTable).check()
    },
    ProgrammingError("Model.list.1.inner holds parameters, but visitParameters doesn't visit it") {
      Model(.forgottenInArray).check()
    },
    ProgrammingError("Model.optional.inner holds parameters, but visitParameters doesn't visit it") {
      Model(.forgottenOptional).check()
    },
    ProgrammingError("Model.part.inner holds parameters, but visitParameters doesn't visit it") {
      Model(.forgottenPart).check()
    },
    ProgrammingError("Model.visitParameters visits \"again.inner\" twice") { Model(.twice).check() },
    ProgrammingError("Model.visitParameters visits \"again\" twice") { Model(.tableTwice).check() },
    ProgrammingError("TwoOfOneName.visitParameters gives the name \"weight\" to two leaves") {
      _ = ModelOptimizer(for: TwoOfOneName(), dense: SGD(learningRate: 1))
    },
    ProgrammingError("Lists.layers.1.weight holds parameters, but visitParameters doesn't visit it") {
      var lists = Lists()
      lists.layers.append(LayerNorm([1]))
      lists.check()
    },
    ProgrammingError("Lists.optionals.1 holds parameters, but visitParameters doesn't visit it") {
      var lists = Lists()
      lists.optionals.append(Parameter(Tensor([1])))
      lists.check()
    },
  ]
}
