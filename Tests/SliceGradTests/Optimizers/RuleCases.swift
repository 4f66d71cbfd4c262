import SliceGrad

/// Every rule of the library, with the hyperparameters that take another way through it: what the tests of rules go
/// through. A new rule is a line here, and its plain loop in `PlainRules`.
enum RuleCases<Scalar: TensorScalar> {
  /// Rules for dense parameters.
  static var dense: [any Optimizer<Tensor<Scalar>>] {
    both() + [
      Adam(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 0.05),
      Adam(learningRate: 0.1, beta2: 0.95, epsilon: 0.05, weightDecay: .l2(0.3)),
      Adam(learningRate: 0.1, beta1: 0.8, beta2: 0.5, epsilon: 0.05, weightDecay: .decoupled(0.3), amsgrad: true),
      Maximizing(Adam(learningRate: 0.1, beta2: 0.5, epsilon: 0.05, weightDecay: .l2(0.3), amsgrad: true)),
      AdamW(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 0.05, weightDecay: 0.3),
      RMSprop(learningRate: 0.1, alpha: 0.9, epsilon: 0.05),
      RMSprop(learningRate: 0.1, alpha: 0.9, epsilon: 0.05, weightDecay: 0.3, momentum: 0.8),
      RMSprop(learningRate: 0.1, alpha: 0.9, epsilon: 0.05, centered: true),
      Maximizing(
        RMSprop(learningRate: 0.1, alpha: 0.9, epsilon: 0.05, weightDecay: 0.1, momentum: 0.5, centered: true)),
    ]
  }

  /// Rules for tables.
  static var sparse: [any Optimizer<IndexedSlices<Scalar>>] {
    both() + [
      SparseAdam(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 0.05),
      SparseAdam(learningRate: 0.1, beta2: 0.95, epsilon: 0.05, biasCorrection: .activeSteps),
      SparseAdam(learningRate: 0.1, epsilon: 0.05, epsilonPlacement: .uncorrected, amsgrad: true),
      SparseAdam(
        learningRate: 0.1, beta2: 0.5, epsilon: 0.05, biasCorrection: .activeSteps, epsilonPlacement: .uncorrected,
        weightDecay: .touchedRows(0.3), amsgrad: true),
      SparseAdam(learningRate: 0.1, epsilon: 0.05, inactiveRows: .decayed, weightDecay: .touchedRows(0.1)),
      SparseAdam(learningRate: 0.1, epsilon: 0.05, inactiveRows: .decayed, weightDecay: .caughtUp(0.1), amsgrad: true),
      SparseAdam(learningRate: 0.1, epsilon: 0.05, inactiveRows: .caughtUp),
      SparseAdam(learningRate: 0.1, epsilon: 0.05, weightDecay: .touchedRows(0.1), secondMoment: .perRow),
      SparseAdam(
        learningRate: 0.1, beta2: 0.5, epsilon: 0.05, biasCorrection: .activeSteps, epsilonPlacement: .uncorrected,
        amsgrad: true, secondMoment: .perRow),
      Maximizing(
        SparseAdam(
          learningRate: 0.1, inactiveRows: .caughtUp, weightDecay: .caughtUp(0.3), amsgrad: true, secondMoment: .perRow)
      ),
      Maximizing(SparseAdam(learningRate: 0.1, epsilon: 0.05, weightDecay: .touchedRows(0.3))),
      SparseAdam(learningRate: 0.1, beta1: 0, beta2: 0.95, epsilon: 0.05, secondMoment: .perRow),
      SparseAdam(learningRate: 0.1, beta1: 0, epsilon: 0.05, biasCorrection: .activeSteps, amsgrad: true),
      RowwiseAdagrad(learningRate: 0.1, epsilon: 0.05),
      RowwiseAdagrad(learningRate: 0.1, weightDecay: 0.3, initialAccumulator: 2, epsilon: 0.05),
      LimitingRowNorms(SGD(learningRate: 0.1, momentum: 0.5), to: 1.5),
      Densifying(Adam(learningRate: 0.1, epsilon: 0.05)),
      Densifying(RMSprop(learningRate: 0.1, epsilon: 0.05, momentum: 0.5)),
    ]
  }

  /// Rules for either.
  private static func both<Gradient: ParameterGradient<Scalar>>() -> [any Optimizer<Gradient>] {
    [
      SGD<Gradient>(learningRate: 0.1), SGD<Gradient>(learningRate: 0.1, momentum: 0.9, weightDecay: 0.2),
      SGD<Gradient>(learningRate: 0.1, momentum: 0.7, dampening: 0.4),
      SGD<Gradient>(learningRate: 0.1, momentum: 0.7, weightDecay: 0.1, nesterov: true),
      Maximizing(SGD<Gradient>(learningRate: 0.1, momentum: 0.7, dampening: 0.4, weightDecay: 0.1)),
      Adagrad<Gradient>(learningRate: 0.1, epsilon: 0.05),
      Adagrad<Gradient>(
        learningRate: 0.1, learningRateDecay: 0.5, weightDecay: 0.3, initialAccumulator: 2, epsilon: 0.05),
      Lion<Gradient>(learningRate: 0.1, beta1: 0.6, beta2: 0.8),
      Maximizing(Lion<Gradient>(learningRate: 0.1, weightDecay: 0.3)),
    ]
  }

  /// One of each kind for a model with both kinds of leaves, each rule in at least one pair.
  static var pairs: [(dense: any Optimizer<Tensor<Scalar>>, sparse: any Optimizer<IndexedSlices<Scalar>>)] {
    (0..<max(dense.count, sparse.count)).map { (dense[$0 % dense.count], sparse[$0 % sparse.count]) }
  }
}
