package import SliceGrad

/// Numbers that are no numbers any more, and where they were first seen.
package struct TrainingError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description + "; a lower --learning-rate may help" }

  /// Throws unless all numbers of a model are finite.
  package static func check(_ model: some Module) throws(TrainingError) {
    guard let parameter = model.firstNonFinite else { return }
    throw TrainingError("\(parameter) holds numbers that are not finite")
  }

  /// Throws unless the loss of a step is finite. It also says which gradient isn't, if one isn't.
  package static func check<Model: Module>(
    _ loss: Model.Scalar, ofStep step: Int, _ gradients: Gradients<Model>, of model: Model
  ) throws(TrainingError) {
    guard !loss.isFinite else { return }
    let parameter = gradients.firstNonFinite(in: model)
    throw TrainingError(
      "the loss of step \(step) is not a finite number"
        + (parameter.map { ", first seen in the gradient of \($0)" } ?? ""))
  }
}
