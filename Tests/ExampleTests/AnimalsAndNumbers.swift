/// 80 short texts of two labels, from which TextClassifier learns in a moment.
enum AnimalsAndNumbers {
  /// Few rows and columns, so that unoptimized builds are quick as well.
  static let options = ["--dimensions", "8", "--buckets", "1000", "--char-ngrams", "1-3", "--learning-rate", "0.1"]

  static let lines = (animals + numbers).joined(separator: "\n")

  private static let animals = (0..<40).map { "animal\tthe \(["cat", "dog", "cow", "pig"][$0 % 4]) sleeps \($0)" }
  private static let numbers = (0..<40).map { "number\t\(["one", "two", "six", "ten"][$0 % 4]) plus \($0)" }
}
