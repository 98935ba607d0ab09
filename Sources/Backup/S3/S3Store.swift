import Synchronization

/// A repository in an object store that speaks the protocol of Amazon S3.
///
/// A file is written on the condition that there is none of its name, and never changed: a bucket with object lock does.
public final class S3Store: BackupStore {
    private let client: S3Client
    /// Above this size a file is sent in parts; also the size of a part.
    private let partSize: Int
    private let knowsConditions = Atomic(true)

    /// Makes ready to use a bucket; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - location: the bucket, and what names in it begin with.
    ///   - endpoint: the server.
    ///   - region: the region, which is part of signatures.
    ///   - credentials: who may use it.
    ///   - authorities: a file of certificates that are trusted; nil for those of the system.
    /// - Throws: ``BackupError`` if there is no libcurl.
    public convenience init(
        _ location: S3Location,
        at endpoint: S3Endpoint,
        region: String,
        credentials: S3Credentials,
        authorities: String? = nil
    ) throws {
        let http = try HTTPClient(authorities: authorities)
        self.init(
            S3Client(location, at: endpoint, region: region, credentials: credentials, http: http),
            partSize: 32 << 20
        )
    }

    init(_ client: S3Client, partSize: Int) {
        self.client = client
        self.partSize = partSize
    }

    /// The bucket and what names begin with.
    public var description: String { client.location.description }

    /// Puts a file in place.
    public func put(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
        if bytes.count > partSize { return try putParts(name, bytes) }
        try finish(name, bytes) { headers in
            try client.send("PUT", key(name), headers: headers, body: bytes)
        }
    }

    /// Reads a whole file; nil if there is none.
    public func get(_ name: String) throws -> [UInt8]? {
        let outcome = try client.send("GET", key(name))
        if outcome.response.status == 200 { return outcome.response.body }
        if outcome.response.status == 404, outcome.code != "NoSuchBucket" { return nil }
        throw BackupError.refusedByStore(place(name), outcome, isWriting: false)
    }

    /// The size of a file; nil if there is none.
    public func size(of name: String) throws -> Int? {
        let outcome = try client.send("HEAD", key(name))
        if outcome.response.status == 404 { return nil }
        guard outcome.response.status == 200, let size = outcome.response.headers["content-length"].flatMap({ Int($0) })
        else { throw BackupError.refusedByStore(place(name), outcome, isWriting: false) }
        return size
    }

    /// Lists the files whose names begin with a folder's path, with their sizes.
    public func sizes(in folder: String) throws -> [String: Int] {
        var sizes: [String: Int] = [:]
        var token: String?
        repeat {
            var query = [("list-type", "2"), ("prefix", key(folder) + "/")]
            if let token { query.append(("continuation-token", token)) }
            let outcome = try client.send("GET", query: query)
            guard outcome.response.status == 200 else {
                throw BackupError.refusedByStore(place(folder), outcome, isWriting: false)
            }
            let answer = S3Answer(outcome.response.body)
            let beginning = client.location.prefix.isEmpty ? "" : client.location.prefix + "/"
            for entry in answer.all("Contents") {
                guard let key = entry.value("Key"), let size = entry.value("Size").flatMap({ Int($0) }),
                    key.hasPrefix(beginning)
                else { continue }
                sizes[String(key.dropFirst(beginning.count))] = size
            }
            token = answer.value("IsTruncated") == "true" ? answer.value("NextContinuationToken") : nil
        } while token != nil
        return sizes
    }

    /// Takes a file away.
    public func remove(_ name: String) throws {
        let outcome = try client.send("DELETE", key(name))
        guard [200, 204, 404].contains(outcome.response.status), outcome.code != "NoSuchBucket" else {
            throw BackupError.refusedByStore(place(name), outcome, isWriting: true)
        }
    }

    private func key(_ name: String) -> String {
        client.location.prefix.isEmpty ? name : "\(client.location.prefix)/\(name)"
    }

    private func place(_ name: String) -> String { "\(description)/\(name)" }

    /// Sends what makes a file exist, on the condition that there is none of its name.
    private func finish(
        _ name: String,
        _ bytes: UnsafeRawBufferPointer,
        _ send: ([(name: String, value: String)]) throws -> S3Client.Outcome
    ) throws {
        var isConditional = knowsConditions.load(ordering: .relaxed)
        if !isConditional, try size(of: name) != nil { throw BackupError.nameTaken(place(name)) }
        var outcome = try send(isConditional ? [("if-none-match", "*")] : [])
        if isConditional, outcome.response.status == 501 {
            // Names are never used twice: looking first is as good, unless somebody wants to trick us.
            knowsConditions.store(false, ordering: .relaxed)
            isConditional = false
            if try size(of: name) != nil { throw BackupError.nameTaken(place(name)) }
            outcome = try send([])
        }
        if outcome.response.status == 412 {
            // An earlier try of ours may have come through, and only its answer not.
            if outcome.mayHaveBeenDone, try get(name).map({ $0.elementsEqual(bytes) }) == true { return }
            throw BackupError.nameTaken(place(name))
        }
        // The end of an upload in parts may be answered with 200 before it fails.
        guard outcome.response.status == 200, outcome.code == nil else {
            throw BackupError.refusedByStore(place(name), outcome, isWriting: true)
        }
    }

    private func putParts(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
        let begin = try client.send("POST", key(name), query: [("uploads", "")])
        guard begin.response.status == 200, let upload = S3Answer(begin.response.body).value("UploadId") else {
            throw BackupError.refusedByStore(place(name), begin, isWriting: true)
        }
        do {
            var parts = ""
            for (number, start) in stride(from: 0, to: bytes.count, by: partSize).enumerated() {
                let part = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + partSize, bytes.count)])
                let outcome = try client.send(
                    "PUT",
                    key(name),
                    query: [("partNumber", String(number + 1)), ("uploadId", upload)],
                    body: part
                )
                guard outcome.response.status == 200, let tag = outcome.response.headers["etag"] else {
                    throw BackupError.refusedByStore(place(name), outcome, isWriting: true)
                }
                parts += "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(tag)</ETag></Part>"
            }
            let list = Array("<CompleteMultipartUpload>\(parts)</CompleteMultipartUpload>".utf8)
            try finish(name, bytes) { headers in
                try list.withUnsafeBytes { list in
                    try client.send("POST", key(name), query: [("uploadId", upload)], headers: headers, body: list)
                }
            }
        } catch {
            // What was sent would be paid for until somebody takes it away; the first failure is the one to tell.
            _ = try? client.send("DELETE", key(name), query: [("uploadId", upload)])
            throw error
        }
    }
}
