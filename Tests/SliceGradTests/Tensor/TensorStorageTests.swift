import Foundation
import SliceGrad
import SliceGradKernels
import Testing

@Suite struct TensorStorageTests {
  @Test func writingCopiesWhatIsShared() {
    var tensor = Tensor<Float>([1, 2, 3])
    let (copy, reshaped, elements) = (tensor, tensor.reshaped(to: [3, 1]), tensor.elements)
    tensor[1] = 7
    #expect(tensor.elements == [1, 7, 3])
    #expect(copy.elements == [1, 2, 3] && reshaped.elements == [1, 2, 3] && elements == [1, 2, 3])
  }

  @Test func writingToAReshapedTensorLeavesTheOriginal() {
    var tensor: Tensor<Float>? = Tensor([1, 2, 3])
    var reshaped = tensor!.reshaped(to: [3, 1])
    reshaped[0, 0] = 7
    #expect(tensor!.elements == [1, 2, 3] && reshaped.elements == [7, 2, 3])

    var again = tensor!.reshaped(to: [1, 3]).reshaped(to: [3, 1])
    tensor = nil
    let copy = again
    again[2, 0] = 9
    #expect(again.elements == [1, 2, 9] && copy.elements == [1, 2, 3])
    again[1, 0] = 8
    #expect(again.elements == [1, 8, 9])
  }

