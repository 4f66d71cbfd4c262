public import SliceGradKernels

/// A number that tensors hold: `Float` or `Double`.
///
/// Generic code reaches the C kernels through `Scalar.Kernels`, one call for a whole buffer, so that it needs no
/// specialization to be fast on large tensors. On small ones a step's time is that between the kernels, of which
/// generic code spends half on looking up types: the functions that a step goes through are `@specialized` for `Float`.
public protocol TensorScalar: BinaryFloatingPoint, LosslessStringConvertible, Sendable, SIMDScalar, Codable
where RawSignificand: FixedWidthInteger {
  associatedtype Kernels: ScalarKernels where Kernels.Scalar == Self
}

extension Float: TensorScalar {
  public typealias Kernels = FloatKernels
}

extension Double: TensorScalar {
  public typealias Kernels = DoubleKernels
}

// The C functions are the witnesses: Declarations.h imports each as a static member of these types.
extension FloatKernels: ScalarKernels {}
extension DoubleKernels: ScalarKernels {}

/// The C kernels of one scalar type. `Declarations.h` says what each of them computes.
public protocol ScalarKernels {
  associatedtype Scalar

  typealias Input = UnsafePointer<Scalar>
  typealias Output = UnsafeMutablePointer<Scalar>
  typealias Indices = UnsafePointer<Int32>
  typealias Dimensions = UnsafePointer<Int32>
  typealias Unary = (_ x: Input, _ y: Output, _ first: Int, _ end: Int) -> Void
  typealias UnaryGradient = (
    _ saved: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int
  ) -> Void
  typealias OfRows = (_ x: Input, _ y: Output, _ columns: Int, _ first: Int, _ end: Int) -> Void
  typealias GradientOfRows = (_ y: Input, _ g: Input, _ out: Output, _ columns: Int, _ first: Int, _ end: Int) -> Void
  typealias Binary = (
    _ a: Input, _ aShape: Dimensions, _ b: Input, _ bShape: Dimensions, _ out: Output, _ rank: Int, _ first: Int,
    _ end: Int
  ) -> Void
  typealias Reduction = (
    _ x: Input, _ xShape: Dimensions, _ out: Output, _ outShape: Dimensions, _ rank: Int
  ) -> Void

