import Testing

@testable import SliceGradTraining

@Suite struct HalfPrecisionTests {
  @Test(
    arguments: [
      (0x0000, 0.0), (0x8000, -0.0), (0x3C00, 1), (0xBE00, -1.5), (0x3555, 0x1.554p-2), (0x7BFF, 65504),
      (0x0400, 0x1p-14), (0x03FF, 0x1.FF8p-15), (0x0001, 0x1p-24), (0x8003, -0x1.8p-23), (0x7C00, .infinity),
      (0xFC00, -.infinity),
    ] as [(UInt16, Float)])
  func half(bits: UInt16, expected: Float) {
    #expect(Float(halfBits: bits).bitPattern == expected.bitPattern)
  }

  @Test(
    arguments: [
      (0x0000, 0.0), (0x8000, -0.0), (0x3F80, 1), (0xBFC0, -1.5), (0x7F7F, 0x1.FEp127), (0x0080, 0x1p-126),
      (0x0001, 0x1p-133), (0x8003, -0x1.8p-132), (0x7F80, .infinity), (0xFF80, -.infinity),
    ] as [(UInt16, Float)])
  func brain(bits: UInt16, expected: Float) {
    #expect(Float(brainBits: bits).bitPattern == expected.bitPattern)
  }

  @Test func notANumber() {
    for bits: UInt16 in [0x7C01, 0x7E00, 0xFFFF] { #expect(Float(halfBits: bits).isNaN) }
    for bits: UInt16 in [0x7F81, 0x7FC0, 0xFFFF] { #expect(Float(brainBits: bits).isNaN) }
  }

  #if !(os(macOS) && arch(x86_64))
    /// All 65,536 of them.
    @Test func halvesAreThoseOfFloat16() {
      for bits in UInt16.min...UInt16.max {
        let (number, expected) = (Float(halfBits: bits), Float(Float16(bitPattern: bits)))
        guard number.bitPattern == expected.bitPattern || number.isNaN && expected.isNaN && number.sign == expected.sign
        else {
          Issue.record("\(bits): \(number), expected \(expected)")
          return
        }
      }
    }
  #endif
}