  /// The gradient of a sum is one number repeated, which is not stored for every element.
  @Test func uniformTensorsAreLikeOthers() {
    let x = Tensor<Double>([[1, 2, 3], [4, 5, 6]])
    func gradient(_ function: (Tensor<Double>) -> Tensor<Double>) -> Tensor<Double> {
      withoutActuallyEscaping(function) { function in
        valueWithGradients(at: [x]) { x in
          Variable.recorded(x[0].value, from: x[0].back(function)).sum() * 2
        }.gradients[0]
      }
    }
    let twos = Tensor<Double>(repeating: 2, shape: [2, 3])
    #expect(gradient { $0 } == twos)
    #expect(gradient { $0.reshaped(to: [3, 2]).transposed() } == twos)
    #expect(gradient { $0 * x } == x * 2)
    #expect(gradient { x - $0 } == x - 2)
    #expect(gradient { $0 / $0 } == Tensor(ones: [2, 3]))
    #expect(gradient { ($0 + $0) * 3 + 1 } == Tensor(repeating: 13, shape: [2, 3]))
    #expect(gradient { $0.slice(0..<1, axis: 0) + x } == x + 2)
    #expect(gradient { $0.sum().broadcast(to: [2, 3]) } == Tensor(repeating: 12, shape: [2, 3]))
    #expect(gradient { Tensor(repeating: $0.dot(x), shape: [2, 3]) } == Tensor(repeating: 42, shape: [2, 3]))
    #expect(gradient { $0.matmul(x, transposeRight: true).matmul(x).reshaped(to: [2, 3]) }[0, 0] == 12 * 1 + 30 * 4)
    #expect(
      gradient {
        var sum = x
        sum += $0
        return sum
      } == x + 2)
    #expect(
      gradient {
        var changed = $0
        changed[0, 1] = 9
        return changed
      }.elements == [2, 9, 2, 2, 2, 2])
  }

  /// A uniform number is kept as it is.
  @Test(arguments: [-0.0, .leastNonzeroMagnitude, .infinity, 0.1] as [Float]) func uniformNumbers(number: Float) {
    let x = Tensor<Float>([1, 2, 3])
    let gradient = valueWithGradients(at: [x]) { $0[0].sum() * number }.gradients[0]
    #expect(gradient.elements.allSatisfy { $0 == number && $0.sign == number.sign } && gradient[2] == number)
    #expect(Tensor(number).scalar.sign == number.sign && Tensor(Float.nan).scalar.isNaN)
  }

  /// A process of its own, as other tests take and give back memory at the same time.
  @Test func droppedMemoryIsTakenAgain() async {
    await #expect(processExitsWith: .success) {
      func address(_ count: Int) -> Int {
        Tensor<Float>(zeros: [count]).elements.withContiguousStorageIfAvailable { Int(bitPattern: $0.baseAddress) }!
      }
      for count in [1, 16, 100, 1000, 50_000, 3_000_000] {
        let first = address(count)
        guard address(count) == first, first % 64 == 0 else { fatalError("\(count) elements are elsewhere") }
      }
    }
  }

  /// However many rows a gradient of a table has: sizes above 2 MiB that are powers of 2 hold others as well.
  @Test func largeSizesShareMemory() async {
    await #expect(processExitsWith: .success) {
      for (one, other) in [(5 << 20, 8 << 20), (3 << 20, 4 << 20), (33 << 20, 64 << 20)] {
        let first = allocate(byteCount: one)
        release(first, byteCount: one)
        let second = allocate(byteCount: other)
        memset(second, 1, other)
        guard second == first, Int(bitPattern: first) % (2 << 20) == 0 else { fatalError("\(other) bytes elsewhere") }
        release(second, byteCount: other)
      }
    }
  }

  /// Blocks with pages of their own are neighbours in memory.
  @Test func releasingLeavesTheNeighboursAlone() async {
    await #expect(processExitsWith: .success) {
      for byteCount in [4 << 20, 65 << 20, 65 << 20 + 1] {
        let blocks = (0..<5).map { _ in allocate(byteCount: byteCount) }
        for block in blocks { memset(block, 3, byteCount) }
        for block in [blocks[1], blocks[3]] { release(block, byteCount: byteCount) }
        giveBackFreeMemory()
        for block in [blocks[0], blocks[2], blocks[4]] {
          for place in [0, byteCount / 2, byteCount - 1] where block.load(fromByteOffset: place, as: UInt8.self) != 3 {
            fatalError("byte \(place) of \(byteCount) is gone")
          }
          release(block, byteCount: byteCount)
        }
      }
    }
  }

  /// What was dropped long ago makes room for the sizes in use: a block comes back as it was left, not cleared by the
  /// operating system.
  @Test func oldMemoryMakesRoom() async {
    await #expect(processExitsWith: .success) {
      func fillWithDroppedTensors(ofBytes byteCount: Int) {
        let count = (256 << 20) / byteCount
        for block in (0..<count).map({ _ in allocate(byteCount: byteCount) }) { release(block, byteCount: byteCount) }
      }
      for (old, new) in [(64 << 20, 1 << 20), (1 << 20, 2 << 20), (2 << 20, 64 << 20), (64 << 20, 24 << 20)] {
        fillWithDroppedTensors(ofBytes: old)
        let first = allocate(byteCount: new)
        first.storeBytes(of: 7, toByteOffset: new / 2, as: Int.self)
        release(first, byteCount: new)
        let second = allocate(byteCount: new)
        guard second == first, second.load(fromByteOffset: new / 2, as: Int.self) == 7 else {
          fatalError("\(new) bytes were not kept after \(old)")
        }
        release(second, byteCount: new)
      }
    }
  }

  #if os(Linux)
    /// What is larger than 64 MiB goes back to the operating system, which clears it.
    @Test func largestMemoryIsNotKept() async {
      await #expect(processExitsWith: .success) {
        for megabytes in [65, 80, 96, 112, 128, 256, 512] {
          let first = allocate(byteCount: megabytes << 20)
          memset(first, 1, megabytes << 20)
          release(first, byteCount: megabytes << 20)
          let second = allocate(byteCount: megabytes << 20)
          let middle = second.load(fromByteOffset: megabytes << 19, as: UInt8.self)
          release(second, byteCount: megabytes << 20)
          guard middle == 0 else { fatalError("\(megabytes) MiB are kept") }
        }
        let kept = try residentByteCount()
        guard kept < 700 << 20 else { fatalError("\(kept) bytes are kept") }
      }
    }

    /// However much was used, not much more than 256 MiB of it is kept: here of 960.
    @Test func droppedMemoryIsLimited() async {
      await #expect(processExitsWith: .success) {
        let blocks = (0..<15).map { _ in
          let block = allocate(byteCount: 64 << 20)
          memset(block, 1, 64 << 20)
          return block
        }
        for block in blocks { release(block, byteCount: 64 << 20) }
        let kept = try residentByteCount()
        guard kept < 500 << 20 else { fatalError("\(kept) bytes are kept") }
        giveBackFreeMemory()
        let left = try residentByteCount()
        guard left < kept - (200 << 20) else { fatalError("\(left) bytes of \(kept) are left") }
      }
    }
  #endif
}

#if os(Linux)
  /// How much of this process's memory is in use now. (Not the peak, which outlives exec.)
  private func residentByteCount() throws -> Int {
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1]
    return Int(pages)! * Int(getpagesize())
  }
#endif
