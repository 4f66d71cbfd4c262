import Foundation
import SliceGradFiles

/// What is wrong with a file of tensors: which file, which tensor if it is about one, what was found and what was
/// expected.
///
///     do {
///       let _: Tensor<Float> = try SafetensorsFile(path: "names.safetensors").tensor("output.bias", shape: [41])
///     } catch {
///       print(error)  // names.safetensors: tensor “output.bias”: found shape [40], expected [41]
///     }
public struct CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// The name of the tensor; `nil` for the file as a whole.
  public let tensor: String?
  /// What is there.
  public let found: String
  /// What should be there.
  public let expected: String

  public init(path: String, tensor: String? = nil, found: String, expected: String) {
    self.path = path
    self.tensor = tensor
    self.found = found
    self.expected = expected
  }

  public var description: String { line }
}

extension CheckpointError: FileError {
  package init(path: String, found: String, expected: String) {
    self.init(path: path, tensor: nil, found: found, expected: expected)
  }

  package var place: String { tensor.map { "\(path): tensor \($0.quoted)" } ?? path }
}
