import SliceGrad

/// Random texts for property tests: words, marks and white space of many scripts.
struct RandomText {
  private var generator: RandomGenerator

  init(seed: UInt64) { generator = RandomGenerator(seed: seed) }

  /// Scalars that tokenizers stumble over, each in a group drawn as often as any other.
  private static let alphabets: [[Unicode.Scalar]] = [
    Array("abcdefghijklmnopqrstuvwxyz".unicodeScalars), Array("ABCXYZ0189".unicodeScalars),
    Array("     \t\u{A0}\u{3000}\u{2003}\u{85}".unicodeScalars), Array(".,'’!?-_<>$+(){}«»…¿".unicodeScalars),
    Array("äÖßéñİıŁǅſÅÐ".unicodeScalars), Array("ΑΒΓΣσςάΏЖЁщԱՖᲐᏣ".unicodeScalars),
    Array("ابجدשלוםहिन्दीবাংলাไทยภาษา日本語한국어".unicodeScalars), Array("\u{301}\u{308}\u{200D}\u{FE0F}\u{0}".unicodeScalars),
    Array("😀👩🏽🇩🇪𝔘𐐀𐐨𞤀𞤢Ⓐⅷ".unicodeScalars),
  ]

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(generator.next() % UInt64(range.count))
  }

  mutating func text(maximumLength: Int = 40, without excluded: String = "") -> String {
    var scalars = String.UnicodeScalarView()
    for _ in 0..<integer(0...maximumLength) {
      // One scalar in ten is any scalar at all.
      let alphabet = Self.alphabets[integer(0...(Self.alphabets.count - 1))]
      let scalar =
        integer(0...9) > 0
        ? alphabet[integer(0...(alphabet.count - 1))] : Unicode.Scalar(UInt32(integer(0...0x10FFFF))) ?? "\u{FFFD}"
      if !excluded.unicodeScalars.contains(scalar) { scalars.append(scalar) }
    }
    return String(scalars)
  }

  mutating func texts(_ count: Int) -> [String] {
    (0..<count).map { _ in text() }
  }
}
