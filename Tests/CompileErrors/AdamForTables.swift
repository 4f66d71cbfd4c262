// error: Adam is for dense parameters; for `sparse:` take SparseAdam, SGD or Densifying(Adam())
import SliceGrad

func optimizer<Model: Module>(for model: Model) -> ModelOptimizer<Model> {
  ModelOptimizer(for: model, dense: Adam(learningRate: 0.1), sparse: Adam(learningRate: 0.1))
}