  // Elementwise functions
  static func exp(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func expGradient(_ y: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func log(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func logGradient(_ x: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func sqrt(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func sqrtGradient(_ y: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func square(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func squareGradient(_ x: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func relu(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func reluGradient(_ y: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func tanh(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func tanhGradient(_ y: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func sigmoid(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func sigmoidGradient(_ y: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func silu(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func siluGradient(_ x: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func softplus(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func softplusGradient(_ x: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func gelu(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func geluGradient(_ x: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func geluTanh(_ x: Input, _ y: Output, _ first: Int, _ end: Int)
  static func geluTanhGradient(_ x: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func leakyRelu(_ x: Input, _ p: Scalar, _ y: Output, _ first: Int, _ end: Int)
  static func leakyReluGradient(
    _ x: Input, _ p: Scalar, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func power(_ x: Input, _ p: Scalar, _ y: Output, _ first: Int, _ end: Int)
  static func powerGradient(
    _ x: Input, _ p: Scalar, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)
  static func fill(_ value: Scalar, _ y: Output, _ first: Int, _ end: Int)
  static func affine(_ a: Scalar, _ x: Input, _ b: Scalar, _ y: Output, _ first: Int, _ end: Int)
  static func clamp(_ a: Scalar, _ x: Input, _ b: Scalar, _ y: Output, _ first: Int, _ end: Int)
  static func addScaled(_ a: Scalar, _ x: Input, _ step: Int, _ y: Output, _ first: Int, _ end: Int)
  static func addToRows(_ x: Input, _ y: Output, _ n: Int, _ first: Int, _ end: Int)
  static func isFinite(_ x: Input, _ n: Int) -> Bool
  static func dot(_ x: Input, _ y: Input, _ n: Int) -> Double
  static func dropout(
    _ x: Input, _ state: UInt64, _ keepProbability: Scalar, _ out: Output, _ first: Int, _ end: Int)
  static func sigmoidCrossEntropy(_ x: Input, _ t: Input, _ y: Output, _ first: Int, _ end: Int)
  static func sigmoidCrossEntropyGradient(
    _ x: Input, _ t: Input, _ g: Input, _ step: Int, _ out: Output, _ first: Int, _ end: Int)

  // Broadcasting arithmetic, reductions, permutations
  static func add(
    _ a: Input, _ aShape: Dimensions, _ b: Input, _ bShape: Dimensions, _ out: Output, _ rank: Int,
    _ first: Int, _ end: Int)
  static func subtract(
    _ a: Input, _ aShape: Dimensions, _ b: Input, _ bShape: Dimensions, _ out: Output, _ rank: Int,
    _ first: Int, _ end: Int)
  static func multiply(
    _ a: Input, _ aShape: Dimensions, _ b: Input, _ bShape: Dimensions, _ out: Output, _ rank: Int,
    _ first: Int, _ end: Int)
  static func divide(
    _ a: Input, _ aShape: Dimensions, _ b: Input, _ bShape: Dimensions, _ out: Output, _ rank: Int,
    _ first: Int, _ end: Int)
  static func total(_ x: Input, _ first: Int, _ end: Int) -> Double
  static func sum(_ x: Input, _ xShape: Dimensions, _ out: Output, _ outShape: Dimensions, _ rank: Int)
  static func maximum(_ x: Input, _ xShape: Dimensions, _ out: Output, _ outShape: Dimensions, _ rank: Int)
  static func maximumGradient(
    _ x: Input, _ xShape: Dimensions, _ y: Input, _ g: Output, _ out: Output, _ outShape: Dimensions, _ rank: Int)
  static func permute(_ x: Input, _ strides: UnsafePointer<Int>, _ out: Output, _ shape: Dimensions, _ rank: Int)

  // Matrix product
  static func matmul(
    _ a: Input, _ b: Input, _ c: Output, _ m: Int, _ n: Int, _ k: Int, transposeA: Bool, transposeB: Bool,
    part: SliceGradPart)

  // Rows of classes
  static func softmax(_ x: Input, _ y: Output, _ n: Int, _ first: Int, _ end: Int)
  static func softmaxGradient(_ y: Input, _ g: Input, _ out: Output, _ n: Int, _ first: Int, _ end: Int)
  static func logSoftmax(_ x: Input, _ y: Output, _ n: Int, _ first: Int, _ end: Int)
  static func logSoftmaxGradient(_ y: Input, _ g: Input, _ out: Output, _ n: Int, _ first: Int, _ end: Int)
  static func softmaxCrossEntropy(
    _ logits: Input, _ labels: Indices, _ weights: Input?, _ smoothing: Scalar, _ ignored: Int32, _ losses: Output,
    _ logSums: Output, _ n: Int, _ first: Int, _ end: Int)
  static func softmaxCrossEntropyGradient(
    _ logits: Input, _ labels: Indices, _ weights: Input?, _ weightSum: Scalar, _ smoothing: Scalar, _ ignored: Int32,
    _ logSums: Input, _ g: Input, _ out: Output, _ n: Int, _ first: Int, _ end: Int)

  // Layer normalization
  static func layerNorm(
    _ x: Input, _ weight: Input, _ bias: Input, _ epsilon: Scalar, _ y: Output, _ statistics: Output, _ n: Int,
    _ first: Int, _ end: Int)
  static func layerNormGradient(
    _ x: Input, _ statistics: Input, _ weight: Input, _ g: Input, _ gStride: Int, _ out: Output?,
    _ weightSums: Output, _ biasSums: Output, _ rows: Int, _ n: Int, _ first: Int, _ end: Int)

  // Rows of a table
  static func gather(_ table: Input, _ indices: Indices, _ out: Output, _ d: Int, _ first: Int, _ end: Int)
  static func bagSum(
    _ table: Input, _ indices: Indices, _ splits: Indices, _ weights: Input?, _ out: Output, _ d: Int, isMean: Bool,
    _ first: Int, _ end: Int)
  static func bagMaximum(
    _ table: Input, _ indices: Indices, _ splits: Indices, _ out: Output, _ winners: UnsafeMutablePointer<Int32>,
    _ bags: Int, _ d: Int)
  static func bagWeightGradient(
    _ table: Input, _ indices: Indices, _ splits: Indices, _ g: Input, _ out: Output, _ bags: Int, _ d: Int)
  static func divideByBagLength(
    _ x: Input, _ splits: Indices, _ out: Output, _ d: Int, _ first: Int, _ end: Int)
  static func mergeRows(
    _ g: Input, _ slots: Indices, _ weights: Input?, _ out: Output, _ n: Int, _ d: Int, _ first: Int,
    _ end: Int, accumulates: Bool)
  static func mergeBags(
    _ g: Input, _ slots: Indices, _ splits: Indices, _ weights: Input?, _ out: Output, _ bags: Int, _ d: Int,
    _ first: Int, _ end: Int, accumulates: Bool)
  static func mergeBagMaxima(
    _ g: Input, _ slots: Indices, _ winners: Indices, _ out: Output, _ bags: Int, _ d: Int, _ first: Int, _ end: Int)

  // Updates of parameters
  static func sgd(_ p: Output, _ g: Input, _ rows: SliceGradRows, _ step: SliceGradSGD, _ d: Int)
  static func adagrad(_ p: Output, _ g: Input, _ rows: SliceGradRows, _ step: SliceGradAdagrad, _ d: Int)
  static func rowwiseAdagrad(_ p: Output, _ g: Input, _ rows: SliceGradRows, _ step: SliceGradRowwiseAdagrad, _ d: Int)
  static func lion(_ p: Output, _ g: Input, _ rows: SliceGradRows, _ step: SliceGradLion, _ d: Int)
  static func rmsprop(_ p: Output, _ g: Input, _ rows: SliceGradRows, _ step: SliceGradRMSprop, _ d: Int)
  static func adam(
    _ p: Output, _ g: Input, _ rows: SliceGradRows, _ steps: UnsafePointer<SliceGradAdam>, _ isPerRow: Bool, _ d: Int)
  static func lerp(_ a: Output, _ x: Input, _ weight: Scalar, _ n: Int)
  static func lerpRows(
    _ table: Output, _ x: Input, _ rows: SliceGradRows, _ missed: Input, _ weight: Scalar, _ d: Int)

  // Random numbers
  static func uniform(_ state: UInt64, _ low: Scalar, _ high: Scalar, _ out: Output, _ n: Int)
  static func normal(_ state: UInt64, _ mean: Scalar, _ standardDeviation: Scalar, _ out: Output, _ n: Int)
}
