import Foundation
import SliceGrad
import SliceGradMPI
import SliceGradText
import SliceGradTraining
import Testing

// The code of YourTrainingOnManyRanks.md; the first test compares the two.

/// Tells which language the name of a country is in.
struct NameClassifier: Module {
  var embedding: EmbeddingBag<Float>
  var output: Dense<Float>

  /// - Parameter table: `[rows, 32]`.
  init(_ table: EmbeddingTable<Float>, languages: Int, using generator: inout RandomGenerator) {
    embedding = EmbeddingBag(weight: table)
    output = Dense(inputs: 32, outputs: languages, using: &generator)
  }

  func callAsFunction(_ names: RaggedIndices) -> Variable<Float> { output(embedding(names)) }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&embedding, "embedding")
    visit(&output, "output")
  }
}

/// What countries are called in eight languages.
func countryNames() -> [LabeledText] {
  ["cs", "el", "fi", "hu", "lv", "ru", "tr", "uk"].flatMap { language in
    Locale.Region.isoRegions.compactMap { region in
      Locale(identifier: language).localizedString(forRegionCode: region.identifier)
    }.map { LabeledText(label: language, text: $0) }
  }
}

/// Trains a model on all ranks and saves it. Returns how many of 200 new names it labels correctly.
func trainOnNames(epochs: Int, in folder: URL, _ world: Communicator) throws -> Int {
  var generator = RandomGenerator(seed: 1)
  let names = countryNames().shuffled(using: &generator)
  let (new, known) = (names.prefix(200), Array(names.dropFirst(200)))
  let features = NGramFeatures(of: known.map(\.text), NGramConfiguration(characterNGrams: 1...4, buckets: 50_000))
  let labels = LabelVocabulary(of: known)

  let table: EmbeddingTable<Float> = world.embeddingTable(
    rows: features.rowCount, columns: 32, uniformIn: -0.1..<0.1, using: &generator)
  let model = try world.sharingRows(of: NameClassifier(table, languages: labels.count, using: &generator))
  let lookups = [TableLookup<NameClassifier, TextBatch>.bags(\.embedding.weight, \.texts)]
  let optimizer = ModelOptimizer(
    for: model, dense: Adam(learningRate: 0.01), sparse: SparseAdam(learningRate: 0.01))
  var training = TrainingState(model: model, optimizer: optimizer, seed: 2)
  let checkpoint = folder.appending(path: "names.checkpoint")
  if FileManager.default.fileExists(atPath: checkpoint.path) { try world.load(&training, from: checkpoint) }

  let data = try TextDataSet(known, features: features, labels: labels)
  while training.epoch < epochs {
    for batch in training.shuffled(data.batches(ofSize: 64)) {
      let (_, gradients) = try world.valueWithGradients(
        at: training.model, shards: batch.shards(8), lookups: lookups
      ) { model, part in softmaxCrossEntropy(model(part.texts), part.labels) }
      training.update(with: gradients)
    }
    training.beginEpoch()
    try world.save(training, to: checkpoint)
  }
  try world.save(training.model, to: folder.appending(path: "names.safetensors"))

  let test = TextBatch(texts: features.encode(new.map(\.text)), labels: try labels.indices(of: Array(new)))
  let right = try world.results(at: training.model, shards: test.shards(8), lookups: lookups) { model, part in
    zip(model(part.texts).value.argmax(), part.labels).count { $0 == $1 }
  }
  return try world.allGather([Int64(right.reduce(0, +))]).joined().reduce(0) { $0 + Int($1) }
}

func loadedNameClassifier(rows: Int, languages: Int, from url: URL) throws -> NameClassifier {
  var generator = RandomGenerator(seed: 1)
  let table = EmbeddingTable(Tensor<Float>(zeros: [rows, 32]))
  var model = NameClassifier(table, languages: languages, using: &generator)
  try model.load(from: url)
  return model
}

struct YourTrainingOnManyRanksTests {
  @Test("the code of the article is the code here")
  func articleIsCompiled() throws {
    try expectCompiled("Sources/SliceGradMPI/SliceGradMPI.docc/YourTrainingOnManyRanks.md")
  }

  @Test("one rank and three find the same and save the same files, also if they go on with a training")
  func sameFiles() throws {
    let folders = try (0..<3).map { _ in
      let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      return folder
    }
    defer { for folder in folders { try? FileManager.default.removeItem(at: folder) } }
    _ = try trainOnNames(epochs: 1, in: folders[2], Communicator.world())
    let found = try zip([1, 3, 3], folders).flatMap { ranks, folder in
      try Communicator.threads(ranks) { world in try trainOnNames(epochs: 2, in: folder, world) }
    }
    #expect(found[0] > 100 && found == Array(repeating: found[0], count: 7))
    for name in ["names.checkpoint", "names.safetensors"] {
      let files = try folders.map { try Data(contentsOf: $0.appending(path: name)) }
      #expect(files[1] == files[0] && files[2] == files[0], "\(name)")
    }
    let url = folders[1].appending(path: "names.safetensors")
    let weight = try SafetensorsFile(url).tensor("embedding.weight") as Tensor<Float>
    let model = try loadedNameClassifier(rows: weight.shape[0], languages: 8, from: url)
    #expect(model.embedding.weight.value == weight)
  }
}
