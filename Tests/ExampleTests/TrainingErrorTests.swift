import ExampleParts
import Foundation
import SliceGrad
import TestSupport
import Testing

/// What a program says of numbers that are no numbers any more.
struct TrainingErrorTests {
  private let program = Program(name: "TextClassifier")
  private let small = AnimalsAndNumbers.options
  private let lines = AnimalsAndNumbers.lines

  @Test("a learning rate that leads to NaN stops with the parameter's name")
  func stopsAtNaN() throws {
    try withTemporaryFile(lines) { file in
      let result = try program.run(
        ["--train", file, "--optimizer", "sgd", "--quiet"] + small
          + ["--learning-rate", "1e38", "--dense-learning-rate", "1e38"])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("is not a finite number, first seen in the gradient of "))
    }
  }

  @Test("a last step that spoils the model gives no result")
  func stopsAtASpoiltModel() throws {
    try withTemporaryFile("a\tb\nc\td\n") { file in
      let result = try program.run(
        small + [
          "--train", file, "--classify", "b", "--epochs", "1", "--optimizer", "sgd", "--learning-rate", "1e300",
        ])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("TextClassifier: embedding.weight holds numbers that are not finite"))
    }
  }

  @Test("a loss that is not finite is told with a gradient that isn't either, or alone")
  func tellsOfTheLossAlone() {
    let layer = Dense(weight: Tensor<Float>([[3e38, 3e38]]), bias: nil)
    func message(_ loss: (Dense<Float>) -> Variable<Float>) -> String? {
      let (value, gradients) = valueWithGradients(at: layer, loss)
      do throws(TrainingError) {
        try TrainingError.check(value, ofStep: 7, gradients, of: layer)
        return nil
      } catch {
        return error.description
      }
    }
    let (start, end) = ("the loss of step 7 is not a finite number", "; a lower --learning-rate may help")
    #expect(message { $0(Variable(Tensor([[1, 1]]))).sum() } == start + end)
    #expect(
      message { $0(Variable(Tensor([[1, 1]]))).square().sum() } == start + ", first seen in the gradient of weight"
        + end)
    #expect(message { $0(Variable(Tensor([[0, 0]]))).sum() } == nil)
  }
}
