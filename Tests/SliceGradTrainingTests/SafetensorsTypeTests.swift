import Testing

@testable import SliceGradTraining

@Suite struct SafetensorsTypeTests {
  @Test(
    arguments: [
      (.f32, [], 4), (.f64, [2, 3], 48), (.bool, [5], 5), (.bf16, [0, 7], 0), (.f4, [3, 2], 3), (.f6e2m3, [4], 3),
      (.c64, [2], 16), (.i64, [Int.max / 64], Int.max / 64 * 8),
    ] as [(SafetensorsType, [Int], Int)])
  func byteCounts(dtype: SafetensorsType, shape: [Int], expected: Int) {
    #expect(dtype.byteCount(of: shape) == expected)
  }

  /// 2⁶⁴ elements, 2⁶³ bits, an overflow before a dimension of 0, half a byte.
  @Test(
    arguments: [
      (.u8, [1 << 32, 1 << 32]), (.f64, [1 << 57]), (.u8, [1 << 32, 1 << 32, 0]), (.f4, [3]),
    ] as [(SafetensorsType, [Int])])
  func uncountable(dtype: SafetensorsType, shape: [Int]) {
    #expect(dtype.byteCount(of: shape) == nil)
  }
}
