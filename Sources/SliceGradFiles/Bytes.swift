extension Collection where Element: BitwiseCopyable {
  /// Calls the body with the bytes of the elements. They are copied only if they aren't contiguous.
  package func withBytes<Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    var failure: Failure?
    func pass(_ elements: UnsafeBufferPointer<Element>) {
      do throws(Failure) { try body(UnsafeRawBufferPointer(elements)) } catch { failure = error }
    }
    if withContiguousStorageIfAvailable(pass) == nil { Array(self).withUnsafeBufferPointer(pass) }
    if let failure { throw failure }
  }
}
