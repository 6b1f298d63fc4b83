internal import VectorIndexes

/// An index by Milvus's names, from one by ours.
struct MilvusIndex {
  /// Our name for Milvus's `AUTOINDEX`: the index that the server chooses.
  static let automatic = "auto"

  var type: String
  var parameters: [(name: String, value: Int)]

  /// - Throws: `VectorStoreError.invalidArgument` for a specification that is none, `unsupported` for one that Milvus cannot build.
  init(_ schema: CollectionSchema, store: String) throws(VectorStoreError) {
    let specification = schema.index
    if specification.kind == Self.automatic {
      guard specification.parameters.isEmpty else {
        throw .invalidArgument("index 'auto' is the server's own choice and takes no parameters")
      }
      (type, parameters) = ("AUTOINDEX", [])
      return
    }
    do {
      _ = try IndexFactory.make(specification, dimension: schema.dimension, metric: DistanceMetric(schema.metric))
      (type, parameters) = try Self.translated(specification, dimension: schema.dimension, store: store)
    } catch let error as VectorStoreError {
      throw error
    } catch {
      throw .invalidArgument("\(error)")
    }
    // What only concerns our own way of building changes no answer elsewhere, except where it is what was asked for.
    let known = Set(Self.buildNames).union(Self.silentNames)
    if let name = specification.parameters.keys.sorted().first(where: { !known.contains($0) }) {
      throw .unsupported(name: store, reason: "builds \(type) without a parameter '\(name)'; leave it out")
    }
  }

  /// Those that both have.
  private static let buildNames = ["m", "ef_construction", "nlist", "pq_m"]
  /// Those that a search says again, or that change how long our own build takes and nothing else.
  private static let silentNames = ["ef", "nprobe", "threads", "seed"]

  private static func translated(
    _ specification: IndexSpecification, dimension: Int, store: String
  ) throws -> (String, [(name: String, value: Int)]) {
    func lists() -> (name: String, value: Int) {
      ("nlist", specification.parameters["nlist"].flatMap { Int($0) } ?? IVFParameters(coding: .flat).nlist)
    }
    switch specification.kind {
    case FlatIndex.kind: return ("FLAT", [])
    case HNSWParameters.Traversal.full.rawValue:
      let hnsw = try HNSWParameters(traversal: .full, specification.parameters)
      return ("HNSW", [("M", hnsw.m), ("efConstruction", hnsw.efConstruction)])
    case IVFParameters.Coding.flat.rawValue: return ("IVF_FLAT", [lists()])
    case IVFParameters.Coding.sq8.rawValue: return ("IVF_SQ8", [lists()])
    case IVFParameters.Coding.pq.rawValue:
      let m = specification.parameters["pq_m"].flatMap { Int($0) } ?? 0
      return ("IVF_PQ", [lists(), ("m", m > 0 ? m : Self.subquantizers(dimension)), ("nbits", 8)])
    default:
      throw VectorStoreError.unsupported(
        name: store,
        reason: "has no index like '\(specification.kind)'; it builds flat, hnsw, ivf, ivf-sq8, ivf-pq and auto")
    }
  }

  /// About one for every four dimensions; Milvus wants it to divide them.
  private static func subquantizers(_ dimension: Int) -> Int {
    (1...max(1, dimension / 4)).last { dimension % $0 == 0 } ?? 1
  }

  /// As the legacy interface and version 2 take them.
  var json: FieldValue {
    .object(Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, .integer(Int64($0.value))) }))
  }

  /// What a search says to an index of this kind; fields of `SearchParameters` that are 0 are left to the server.
  static func searchParameters(_ request: SearchRequest) -> FieldValue {
    var values: [String: FieldValue] = [:]
    // HNSW refuses a beam narrower than the answer.
    if request.parameters.ef > 0 { values["ef"] = .integer(Int64(max(request.parameters.ef, request.limit))) }
    if request.parameters.nprobe > 0 { values["nprobe"] = .integer(Int64(request.parameters.nprobe)) }
    return .object(values)
  }
}
