/// A model or a part of one: a value with parameters.
///
///     struct TextClassifier: Module {
///       var embedding: EmbeddingBag<Float>
///       var output: Dense<Float>
///
///       func callAsFunction(_ texts: RaggedIndices) -> Variable<Float> { output(embedding(texts)) }
///
///       mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
///         visit(&embedding, "embedding")
///         visit(&output, "output")
///       }
///     }
///     let model = TextClassifier(
///       embedding: EmbeddingBag(rows: 1000, columns: 64, using: &generator),
///       output: Dense(inputs: 64, outputs: 4, using: &generator))
///     print(model.parameterNames)  // ["embedding.weight", "output.weight", "output.bias"]
public protocol Module<Scalar>: Sendable {
  /// The parameters' scalar type: `Float` unless the model says `typealias Scalar = Double`.
  associatedtype Scalar: TensorScalar = Float

  /// Shows each field that holds parameters to the visitor, once and always in the same order.
  ///
  /// Written by hand like `hash(into:)`. `ModelOptimizer` traps when it is made for a model in which a field was
  /// forgotten.
  mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>)
}
