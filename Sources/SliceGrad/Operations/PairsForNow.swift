// Removed when the last operation is written with `back`.
extension Variable {
  static func recorded(_ value: Tensor<Scalar>, from a: (Variable, Pullback)) -> Variable {
    .recorded(value, from: a.0.back(a.1))
  }
  static func recorded(_ value: Tensor<Scalar>, from a: (Variable, Pullback), _ b: (Variable, Pullback)) -> Variable {
    .recorded(value, from: a.0.back(a.1), b.0.back(b.1))
  }
  static func recorded(
    _ value: Tensor<Scalar>, from a: (Variable, Pullback), _ b: (Variable, Pullback), _ c: (Variable, Pullback)
  ) -> Variable {
    .recorded(value, from: a.0.back(a.1), b.0.back(b.1), c.0.back(c.1))
  }
  static func recorded(_ value: Tensor<Scalar>, from inputs: [(Variable, Pullback)]) -> Variable {
    .recorded(value, from: inputs.map { $0.0.back($0.1) })
  }
}
