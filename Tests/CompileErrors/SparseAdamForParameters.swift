// error: SparseAdam is for embedding tables; for `dense:` take Adam, SGD or another dense rule
import SliceGrad

func optimizer<Model: Module>(for model: Model) -> ModelOptimizer<Model> {
  ModelOptimizer(for: model, dense: SparseAdam(learningRate: 0.1), sparse: SparseAdam(learningRate: 0.1))
}
