import SliceGradKernels

/// The vector instructions that this process computes with.
///
/// It is the best set that the processor has, or the lower one that `SLICEGRAD_INSTRUCTION_SET` of the environment
/// names: `avx512`, `avx2` or `sse2`. AVX-512 and AVX2, which multiply and add in one operation, give the same bits, in
/// debug and release builds alike.
public enum InstructionSet: String, Sendable, Codable {
  /// AVX-512 of x86-64, with registers of 64 bytes.
  case avx512
  /// AVX2 and FMA of x86-64, with registers of 32 bytes.
  case avx2
  /// What every x86-64 has, with registers of 16 bytes.
  case sse2
  /// What every 64-bit Arm has, with registers of 16 bytes.
  case neon
  /// Another processor, whose instructions the compiler has chosen.
  case portable

  /// The set of this process.
  ///
  ///     print(InstructionSet.current == .portable)  // false
  public static let current = InstructionSet(rawValue: String(cString: instructionSet()))!

  /// Whether `a * b + c` is rounded once, which is not known of `portable`. Between sets that differ in this, the last
  /// bits of results differ.
  public var roundsOnce: Bool { self == .avx512 || self == .avx2 || self == .neon }
}
