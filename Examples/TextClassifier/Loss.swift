import SliceGrad
import SliceGradText

/// What a classifier learns of labels.
enum Loss: String, CaseIterable, Codable {
  /// A text has one label: the probabilities of all labels add up to 1.
  case softmax
  /// A text has any number of labels: each label has a probability of its own.
  case independent

  /// The one for these texts, if the user names none.
  init(for texts: [LabeledText]) {
    self = texts.haveOneLabel ? .softmax : .independent
  }

  /// The probabilities of the labels, `[texts, classes]` as their logits.
  func probabilities(_ logits: Tensor<Float>) -> Tensor<Float> {
    switch self {
    case .softmax: logits.softmax()
    case .independent: logits.sigmoid()
    }
  }

  /// The mean loss of the texts of a batch, each multiplied by its weight.
  ///
  /// That of a text is the cross-entropy of its label, or the sum of those of all labels, the text's own ones
  /// multiplied by `ownWeights` `[classes]`.
  func callAsFunction(
    _ logits: Variable<Float>, _ batch: TextBatch, ownWeights: Tensor<Float>?
  ) -> Variable<Float> {
    let losses: Variable<Float>
    switch self {
    case .softmax:
      guard batch.weights != nil else { return softmaxCrossEntropy(logits, batch.labels) }
      losses = softmaxCrossEntropy(logits, batch.labels, reduction: .none)
    case .independent:
      let targets = batch.targets(classes: logits.shape[1])
      losses = sigmoidCrossEntropy(logits, targets, reduction: .none, positiveWeights: ownWeights).sum(over: [1])
    }
    guard let weights = batch.weights else { return losses.mean() }
    return (losses * Tensor(weights)).mean()
  }

  /// How far a model is from a teacher: the cross-entropy of its probabilities and the teacher's, both from logits that
  /// are divided by the temperature T. It is multiplied by T², so that its gradients are about as large as without T.
  ///
  /// Source: Hinton, Vinyals and Dean, “Distilling the Knowledge in a Neural Network” (2015), section 2.
  func distillation(
    _ logits: Variable<Float>, of teacher: Tensor<Float>, temperature: Float
  ) -> Variable<Float> {
    let (logits, targets) = (logits * (1 / temperature), probabilities(teacher * (1 / temperature)))
    let losses =
      switch self {
      case .softmax: -(logits.logSoftmax() * targets)
      case .independent: sigmoidCrossEntropy(logits, targets, reduction: .none)
      }
    return losses.sum(over: [1]).mean() * (temperature * temperature)
  }
}
