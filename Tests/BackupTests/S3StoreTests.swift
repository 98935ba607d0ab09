import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("An object store")
struct S3StoreTests {
    @Test("gives back what was put into it, and never takes another in its place")
    func keepsFiles() async throws {
        let bucket = try await TestBucket()
        let store = try bucket.store()
        #expect(try store.sizes(in: "objects").isEmpty)
        #expect(try store.get("objects/ab/x") == nil && store.size(of: "objects/ab/x") == nil)
        try store.put("objects/ab/x", [1, 2, 3])
        try store.put("objects/cd/y", [])
        #expect(try store.get("objects/ab/x") == [1, 2, 3] && store.get("objects/cd/y") == [])
        #expect(try store.sizes(in: "objects") == ["objects/ab/x": 3, "objects/cd/y": 0])
        let taken = #expect(throws: BackupError.self) { try store.put("objects/ab/x", [4]) }
        #expect(taken == .nameTaken("s3://\(bucket.name)/some/prefix/objects/ab/x"))
        #expect(try store.get("objects/ab/x") == [1, 2, 3])
        // Another prefix is another repository.
        #expect(try bucket.store(prefix: "some/other").sizes(in: "objects").isEmpty)
        #expect(try bucket.store(prefix: "").sizes(in: "some/prefix").count == 2)
        try store.remove("objects/ab/x")
        try store.remove("objects/ab/x")
        #expect(try store.get("objects/ab/x") == nil)
    }

