import SliceGrad
import Testing

@testable import SliceGradText

@Suite struct DecimalNumberTests {
  private func number<Scalar: TensorScalar>(_ text: String, _: Scalar.Type = Scalar.self) -> Scalar? {
    Scalar(decimal: Array(text.utf8)[...])
  }

  /// The number in the standard library's reading, bit for bit.
  private func expectAgreement(_ text: String) {
    #expect(number(text, Float.self)?.bitPattern == Float(text)?.bitPattern, "\(text)")
    #expect(number(text, Double.self)?.bitPattern == Double(text)?.bitPattern, "\(text)")
  }

  @Test(arguments: [
    "0", "-0", "-0.0", "+1", "1.", ".5", "-.5e1", "0.1", "-0.0282", "1e-05", "1E+5", "1e0", "1e22", "1e23", "1e-23",
    "9007199254740993", "0.3000000119209290", "123456789012345678901234567890", "0.00000000000000000000000000000000001",
    "3.4028235e38", "3.4028235677973366e38", "1e39", "-1e39", "1e-45", "7e-46", "1.17549435e-38", "1.1754943e-38",
    "5e-324", "1e400",
    "1e99999999999999999999", "1e-99999999999999999999", "0e99999999999999999999",
    "00000000000001e-9", "9007199254740992e22", "1e-22",
  ])
  func whatIsANumber(text: String) {
    #expect(number(text, Float.self) != nil)
    expectAgreement(text)
  }

  @Test(arguments: [
    "", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "1e5.", "1.2.3", "--1", "+-1", "1-", "1 ", " 1", "1,5", "0x1p3",
    "1_000", "nan", "inf", "-Infinity", "1f", "１", "1\u{301}", "\0", "1\0", "1\r",
  ])
  func whatIsNone(text: String) {
    #expect(number(text, Float.self) == nil)
  }

  /// Their nearest Double is the middle of two Floats, of which it does not tell the nearer one.
  @Test func numbersBesideTheMiddleOfTwoFloatsAreRoundedOnce() {
    #expect(number("16777219", Float.self) == 16_777_220)  // the middle itself: even
    #expect(number("4.000000715255737", Float.self) == Float(4).nextUp)  // below 4 + 3 · 2⁻²²
    #expect(number("4.000000715255737", Double.self) == 4 + 3 * 0x1p-22)
    #expect(Float(4 + 3 * 0x1p-22 as Double) == Float(4).nextUp.nextUp)

    var generator = RandomGenerator(seed: 20)
    for _ in 0..<20_000 {
      let float = Float.random(in: 1e-6..<1000, using: &generator)
      expectAgreement(((Double(float) + Double(float.nextUp)) / 2).description)
    }
  }

  @Test func randomNumbersAgreeWithTheStandardLibrary() {
    var random = RandomText(seed: 21)
    for _ in 0..<20_000 {
      let digits = (0..<random.integer(1...random.integer(1...24))).map { _ in "\(random.integer(0...9))" }
      let point = random.integer(0...digits.count)
      let sign = ["", "-", "+"][random.integer(0...2)]
      let exponent = ["", "e\(random.integer(-50...50))", "E+\(random.integer(0...30))"][random.integer(0...2)]
      expectAgreement(sign + digits[..<point].joined() + "." + digits[point...].joined() + exponent)
    }
  }

  @Test func shortestDescriptionsAreReadBackToTheSameBits() {
    var generator = RandomGenerator(seed: 22)
    for _ in 0..<20_000 {
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      let double = Double(bitPattern: generator.next())
      if float.isFinite { #expect(number(float.description) == float) }
      if double.isFinite { #expect(number(double.description) == double) }
    }
  }
}
