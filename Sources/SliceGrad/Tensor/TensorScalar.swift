public import SliceGradKernels

/// The type of a tensor's numbers: `Float` or `Double`.
///
/// Generic code calls the C kernels through `Scalar.Kernels`, once for a whole buffer, so that it needs no
/// specialization to be fast on large tensors. With small tensors, a step spends its time between the kernels, where
/// generic code would spend half of it looking up types. The functions that a step goes through are therefore
/// `@specialized` for `Float`.
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

/// The C kernels for one scalar type. `Declarations.h` says what each of them computes, and what its parameters are.
@_documentation(visibility: internal)
public protocol ScalarKernels {
  associatedtype Scalar

  typealias Input = UnsafePointer<Scalar>
  typealias Output = UnsafeMutablePointer<Scalar>
  typealias Indices = UnsafePointer<Int32>
  typealias Dimensions = UnsafePointer<Int32>
  typealias Unary = (Input, Output, Int, Int) -> Void
  typealias UnaryGradient = (Input, Input, Int, Output, Int, Int) -> Void
  typealias OfRows = (Input, Output, Int, Int, Int) -> Void
  typealias GradientOfRows = (Input, Input, Output, Int, Int, Int) -> Void
  typealias Binary = (Input, Dimensions, Input, Dimensions, Output, Int, Int, Int) -> Void
  typealias Reduction = (Input, Dimensions, Output, Dimensions, Int) -> Void

