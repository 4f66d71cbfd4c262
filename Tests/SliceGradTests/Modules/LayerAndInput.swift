import SliceGrad

/// A layer, and an input with respect to which gradients are computed as well.
struct LayerAndInput<Layer: Module>: Module {
  typealias Scalar = Layer.Scalar
  var layer: Layer
  var x: Parameter<Scalar>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&layer, "layer")
    visit(&x, "x")
  }
}
