import Foundation

/// The terminal that standard error is shown on.
enum Terminal {
  /// What empties the line that the cursor is in, and goes to its beginning.
  static let emptyLine = "\r\u{1B}[K"

  /// How many columns it has; 80 if it doesn't say.
  static var columns: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}
