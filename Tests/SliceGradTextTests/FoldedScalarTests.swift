import Testing

@testable import SliceGradText

@Suite struct FoldedScalarTests {
  /// The two planes that hold all letters with case, all punctuation and all symbols.
  private let scalars = (UInt32(0)...0x1FFFF).lazy.compactMap(Unicode.Scalar.init)

  @Test func rolesAreThoseOfCharacters() {
    let differing = scalars.filter { scalar in
      let character = Character(scalar)
      let role = FoldedScalar(scalar).role
      return (role == .whiteSpace) != character.isWhitespace
        || (role == .mark) != (character.isPunctuation || character.isSymbol)
    }
    #expect(Array(differing) == [])
  }

  @Test func lowerCaseIsThatOfStrings() {
    let differing = scalars.filter { scalar in
      let lowercase = String(scalar).lowercased().unicodeScalars.map(\.value)
      let folded = FoldedScalar(scalar)
      return folded.role == .expandingWordPart ? lowercase.count == 1 : lowercase != [folded.lowercase]
    }
    #expect(Array(differing) == [])
  }

  @Test func tableHoldsTheBasicMultilingualPlane() {
    let table = FoldedScalar.ofBasicMultilingualPlane
    #expect(table.count == 0x10000)
    let plane = scalars.prefix { $0.value < 0x10000 }
    #expect(plane.filter { table[Int($0.value)] != FoldedScalar($0) } == [])
  }
}
