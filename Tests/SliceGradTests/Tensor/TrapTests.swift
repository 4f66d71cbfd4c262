import SliceGrad
import TestSupport
import Testing

/// A programming error, and what the program says when it stops there.
struct ProgrammingError: Sendable, CustomTestStringConvertible {
  let message: String
  let commit: @Sendable () -> Void

  init(_ message: String, _ commit: @escaping @Sendable () -> Void) {
    self.message = message
    self.commit = commit
  }

  var testDescription: String { message }
}

/// Every programming error listed in this directory's suites stops the program, with exactly its message.
@Suite struct TrapTests {
  static let errors = [
    ProgrammingError("Shape: more than 8 dimensions") { _ = Shape([1, 1, 1, 1, 1, 1, 1, 1, 1]) },
    ProgrammingError("Shape: dimension -1 is not in 0...2147483647") { _ = Shape([2, -1]) },
    ProgrammingError("Shape: dimension 2147483648 is not in 0...2147483647") { _ = Shape([1 << 31]) },
    ProgrammingError("axis 2 is not in -2..<2, the axes of shape [3, 4]") { _ = ([3, 4] as Shape)[2] },
    ProgrammingError("axis -3 is not in -2..<2, the axes of shape [3, 4]") { _ = ([3, 4] as Shape)[-3] },
    ProgrammingError("Tensor: shape [2, 2] has 4 elements, found 3") {
      _ = Tensor<Float>(shape: [2, 2], elements: [1, 2, 3])
    },
    ProgrammingError("Tensor: shape [2147483647, 2147483647] has more elements than any memory holds") {
      _ = Tensor<Float>(zeros: [2_147_483_647, 2_147_483_647])
    },
    ProgrammingError("Tensor: row 1 has 1 columns, row 0 has 2") { _ = Tensor<Float>([[1, 2], [3]]) },
    ProgrammingError("stack: shapes [2, 1] and [1, 1] differ") { _ = Tensor<Float>([[[1], [2]], [[3]]]) },
    ProgrammingError("scalar: a tensor of shape [2] has 2 elements, not 1") { _ = Tensor<Float>([1, 2]).scalar },
    ProgrammingError("elements: 2 is not in 0..<2") { _ = Tensor<Float>([1, 2]).elements[2] },
    ProgrammingError("elements: 0 is not in 1..<2") { _ = Tensor<Float>([1, 2]).elements[1...][0] },
    ProgrammingError("elements: 1..<3 is not within 0..<2") { _ = Tensor<Float>([1, 2]).elements[1..<3] },
    ProgrammingError("Threads.count: 0 is not in 1...256") { Threads.count = 0 },
    ProgrammingError("IndexedSlices: dense shape [5] is not [v, d]") {
      _ = IndexedSlices(indices: [], values: Tensor<Float>(zeros: [0, 2]), denseShape: [5])
    },
    ProgrammingError("IndexedSlices: values of shape [2, 3], expected [1, 3]") {
      _ = IndexedSlices(indices: [0], values: Tensor<Float>(zeros: [2, 3]), denseShape: [5, 3])
    },
    ProgrammingError("IndexedSlices: row number 5 at position 1 is not in 0..<5") {
      _ = IndexedSlices(indices: [0, 5], values: Tensor<Float>(zeros: [2, 3]), denseShape: [5, 3])
    },
    ProgrammingError("IndexedSlices: row number -1 at position 0 is not in 0..<5") {
      _ = IndexedSlices(indices: [-1], values: Tensor<Float>(zeros: [1, 3]), denseShape: [5, 3])
    },
    ProgrammingError("IndexedSlices: [5, 3] + [6, 3]: dense shapes differ") {
      _ = IndexedSlices<Float>(denseShape: [5, 3]) + IndexedSlices(denseShape: [6, 3])
    },
    ProgrammingError("RaggedIndices: row splits end with 2, but there are 1 values") {
      _ = RaggedIndices(values: [7], rowSplits: [0, 2])
    },
    ProgrammingError("uniform: the range 1.0..<1.0 is empty") {
      var generator = RandomGenerator(seed: 0)
      _ = Tensor<Float>(uniform: [1], in: 1..<1, using: &generator)
    },
    ProgrammingError("glorotUniform: shape [3] is not [outputs, inputs]") {
      var generator = RandomGenerator(seed: 0)
      _ = Tensor<Float>.glorotUniform([3], using: &generator)
    },
  ]

  /// All of them; a suite with errors of its own is listed here.
  static let allErrors = [
    errors, TapeTests.errors, GradientsTests.errors, ArithmeticTests.errors, LossesTests.errors,
    LookupTests.errors, MatMulTests.errors, NormalizationTests.errors, ReductionTests.errors,
    RankingTests.errors, RegularizationTests.errors, TensorAccessTests.errors, CountedIndicesTests.errors,
    ShapingTests.errors, HyperparameterTests.errors, ScheduleTests.errors, ModelOptimizerTests.errors,
    ParameterOverrideTests.errors, OptimizerStateTests.errors, ClippingTests.errors, GradientAccumulatorTests.errors,
    ExponentialMovingAverageTests.errors, EmbeddingTests.errors, LayerTests.errors, ParameterTests.errors,
    VisitCheckTests.errors, BufferTests.errors, BatchesTests.errors, RowStateTests.errors, SelectionTests.errors,
    ContinuedStateTests.errors, ScoresTests.errors, DistancesTests.errors, CandidateLossesTests.errors,
    RowSamplerTests.errors, CaughtUpRowTests.errors, RegressionLossesTests.errors,
    DrawsTests.errors, UnitRowsTests.errors, SequencesTests.errors, SequencePoolingTests.errors, WindowsTests.errors,
    LinearMaximumTests.errors, RecurrentLayersTests.errors, RecurrentStepperTests.errors, Conv1DTests.errors,
    ShardsTests.errors,
    ShardedGradientsTests.errors,
    BatchNormTests.errors, AttentionTests.errors, PositionsTests.errors, TransformerTests.errors,
    ConditionalRandomFieldTests.errors,
  ].flatMap { $0 }

  @Test(arguments: allErrors.indices)
  func programmingError(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      TrapTests.allErrors[index].commit()
    }
    #expect(result?.standardErrorContent.trapMessage == Self.allErrors[index].message)
  }
}
