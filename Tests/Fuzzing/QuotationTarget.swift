import SliceGrad
import SliceGradFiles

/// The longest that one Unicode scalar becomes: `\u{000E0041}`.
private let longest = 12

/// What is shown of any text is one clear line, which shows itself as it is.
@Sendable func fuzzQuotation(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  let shown = text.visible()
  if !text.isEmpty && bytes.count < 2000 { requireClearLine(shown) }
  require(areSame(shown.visible(), shown), "\(shown) is escaped again")
  let isPlain = bytes.allSatisfy { (0x20..<0x7F).contains($0) }
  require(!isPlain || areSame(shown, text), "\(shown) for a plain text")
  require(text.quoted.unicodeScalars.count <= 60 * longest + 3, "a long quotation")
  require(text.visible(atMost: 3).unicodeScalars.count <= 3 * longest + 1, "more than three scalars")
}
