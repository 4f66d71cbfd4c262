// error: type 'Variable<Float>' does not conform to the 'Sendable' protocol
import SliceGrad

func send(_ variable: Variable<Float>) -> any Sendable { variable }
