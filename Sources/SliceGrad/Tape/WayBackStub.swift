extension Variable {
  public func back(_ pullback: @escaping Pullback) -> (Variable, Pullback) { (self, pullback) }
  public func back(
    adding pullback: @escaping (_ gradient: Tensor<Scalar>, _ sum: inout Tensor<Scalar>) -> Void
  ) -> (Variable, Pullback) {
    let shape = shape
    return back { g in
      var sum = Tensor<Scalar>(zeros: shape)
      pullback(g, &sum)
      return sum
    }
  }
}
