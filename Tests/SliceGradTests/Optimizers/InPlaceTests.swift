import Foundation
import SliceGrad
import Testing

/// Updates write where the numbers are: nothing is copied, and nothing of a table's size is allocated.
@Suite struct InPlaceTests {
  /// Where all arrays of numbers in a value lie, also those in private fields.
  private func addresses(in value: Any) -> [Int] {
    switch value {
    case let tensor as Tensor<Float>:
      [tensor.elements.withContiguousStorageIfAvailable { Int(bitPattern: $0.baseAddress) }!]
    case let numbers as [Int32] where !numbers.isEmpty:
      [numbers.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }]
    default: Mirror(reflecting: value).children.flatMap { addresses(in: $0.value) }
    }
  }

  @Test(arguments: RuleCases<Float>.pairs.indices)
  func buffersKeepTheirAddresses(pair: Int) {
    check(dense: RuleCases.pairs[pair].dense, sparse: RuleCases.pairs[pair].sparse)
  }

  /// The parameters' and the states' buffers are the same ones over 100 steps. A sparse rule's state is one block and
  /// three arrays of row numbers, which grow until every row was touched.
  private func check(
    dense: some Optimizer<Tensor<Float>>, sparse: some Optimizer<IndexedSlices<Float>>
  ) {
    var (generator, model) = (RandomGenerator(seed: 1), BagModel<Float>(rows: 30))
    var optimizer = ModelOptimizer(for: model, dense: dense, sparse: sparse)
    func step(_ texts: [[Int32]]) {
      let labels = [Int32](repeating: 1, count: texts.count)
      optimizer.catchUp(&model, \.embedding, rows: RaggedIndices(texts))
      let gradients = valueWithGradients(at: model) { $0.loss(texts, labels) }.gradients
      optimizer.update(&model, with: gradients)
    }
    step([Array(0..<30)])
    let before = addresses(in: model) + addresses(in: optimizer)
    var buffers = 3
    optimizer.forEachField { _, field in
      if field is RowState<Float> {
        buffers += 4
      } else if field is Tensor<Float> || field is RowNumbers {
        buffers += 1
      }
    }
    #expect(before.count == buffers, "\(dense), \(sparse)")
    // After every step: a copy might go back to where the original was.
    for _ in 0..<100 {
      step((0..<4).map { _ in generator.indices(count: 3, tableRows: 30) })
      #expect(addresses(in: model) + addresses(in: optimizer) == before, "\(dense), \(sparse)")
    }
  }

  /// A process of its own: training steps with a table of two million rows must not even for a moment take as much
  /// memory as a number for each row.
  @Test func stepsDontAllocateWhatATableTakes() async {
    await #expect(processExitsWith: .success) {
      let rows = 2_000_000
      var (generator, model) = (RandomGenerator(seed: 1), BagModel<Float>(rows: rows, columns: 8))
      var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
      let before = peakMemory()
      for _ in 0..<50 {
        let texts = (0..<16).map { _ in generator.indices(count: 8, tableRows: rows) }
        let labels = generator.indices(count: 16, tableRows: 4)
        let gradients = valueWithGradients(at: model) { $0.loss(texts, labels) }.gradients
        _ = gradients.globalNorm
        optimizer.update(&model, with: gradients)
      }
      let growth = peakMemory() - before
      guard growth < rows * MemoryLayout<Int32>.stride else { fatalError("\(growth) bytes more") }
    }
  }
}

/// The most memory that this process has had at once, in bytes.
private func peakMemory() -> Int {
  var usage = rusage()
  #if os(Linux)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  #else
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #endif
}
