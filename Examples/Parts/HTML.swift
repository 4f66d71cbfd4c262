import Foundation

/// A piece of a page, in HTML or SVG. What is put into a literal is shown as it is: a text is never taken for markup.
///
///     let label = "a < b"
///     let cell: HTML = "<td>\(label)</td>"
///     print(cell)  // <td>a &lt; b</td>
package struct HTML: ExpressibleByStringInterpolation, CustomStringConvertible {
  package let description: String

  package init(stringLiteral: String) { description = stringLiteral }

  package init(stringInterpolation: StringInterpolation) { description = stringInterpolation.text }

  /// Pieces one after another, each in a line of its own.
  package init(_ pieces: [HTML]) { description = pieces.map(\.description).joined(separator: "\n") }

  package static let nothing: HTML = ""

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(2 * literalCapacity) }

    package mutating func appendLiteral(_ literal: String) { text += literal }

    /// A text, in an element or between the quotation marks of an attribute.
    package mutating func appendInterpolation(_ text: String) {
      for scalar in text.unicodeScalars {
        switch scalar {
        case "&": self.text += "&amp;"
        case "<": self.text += "&lt;"
        case ">": self.text += "&gt;"
        case "\"": self.text += "&quot;"
        case "'": self.text += "&#39;"
        case "\t", "\n": self.text.unicodeScalars.append(scalar)
        // No page may have other control characters.
        case _ where scalar.properties.generalCategory == .control: self.text += "\u{FFFD}"
        default: self.text.unicodeScalars.append(scalar)
        }
      }
    }

    package mutating func appendInterpolation(_ number: Int) { text += String(number) }

    /// A length or a place in a drawing, to a hundredth.
    package mutating func appendInterpolation(_ number: Double) {
      var number = String(format: "%.2f", number)
      while number.last == "0" { number.removeLast() }
      if number.last == "." { number.removeLast() }
      text += number == "-0" ? "0" : number
    }

    package mutating func appendInterpolation(_ piece: HTML) { text += piece.description }

    package mutating func appendInterpolation(_ pieces: [HTML]) { text += HTML(pieces).description }
  }
}