    @Test("takes large files in parts, and never another in their place")
    func sendsParts() async throws {
        let bucket = try await TestBucket()
        let store = try bucket.store(partSize: 1 << 17)
        let large = content(3 << 17 | 77)
        try store.put("large", large)
        #expect(try store.get("large") == large && store.size(of: "large") == large.count)
        #expect(throws: BackupError.nameTaken("s3://\(bucket.name)/some/prefix/large")) {
            try store.put("large", large)
        }
        // What was begun and not finished is taken away.
        let uploads = try bucket.client().send("GET", query: [("uploads", "")])
        #expect(uploads.response.status == 200 && S3Answer(uploads.response.body).all("Upload").isEmpty)
    }

    @Test("lists more files than one answer holds")
    func listsPages() async throws {
        let bucket = try await TestBucket()
        let store = try bucket.store()
        try await inParallel(Array(0..<1005), jobs: 8) { try store.put("objects/\($0 % 7)/\($0)", [1]) }
        #expect(try store.sizes(in: "objects").count == 1005)
        #expect(try store.sizes(in: "objects/3").count == 144)
    }

    @Test("is asked again when it is busy, and when an answer got lost the file is there once")
    func triesAgain() async throws {
        let bucket = try await TestBucket()
        let store = try bucket.store(partSize: 1 << 17)
        try bucket.plan("503", "503", "ok")
        try store.put("a", [1])
        try bucket.plan("lose")
        try store.put("b", [2])
        try bucket.plan("503", "lose", "503")
        try store.put("c", [3])
        for (name, byte) in [("a", 1), ("b", 2), ("c", 3)] as [(String, UInt8)] {
            try bucket.plan("503", "lose", "ok")
            #expect(try store.get(name) == [byte])
        }
        // A lost answer does not make somebody else's file ours.
        try bucket.plan("lose")
        #expect(throws: BackupError.nameTaken("s3://\(bucket.name)/some/prefix/a")) { try store.put("a", [9]) }
        #expect(try store.get("a") == [1])
        // The same for each request of an upload in parts.
        let large = content(2 << 17 | 5)
        for (number, plan) in [
            ["lose"], ["ok", "lose"], ["ok", "ok", "ok", "ok", "lose"], ["503", "lose", "503", "lose"],
        ]
        .enumerated() {
            try bucket.plan(plan.joined(separator: ","))
            try store.put("large\(number)", large)
            #expect(try store.get("large\(number)") == large)
        }
    }

    @Test("fails in the end, with what it said and without the key")
    func givesUp() async throws {
        let bucket = try await TestBucket()
        let store = try bucket.store()
        try bucket.plan("503", "503", "503", "503", "503", "503", "503")
        let busy = #expect(throws: BackupError.self) { try store.put("a", [1]) }
        #expect(
            busy?.message.hasSuffix("cannot be written: the store answers 503 (SlowDown: Reduce your request rate.)")
                == true
        )
        try bucket.plan("ok")
        #expect(try store.get("a") == nil)

        let nowhere = S3Store(try bucket.client(endpoint: "http://127.0.0.1:9"), partSize: 1 << 20)
        let unreachable = #expect(throws: BackupError.self) { try nowhere.put("a", [1]) }
        #expect(unreachable?.code == .store && unreachable?.message.hasSuffix("(tried 6 times)") == true)

        let missing = S3Store(
            S3Client(
                try S3Location("s3://no-such-bucket-here"),
                at: try S3Endpoint(bucket.endpoint, region: "r", bucket: "no-such-bucket-here"),
                region: "us-east-1",
                credentials: S3Credentials(accessKey: "k", secretKey: SecretBytes(copying: TestBucket.secret.utf8)),
                http: try HTTPClient()
            ),
            partSize: 1 << 20
        )
        for problem in [
            #expect(throws: BackupError.self) { try missing.put("a", [1]) },
            #expect(throws: BackupError.self) { _ = try missing.get("a") },
            #expect(throws: BackupError.self) { _ = try missing.sizes(in: "objects") },
        ] {
            #expect(problem?.next.hasPrefix("make the bucket first") == true)
            #expect(problem.map { !"\($0)".contains(TestBucket.secret) } == true)
        }
    }

    @Test("is named as s3://BUCKET/PREFIX, and its server by an address")
    func isNamed() throws {
        #expect(try S3Location("s3://bucket/a//b/").description == "s3://bucket/a/b")
        #expect(try S3Location("S3://bucket").prefix.isEmpty)
        for text in ["s3:/bucket", "s3://", "s3:///a", "s3://a b/c", "s3://bucket/../x", "s3://u:p@host/x"] {
            #expect(S3Location.isMeant(by: text))
            #expect(throws: BackupError.self, "\(text)") { try S3Location(text) }
        }
        for text in ["host", "ftp://host", "https://", "https://user:word@host", "https://host/path"] {
            #expect(throws: BackupError.self, "\(text)") { try S3Endpoint(text, region: "r", bucket: "b") }
        }
        let amazon = try S3Endpoint(nil, region: "eu-south-2", bucket: "some-bucket")
        #expect(amazon.authority == "some-bucket.s3.eu-south-2.amazonaws.com" && !amazon.hasBucketInPath)
        #expect(try S3Endpoint(nil, region: "r", bucket: "a.b").authority == "s3.r.amazonaws.com")
        #expect(try S3Endpoint("https://host:443/", region: "r", bucket: "b").authority == "host")
    }

    @Test("holds a repository: snapshots, marks, rotations, and everything that is checked of them")
    func holdsRepository() async throws {
        let bucket = try await TestBucket()
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder, store: try bucket.store())
            let start = 20_000 * Timestamp.secondsADay
            let first = try await test.make(["a", "b"], at: start)
            let second = try await test.make(["b", "c"], at: start + 10)
            #expect(try await test.wholeSnapshots() == [first.id, second.id])
            var retention = Retention()
            retention.last = 1
            _ = try await test.prune(retention, at: start + 20)
            let deleted = try await test.prune(retention, at: start + 20 + 3600).deleted
            #expect(deleted.snapshots == [first.id.description] && deleted.fileCount == 4)
            let rotation = Rotation(
                of: test.repository,
                with: test.identities,
                to: [.publicKey(try AgeSecretKey.generate().publicKey)],
                signedWith: test.keys.signing,
                keys: HostKeys.Places(folder: FilePath(folder.file("keys")))
            )
            #expect(try await rotation().rotated == [second.id.description])
            #expect(try await test.wholeSnapshots() == [second.id])
        }
    }
}

