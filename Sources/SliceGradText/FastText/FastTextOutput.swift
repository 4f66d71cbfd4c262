import Foundation

/// Scores of labels, as fastText computes them for a text's vector: the logarithms of probabilities, to each of which
/// 10⁻⁵ is added.
///
/// Numbers are rounded where fastText's are, so that the results are the same.
struct FastTextOutput: Sendable {
  private let matrix: FastTextMatrix
  private let loss: FastTextArguments.Loss
  private let labelCount: Int
  /// What a model with hierarchical softmax decides by.
  private let tree: HuffmanTree?

  /// The matrix has a row for each label; `counts` say how often each occurred.
  init(_ matrix: FastTextMatrix, _ loss: FastTextArguments.Loss, counts: [Int]) {
    (self.matrix, self.loss, labelCount) = (matrix, loss, counts.count)
    tree = loss == .hierarchicalSoftmax ? HuffmanTree(counts) : nil
  }

  /// So many labels with the best scores, if there are as many, best first.
  func best(_ count: Int, for vector: [Float]) -> [FastTextBest.Scored] {
    var best = FastTextBest(most: min(count, labelCount))
    guard labelCount > 0 else { return [] }
    if let tree {
      visitLeaves(of: tree, vector, &best)
    } else {
      for (label, probability) in probabilities(vector).enumerated() { best.add(Self.logarithm(probability), label) }
    }
    return best.sorted()
  }

  private func probabilities(_ vector: [Float]) -> [Float] {
    let products = (0..<labelCount).map { matrix.dot($0, vector) }
    guard loss == .softmax else { return products.map(Self.sigmoid) }
    let largest = products.max()!
    let powers = products.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// Goes down the tree, left before right, where a better label may be than those found.
  private func visitLeaves(of tree: HuffmanTree, _ vector: [Float], _ best: inout FastTextBest) {
    var open: [(score: Float, node: Int)] = [(0, tree.root)]
    let least = Self.logarithm(0)
    while let (score, node) = open.popLast() {
      if score < least || best.refuses(score) { continue }
      guard let (left, right) = tree.children(of: node) else {
        best.add(score, node)
        continue
      }
      let product = matrix.dot(node - labelCount, vector)
      let probability = Float(1 / Double(1 + exp(-product)))
      open.append((score + Self.logarithm(probability), right))
      open.append((score + Self.logarithm(Float(1 - Double(probability))), left))
    }
  }

  private static func logarithm(_ probability: Float) -> Float { Float(log(Double(probability) + 1e-5)) }

  /// The sigmoid at the nearest smaller of 513 points from -8 to 8.
  private static func sigmoid(_ x: Float) -> Float {
    guard !x.isNaN else { return x }
    if x < -8 { return 0 }
    if x > 8 { return 1 }
    return sigmoids[Int((x + 8) * 512 / 8 / 2)]
  }

  private static let sigmoids: [Float] = (0...512).map { Float(1 / (1 + Double(exp(8 - Float($0 * 16) / 512)))) }
}

/// The binary tree whose leaves are labels, the rarer the deeper.
///
/// Source: D. Huffman, “A Method for the Construction of Minimum-Redundancy Codes”, 1952.
private struct HuffmanTree {
  private let leafCount: Int
  /// The children of the nodes that come after the leaves.
  private var children: [(left: Int, right: Int)] = []

  /// A tree of one leaf or more, with these weights in descending order.
  init(_ counts: [Int]) {
    leafCount = counts.count
    var weights = counts
    var (leaf, node) = (counts.count - 1, counts.count)
    for _ in counts.dropFirst() {
      /// Takes the lightest of what has no parent yet: the leaf that is next, or the node.
      func lightest() -> Int {
        if leaf >= 0, node == weights.count || weights[leaf] < weights[node] {
          leaf -= 1
          return leaf + 1
        }
        node += 1
        return node - 1
      }
      let pair = (left: lightest(), right: lightest())
      children.append(pair)
      weights.append(weights[pair.left] &+ weights[pair.right])
    }
  }

  var root: Int { leafCount + children.count - 1 }

  /// nil for a leaf.
  func children(of node: Int) -> (left: Int, right: Int)? {
    node < leafCount ? nil : children[node - leafCount]
  }
}
