/// A tensor whose bytes come while a file is written.
package struct AnnouncedTensor {
  package let name: String
  package let dtype: SafetensorsType
  package let shape: [Int]

  package init(name: String, dtype: SafetensorsType, shape: [Int]) {
    (self.name, self.dtype, self.shape) = (name, dtype, shape)
  }
}

/// The tensors of parts of a training, by the names of these parts in files.
package typealias AnnouncedTensors = [String: [AnnouncedTensor]]

extension SafetensorsWriter {
  /// Announces the tensors of a part, if there are some. Returns whether there are.
  mutating func announce(_ tensors: [AnnouncedTensor]?) -> Bool {
    for tensor in tensors ?? [] { announce(tensor.name, dtype: tensor.dtype, shape: tensor.shape) }
    return tensors != nil
  }
}
