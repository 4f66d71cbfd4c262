/// Splits text into lower-cased words at white space, with each punctuation mark or symbol a token of its own.
///
///     print(Tokenizer.tokens(of: "Well,  that's all!").joined(separator: "|"))  // well|,|that|'|s|all|!
///
/// Texts in scripts without spaces, such as Thai or Chinese, stay in long tokens, which character n-grams split.
public enum Tokenizer {
  /// The tokens of `text` in order.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - foldsCase: whether they are lower-cased.
  /// - Complexity: O(length of the text).
  public static func tokens(of text: String, foldsCase: Bool = true) -> [String] {
    var tokens = TokenBuffer(foldsCase: foldsCase)
    tokens.fill(with: text)
    return (0..<tokens.count).map { String(scalars: tokens.word($0)) }
  }
}
