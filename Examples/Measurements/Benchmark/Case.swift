/// A piece of work to time.
struct Case {
  let name: String

  /// What tells it from others of its name, as the peers report it: shapes, number of indices, …
  let details: KeyValuePairs<String, Detail>

  /// Makes the inputs and checks one result. Memory and time are only spent on it when the case is measured.
  let prepare: () throws -> PreparedCase
}

/// A case with its inputs made and its result checked.
struct PreparedCase {
  /// What an optimizer keeps besides the parameters; nil if there is none.
  var stateBytes: Int?

  /// Brings the case back to its start, before each block of steps.
  var restart: () -> Void = {}

  /// What is timed.
  let step: () -> Void
}

/// A part of a case's description.
enum Detail: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  case number(Int)
  case numbers([Int])
  case text(String)

  init(integerLiteral number: Int) { self = .number(number) }
  init(stringLiteral text: String) { self = .text(text) }
}

extension Case {
  static let names = [
    "embeddingStep", "sparseAdam", "caughtUpAdam", "denseAdam", "matmul", "classifierStep", "mlpStep",
    "softmaxCrossEntropy", "layerNorm", "scores", "attentionBlock", "gru", "lstm", "gruStep", "textConvolution",
    "batchNorm", "scaling",
  ]

  /// Every case. `includingLarge` adds the one that needs some gigabytes.
  static func all(includingLarge: Bool) -> [Case] {
    embeddingSteps + sparseAdam + caughtUpAdam + denseAdam + matmul + classifierSteps + [
      mlpStep, softmaxCrossEntropy, layerNorm, scores, attentionBlock,
    ] + sequences
      + (includingLarge ? scaling : [])
  }
}
