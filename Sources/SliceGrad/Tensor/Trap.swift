/// Traps because of a programming error, in release builds too.
///
/// `precondition` drops its message in optimized builds. But it is the message, with the shapes or values found, that
/// helps.
@usableFromInline @inline(never)
package func trap(_ message: String) -> Never {
  fatalError(message)
}

/// Traps with the message unless the condition holds. The message is built only then.
@inline(__always)
package func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { trap(message()) }
}
