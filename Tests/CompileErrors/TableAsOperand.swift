// error: cannot convert value of type 'EmbeddingTable<Float>' to expected argument type 'Variable<Float>'
import SliceGrad

func product(_ table: EmbeddingTable<Float>, _ x: Variable<Float>) -> Variable<Float> { x.matmul(table) }
