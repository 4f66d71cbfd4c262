// error: value of type 'EmbeddingTable<Float>' has no member 'variable'
import SliceGrad

func product(_ table: EmbeddingTable<Float>, _ x: Variable<Float>) -> Variable<Float> {
  x.matmul(table.variable(on: x.tape))
}
