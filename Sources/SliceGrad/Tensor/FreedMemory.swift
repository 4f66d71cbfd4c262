import SliceGradKernels

/// Memory that was freed, and that is kept for what comes next.
package enum FreedMemory {
  /// Gives it back to the operating system, after a part of a program that needed much. Otherwise the gaps that this
  /// part left stay in memory beside what comes after it.
  ///
  /// - Complexity: O(free blocks).
  package static func giveBack() { giveBackFreeMemory() }
}
