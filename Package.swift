// swift-tools-version: 6.3
import PackageDescription

// Continuous integration sets CI; elsewhere a new warning of a newer compiler should not stop a build.
let isContinuousIntegration = Context.environment["CI"] != nil
let swiftSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (isContinuousIntegration ? [.treatAllWarnings(as: .error)] : [])
let cSettings: [CSetting] =
  [.enableWarning("all"), .enableWarning("extra")] + (isContinuousIntegration ? [.treatAllWarnings(as: .error)] : [])

let package = Package(
  name: "SliceGrad",
  platforms: [.macOS(.v14)],

  // MARK: Products
  products: [
    .library(name: "SliceGrad", targets: ["SliceGrad"]),
    .library(name: "SliceGradText", targets: ["SliceGradText"]),
    .library(name: "SliceGradTraining", targets: ["SliceGradTraining"]),
    .library(name: "SliceGradMPI", targets: ["SliceGradMPI"]),
  ],

  targets: [
    // MARK: Library
    .target(
      name: "SliceGradKernels", cSettings: cSettings,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(name: "SliceGrad", dependencies: ["SliceGradKernels"], swiftSettings: swiftSettings),
    .target(name: "SliceGradFiles", swiftSettings: swiftSettings),
    .target(name: "SliceGradText", dependencies: ["SliceGrad", "SliceGradFiles"], swiftSettings: swiftSettings),
    .target(name: "SliceGradTraining", dependencies: ["SliceGrad", "SliceGradFiles"], swiftSettings: swiftSettings),
    .target(
      name: "SliceGradMPILibrary", cSettings: cSettings,
      linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(
      name: "SliceGradMPI", dependencies: ["SliceGrad", "SliceGradFiles", "SliceGradMPILibrary", "SliceGradTraining"],
      swiftSettings: swiftSettings),

    // MARK: Examples
    .executableTarget(
      name: "QuickStart", dependencies: ["SliceGrad"], path: "Examples/QuickStart", swiftSettings: swiftSettings),
    .target(
      name: "ExampleParts", dependencies: ["SliceGrad", "SliceGradFiles", "SliceGradMPI", "SliceGradText"],
      path: "Examples/Parts", swiftSettings: swiftSettings),
    .executableTarget(
      name: "TextClassifier",
      dependencies: [
        "ExampleParts", "SliceGrad", "SliceGradFiles", "SliceGradMPI", "SliceGradText", "SliceGradTraining",
      ],
      path: "Examples/TextClassifier", swiftSettings: swiftSettings),
    .executableTarget(
      name: "SequenceClassifier", dependencies: ["ExampleParts", "SliceGrad", "SliceGradText"],
      path: "Examples/SequenceClassifier", swiftSettings: swiftSettings),
    .executableTarget(
      name: "NameGenerator", dependencies: ["ExampleParts", "SliceGrad", "SliceGradText"],
      path: "Examples/NameGenerator", swiftSettings: swiftSettings),
    .executableTarget(
      name: "NameMatcher", dependencies: ["ExampleParts", "SliceGrad", "SliceGradText"], path: "Examples/NameMatcher",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "Tagger", dependencies: ["ExampleParts", "SliceGrad", "SliceGradFiles", "SliceGradText"],
      path: "Examples/Tagger", swiftSettings: swiftSettings),
    .executableTarget(
      name: "Recommender", dependencies: ["ExampleParts", "SliceGrad"], path: "Examples/Recommender",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "KnowledgeGraph",
      dependencies: [
        "ExampleParts", "SliceGrad", "SliceGradFiles", "SliceGradMPI", "SliceGradText", "SliceGradTraining",
      ],
      path: "Examples/KnowledgeGraph", swiftSettings: swiftSettings),
    .executableTarget(
      name: "WordVectors",
      dependencies: ["ExampleParts", "SliceGrad", "SliceGradFiles", "SliceGradMPI", "SliceGradText"],
      path: "Examples/WordVectors", swiftSettings: swiftSettings),

    // MARK: Measurements
    .target(name: "MeasurementParts", path: "Examples/Measurements/Parts", swiftSettings: swiftSettings),
    .executableTarget(
      name: "SparseVersusDense", dependencies: ["ExampleParts", "MeasurementParts", "SliceGrad", "SliceGradText"],
      path: "Examples/Measurements/SparseVersusDense", exclude: ["SparseVersusDense.svg"],
      swiftSettings: swiftSettings),
    .target(
      name: "AllocationCounter", path: "Examples/Measurements/Benchmark/AllocationCounter", cSettings: cSettings),
    .executableTarget(
      name: "Benchmark", dependencies: ["AllocationCounter", "ExampleParts", "MeasurementParts", "SliceGrad"],
      path: "Examples/Measurements/Benchmark", exclude: ["AllocationCounter", "peers"], swiftSettings: swiftSettings),
    .executableTarget(
      name: "RankSteps",
      dependencies: ["ExampleParts", "MeasurementParts", "SliceGrad", "SliceGradMPI", "SliceGradText"],
      path: "Examples/Measurements/RankSteps", exclude: ["cost_model.py", "peers"], swiftSettings: swiftSettings),

    // MARK: Tests
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .testTarget(
      name: "SliceGradTests", dependencies: ["SliceGrad", "SliceGradKernels", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
    .testTarget(
      name: "SliceGradFilesTests", dependencies: ["SliceGradFiles", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(
      name: "SliceGradTextTests", dependencies: ["SliceGrad", "SliceGradText", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
    .testTarget(
      name: "SliceGradTrainingTests", dependencies: ["SliceGrad", "SliceGradTraining", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
    .testTarget(
      name: "SliceGradMPITests", dependencies: ["SliceGrad", "SliceGradMPI", "SliceGradTraining", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ReadmeTests",
      dependencies: ["SliceGrad", "SliceGradMPI", "SliceGradText", "SliceGradTraining", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ExampleTests",
      dependencies: [
        "Benchmark", "ExampleParts", "KnowledgeGraph", "NameGenerator", "NameMatcher", "QuickStart", "Recommender",
        "SequenceClassifier", "SliceGrad", "SliceGradMPI", "SliceGradTraining", "SparseVersusDense", "Tagger",
        "TestSupport", "TextClassifier", "WordVectors",
      ],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