  // Elementwise functions
  static func exp(_: Input, _: Output, _: Int, _: Int)
  static func expGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func log(_: Input, _: Output, _: Int, _: Int)
  static func logGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func sqrt(_: Input, _: Output, _: Int, _: Int)
  static func sqrtGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func square(_: Input, _: Output, _: Int, _: Int)
  static func squareGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func abs(_: Input, _: Output, _: Int, _: Int)
  static func absGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func sin(_: Input, _: Output, _: Int, _: Int)
  static func sinGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func cos(_: Input, _: Output, _: Int, _: Int)
  static func cosGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func relu(_: Input, _: Output, _: Int, _: Int)
  static func reluGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func tanh(_: Input, _: Output, _: Int, _: Int)
  static func tanhGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func sigmoid(_: Input, _: Output, _: Int, _: Int)
  static func sigmoidGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func silu(_: Input, _: Output, _: Int, _: Int)
  static func siluGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func softplus(_: Input, _: Output, _: Int, _: Int)
  static func softplusGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func gelu(_: Input, _: Output, _: Int, _: Int)
  static func geluGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func geluTanh(_: Input, _: Output, _: Int, _: Int)
  static func geluTanhGradient(_: Input, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func leakyRelu(_: Input, _: Scalar, _: Output, _: Int, _: Int)
  static func leakyReluGradient(_: Input, _: Scalar, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func power(_: Input, _: Scalar, _: Output, _: Int, _: Int)
  static func powerGradient(_: Input, _: Scalar, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func fill(_: Scalar, _: Output, _: Int, _: Int)
  static func affine(_: Scalar, _: Input, _: Scalar, _: Output, _: Int, _: Int)
  static func clamp(_: Scalar, _: Input, _: Scalar, _: Output, _: Int, _: Int)
  static func addScaled(_: Scalar, _: Input, _: Int, _: Output, _: Int, _: Int)
  static func addToRows(_: Input, _: Output, _: Int, _: Int, _: Int)
  static func isFinite(_: Input, _: Int) -> Bool
  static func dot(_: Input, _: Input, _: Int) -> Double
  static func dropout(_: Input, _: UInt64, _: Scalar, _: Output, _: Int, _: Int)
  static func sigmoidCrossEntropy(_: Input, _: Input, _: Output, _: Int, _: Int)
  static func sigmoidCrossEntropyGradient(_: Input, _: Input, _: Input, _: Int, _: Output, _: Int, _: Int)

  // Broadcasting arithmetic, reductions, permutations
  static func add(_: Input, _: Dimensions, _: Input, _: Dimensions, _: Output, _: Int, _: Int, _: Int)
  static func subtract(_: Input, _: Dimensions, _: Input, _: Dimensions, _: Output, _: Int, _: Int, _: Int)
  static func multiply(_: Input, _: Dimensions, _: Input, _: Dimensions, _: Output, _: Int, _: Int, _: Int)
  static func divide(_: Input, _: Dimensions, _: Input, _: Dimensions, _: Output, _: Int, _: Int, _: Int)
  static func maximumOfTwo(_: Input, _: Dimensions, _: Input, _: Dimensions, _: Output, _: Int, _: Int, _: Int)
  static func minimumOfTwo(_: Input, _: Dimensions, _: Input, _: Dimensions, _: Output, _: Int, _: Int, _: Int)
  static func isGreater(_: Input, _: Dimensions, _: Input, _: Dimensions, _: Output, _: Int, _: Int, _: Int)
  static func isGreaterOrEqual(_: Input, _: Dimensions, _: Input, _: Dimensions, _: Output, _: Int, _: Int, _: Int)
  static func isEqual(_: Input, _: Dimensions, _: Input, _: Dimensions, _: Output, _: Int, _: Int, _: Int)
  static func select(_: Input, _: Input, _: Input, _: Output, _: Int, _: Int)
  static func total(_: Input, _: Int, _: Int) -> Double
  static func sum(_: Input, _: Dimensions, _: Output, _: Dimensions, _: Int)
  static func maximum(_: Input, _: Dimensions, _: Output, _: Dimensions, _: Int)
  static func maximumGradient(_: Input, _: Dimensions, _: Input, _: Output, _: Output, _: Dimensions, _: Int)
  static func cumulativeSum(_: Input, _: Output, _: Int, _: Int, isReversed: Bool, _: Int, _: Int)
  static func permute(_: Input, _: UnsafePointer<Int>, _: Output, _: Dimensions, _: Int)

  // Matrix product
  static func matmul(
    _: Input, _: Input, _: Output, _: Int, _: Int, _: Int, transposeA: Bool, transposeB: Bool, part: SliceGradPart)

  // Rows of classes
  static func softmax(_: Input, _: Output, _: Int, _: Int, _: Int)
  static func softmaxGradient(_: Input, _: Input, _: Output, _: Int, _: Int, _: Int)
  static func logSoftmax(_: Input, _: Output, _: Int, _: Int, _: Int)
  static func logSoftmaxGradient(_: Input, _: Input, _: Output, _: Int, _: Int, _: Int)
  static func softmaxCrossEntropy(
    _: Input, _: Indices, _: Input?, _: Scalar, _: Int32, _: Output, _: Output, _: Int, _: Int, _: Int)
  static func softmaxCrossEntropyGradient(
    _: Input, _: Indices, _: Input?, _: Scalar, _: Scalar, _: Int32, _: Input, _: Input, _: Int, _: Output, _: Int,
    _: Int, _: Int)

  // Layer and batch normalization
  static func layerNorm(
    _: Input, _: Input, _: Input, _: Scalar, centers: Bool, _: Output, _: Output, _: Int, _: Int, _: Int)
  static func layerNormGradient(
    _: Input, _: Input, _: Input, _: Input, _: Int, centers: Bool, _: Output?, _: Output, _: Output, _: Int, _: Int,
    _: Int, _: Int)
  static func batchNorm(
    _: Input, _: Input, _: Input, _: Scalar, _: Output, _: Output, _: Int, _: Int, _: Int, _: Int)
  static func batchNormGradient(
    _: Input, _: Input, _: Input, _: Input, _: Output, _: Output, _: Output, _: Int, _: Int, _: Int, _: Int)

  // Rows of a table
  static func gather(_: Input, _: Indices, _: Output, _: Int, _: Int, _: Int)
  static func bagSum(_: Input, _: Indices, _: Indices, _: Input?, _: Output, _: Int, isMean: Bool, _: Int, _: Int)
  static func bagMaximum(
    _: Input, _: Indices, _: Indices, _: Output, _: UnsafeMutablePointer<Int32>, _: Int, _: Int, _: Int)
  static func bagDotProducts(_: Input, _: Indices, _: Indices, _: Input, _: Output, _: Int, _: Int, _: Int)
  static func divideByBagLength(_: Input, _: Indices, _: Output, _: Int, _: Int, _: Int)
  static func mergeRows(_: Input, _: SliceGradUses, _: Input?, _: Output, _: Int, _: Int, _: Int)
  static func mergeMaxima(_: Input, _: SliceGradUses, _: Indices, _: Output, _: Int, _: Int, _: Int)
  static func addRows(_: Input, _: Indices, _: Scalar, _: Output, _: Int, _: Int)
  static func addToWinners(_: Input, _: Indices, _: Output, _: Int, _: Int)

  // Distances to rows of a table
  static func distances(_: Input, _: SliceGradLists, _: Input, _: SliceGradDistance, _: Output, _: Int, _: Int, _: Int)
  static func distanceGradient(
    _: Input, _: SliceGradLists, _: Input, _: Input, _: Input, _: SliceGradDistance, _: Output, _: Int, _: Int, _: Int)
  static func distanceRowGradient(
    _: Input, _: Input, _: Input, _: Input, _: SliceGradDistance, _: Output, _: Int, _: Int, _: Int, _: Int, _: Int)
  static func mergeDistances(
    _: Input, _: SliceGradUses, _: Input, _: Input, _: Input, _: SliceGradDistance, _: Output, _: Int, _: Int, _: Int)

  // Recurrent layers
  static func recurrence(
    _: SliceGradRecurrence, _: Input, _: Input, transposesWeight: Bool, _: Input, _: Input, _: Output, _: Output)
  static func recurrentStep(
    _: SliceGradCell, _: Input, _: Input, _: Input, _: Input, _: Input, _: Output, _: Output?, _: Int, _: Int, _: Int,
    _: Int)
  static func recurrenceGradient(
    _: SliceGradRecurrence, _: Input, _: Input, _: Input, _: Input, _: Input, _: Output, _: Output, _: Output,
    _: Output)

  // Attention
  static func attention(_: SliceGradAttention, _: Input, _: Input, _: Input, _: Output, _: Output, _: Int, _: Int)
  static func attentionGradient(
    _: SliceGradAttention, _: Input, _: Input, _: Input, _: Input, _: Input, _: Input, _: Output, _: Output,
    _: Output, _: Int, _: Int)

  // Linear-chain conditional random fields
  static func chainLosses(
    _: Input, _: Input, _: Input, _: Input, _: Indices, _: Indices?, _: Output, _: Output, _: Int, _: Int, _: Int)
  static func chainGradient(
    _: Input, _: Indices, _: Indices?, _: Input, _: Input, _: Int, _: Output, _: Output, _: Int, _: Int, _: Int)
  static func chainBest(
    _: Input, _: Input, _: Input, _: Input, _: Indices, _: UnsafeMutablePointer<Int32>, _: Output, _: Int, _: Int,
    _: Int)

  // Updates of parameters
  static func sgd(_: Output, _: Input, _: SliceGradRows, _: SliceGradSGD, _: Int)
  static func adagrad(_: Output, _: Input, _: SliceGradRows, _: SliceGradAdagrad, _: Int)
  static func rowwiseAdagrad(_: Output, _: Input, _: SliceGradRows, _: SliceGradRowwiseAdagrad, _: Int)
  static func lion(_: Output, _: Input, _: SliceGradRows, _: SliceGradLion, _: Int)
  static func rmsprop(_: Output, _: Input, _: SliceGradRows, _: SliceGradRMSprop, _: Int)
  static func adam(
    _: Output, _: Input, _: SliceGradRows, _: UnsafePointer<SliceGradAdam>, isPerRow: Bool, hasFirst: Bool,
    sharesSecond: Bool, _: Int)
  static func catchUp(
    _: Output, _: SliceGradRows, _: UnsafePointer<SliceGradMissed>, _: Indices, _: UnsafePointer<SliceGradAdam>,
    hasFirst: Bool, sharesSecond: Bool, _: Int)
  static func lerp(_: Output, _: Input, _: Scalar, _: Int)
  static func lerpRows(_: Output, _: Input, _: SliceGradRows, _: Input, _: Scalar, _: Int)

  // Random numbers
  static func uniform(_: UInt64, _: Scalar, _: Scalar, _: Output, _: Int)
  static func normal(_: UInt64, _: Scalar, _: Scalar, _: Output, _: Int)
}
