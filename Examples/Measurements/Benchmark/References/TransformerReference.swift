import Foundation
import SliceGrad

/// `TransformerBlock` with relu and the norms last, by plain loops in Double.
struct TransformerReference {
  /// By their names.
  var parameters: [String: [Double]] = [:]
  private let columns: Int
  private let heads: Int

  init(_ block: TransformerBlock<Float>) {
    (columns, heads) = (block.norm1.weight.shape[0], block.attention.heads)
    var block = block
    block.forEachParameter { name, value in parameters[name] = value.elements.map(Double.init) }
  }

  /// What becomes of one sequence of vectors.
  func outputs(_ sequence: [[Double]]) -> [[Double]] {
    let projected = sequence.map { linear($0, "self_attn.in_proj_") }
    return sequence.indices.map { i in
      let attended = linear(attention(of: i, in: projected), "self_attn.out_proj.")
      let x = normalized(sum(sequence[i], attended), "norm1")
      let hidden = linear(x, "linear1.").map { max($0, 0) }
      return normalized(sum(x, linear(hidden, "linear2.")), "norm2")
    }
  }

  /// What element i finds, given queries, keys and values of all.
  private func attention(of i: Int, in projected: [[Double]]) -> [Double] {
    let width = columns / heads
    return (0..<heads).flatMap { head in
      let query = projected[i][head * width..<(head + 1) * width]
      let weights = projected.map { element in
        let key = element[columns + head * width..<columns + (head + 1) * width]
        return exp(zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } / Double(width).squareRoot())
      }
      let total = weights.reduce(0, +)
      return (0..<width).map { column in
        zip(weights, projected).reduce(0) { $0 + $1.0 / total * $1.1[2 * columns + head * width + column] }
      }
    }
  }

  private func linear(_ input: [Double], _ layer: String) -> [Double] {
    let (weight, bias) = (parameters[layer + "weight"]!, parameters[layer + "bias"]!)
    return bias.indices.map { output in
      input.indices.reduce(bias[output]) { $0 + weight[output * input.count + $1] * input[$1] }
    }
  }

  private func normalized(_ x: [Double], _ layer: String) -> [Double] {
    let (weight, bias) = (parameters[layer + ".weight"]!, parameters[layer + ".bias"]!)
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    return x.indices.map { weight[$0] * (x[$0] - mean) / (variance + 1e-5).squareRoot() + bias[$0] }
  }

  private func sum(_ x: [Double], _ y: [Double]) -> [Double] { zip(x, y).map { $0 + $1 } }
}
