extension Float {
  /// The number with these bits in IEEE 754's 16-bit format (1 sign bit, 5 of exponent, 10 of fraction), exactly.
  ///
  /// It does without `Float16`, which macOS on Intel doesn't have.
  init(halfBits bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7FFF) << 13
    if magnitude >= 0x7C00 << 13 {  // ∞, NaN
      self.init(bitPattern: sign | 0x7F80_0000 | magnitude)
    } else {
      // The exponents' biases are 15 and 127. The product is exact, even for subnormal numbers.
      self = Float(bitPattern: sign | magnitude) * 0x1p112
    }
  }

  /// The number with these bits in the bfloat16 format, which is the upper half of a Float.
  init(brainBits bits: UInt16) { self.init(bitPattern: UInt32(bits) << 16) }
}
