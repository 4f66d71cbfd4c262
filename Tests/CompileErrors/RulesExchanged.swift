// error: exchange the rules: Adam is for `dense:`, SparseAdam for `sparse:`, the tables
import SliceGrad

func optimizer<Model: Module>(for model: Model) -> ModelOptimizer<Model> {
  ModelOptimizer(for: model, dense: SparseAdam(), sparse: Adam())
}