@Suite("The signature of a request")
struct RequestSignatureTests {
    @Test("is the one of the published example")
    func isThatOfExample() throws {
        // Amazon S3 API Reference, "Signature Calculations: Transferring Payload in a Single Chunk", GET object
        let signature = RequestSignature(
            credentials: S3Credentials(
                accessKey: "AKIAIOSFODNN7EXAMPLE",
                secretKey: SecretBytes(copying: TestBucket.secret.utf8)
            ),
            region: "us-east-1"
        )
        let headers = try signature.headers(
            "GET",
            path: "/test.txt",
            query: [],
            headers: [("host", "examplebucket.s3.amazonaws.com"), ("range", "bytes=0-9")],
            payloadHash: sha256([]),
            time: "20130524T000000Z"
        )
        let authorization = headers.first { $0.name == "authorization" }?.value
        #expect(
            authorization?.hasSuffix("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
                == true
        )
    }

    @Test("is the one that the stock client makes, whatever stands in paths, queries and headers")
    func isThatOfStockClient() async throws {
        let script = """
            import sys, json, datetime
            from botocore.auth import S3SigV4Auth
            from botocore.awsrequest import AWSRequest
            from botocore.credentials import Credentials
            import botocore.auth
            case = json.load(sys.stdin)
            moment = datetime.datetime(2026, 1, 14, 3, 0, 0)
            botocore.auth.get_current_datetime = lambda *arguments, **words: moment
            request = AWSRequest(method=case["method"], url=case["url"], headers=case["headers"])
            request.context["timestamp"] = "20260114T030000Z"
            request.context["payload_signing_enabled"] = True
            S3SigV4Auth(Credentials("AKID", case["secret"], case["token"] or None), "s3", "eu-south-2").add_auth(request)
            print(request.headers["Authorization"].split("Signature=")[1], request.headers["X-Amz-Date"])
            """
        let queries: [[(String, String)]] = [
            [], [("list-type", "2"), ("prefix", "a b/ü+&=%"), ("continuation-token", "1ab/=")],
            [("uploads", "")], [("partNumber", "10"), ("uploadId", "x~._-")],
        ]
        for (number, query) in queries.enumerated() {
            let token = number % 2 == 0 ? "" : "some/token+=="
            let signature = RequestSignature(
                credentials: S3Credentials(
                    accessKey: "AKID",
                    secretKey: SecretBytes(copying: TestBucket.secret.utf8),
                    sessionToken: token.isEmpty ? nil : token
                ),
                region: "eu-south-2"
            )
            let path = ["/bucket/objects/3f/3f09-1a.payload", "/", "/a/ü b", "/x+y"][number]
            let headers = try signature.headers(
                "PUT",
                path: path,
                query: query,
                headers: [("host", "127.0.0.1:9000"), ("if-none-match", "*")],
                payloadHash: sha256([]),
                time: "20260114T030000Z"
            )
            let url =
                "http://127.0.0.1:9000\(RequestSignature.encoded(path, keeping: "/"))"
                + (query.isEmpty ? "" : "?" + RequestSignature.encoded(query))
            let hash = sha256([])
            let input = """
                {"method": "PUT", "url": "\(url)", "secret": "\(TestBucket.secret)", "token": "\(token)",
                 "headers": {"if-none-match": "*", "X-Amz-Content-SHA256": "\(hash)"}}
                """
            let python = try await run("env", Moto.python(), "-c", script, input: Array(input.utf8))
            let ours = headers.first { $0.name == "authorization" }?.value.split(separator: "Signature=").last
            #expect(
                "\(ours ?? "") 20260114T030000Z\n" == String(decoding: python.output, as: UTF8.self),
                "\(path) \(query) \(python.errors)"
            )
        }
    }
}
