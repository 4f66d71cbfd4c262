/// A model or a part of one: a value with parameters.
///
///     struct TextClassifier: Module {
///       var embedding: EmbeddingBag<Float>
///       var output: Dense<Float>
///
///       func callAsFunction(_ texts: RaggedIndices, on tape: Tape<Float>? = nil) -> Variable<Float> {
///         output(embedding(texts, on: tape))
///       }
///
///       mutating func visitParameters(_ visitor: inout some ParameterVisitor<Float>) {
///         visitor.visit(&embedding, "embedding")
///         visitor.visit(&output, "output")
///       }
///     }
public protocol Module<Scalar>: Sendable {
  /// The parameters' scalar type: `Float` unless the model says `typealias Scalar = Double`.
  associatedtype Scalar: TensorScalar = Float

  /// Shows each field that holds parameters to the visitor, once and always in the same order.
  ///
  /// Written by hand like `hash(into:)`; `ModelOptimizer` traps when it is made for a model in which a field was
  /// forgotten.
  mutating func visitParameters(_ visitor: inout some ParameterVisitor<Scalar>)
}

/// What looks at or changes the parameters of a model, leaf by leaf.
public protocol ParameterVisitor<Scalar> {
  associatedtype Scalar: TensorScalar

  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String)
  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String)

  /// The leaves that follow, up to `leave`, belong to the part of this name.
  mutating func enter(_ name: String)
  mutating func leave()
}

extension ParameterVisitor {
  public mutating func enter(_ name: String) {}
  public mutating func leave() {}

  /// Visits the leaves of a part of the model.
  public mutating func visit(_ module: inout some Module<Scalar>, _ name: String) {
    enter(name)
    module.visitParameters(&self)
    leave()
  }
}

/// A layer from one variable to another, which can stand in a `Sequential`.
public protocol Layer<Scalar>: Module {
  func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar>
}
