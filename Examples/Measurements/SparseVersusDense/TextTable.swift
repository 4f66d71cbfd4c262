/// Lines with columns that stand one below the other: the first from the left, the others from the right.
struct TextTable {
  private var lines: [[String]]

  init(_ header: [String]) { lines = [header] }

  mutating func add(_ line: [String]) { lines.append(line) }

  var text: String {
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max()! }
    return lines.map { line in
      line.enumerated().map { column, field in
        let space = String(repeating: " ", count: widths[column] - field.count)
        return column == 0 ? field + space : space + field
      }.joined(separator: "   ")
    }.joined(separator: "\n")
  }
}
