import CHiredis

/// What a Redis answered.
public enum RedisReply: Sendable, Hashable {
    /// Nothing.
    case null
    /// A number.
    case integer(Int)
    /// A text, which need not be one.
    case bytes([UInt8])
    /// Several answers.
    case array([RedisReply])

    /// Copies a reply, which the library frees afterwards.
    ///
    /// - Throws: ``RedisError`` for a refusal.
    init(_ reply: UnsafePointer<redisReply>) throws(RedisError) {
        let value = reply.pointee
        switch value.type {
        case REDIS_REPLY_INTEGER: self = .integer(Int(value.integer))
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: self = .bytes(Self.bytes(value))
        case REDIS_REPLY_ERROR:
            throw RedisError(code: .refused, message: String(decoding: Self.bytes(value), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            var values: [RedisReply] = []
            for place in 0..<value.elements {
                guard let element = value.element?[place] else { continue }
                values.append(try RedisReply(element))
            }
            self = .array(values)
        default: self = .null
        }
    }

    private static func bytes(_ reply: redisReply) -> [UInt8] {
        guard let text = reply.str else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: text, count: reply.len))
    }

    /// The number, if it is one, or reads as one.
    var integer: Int? {
        switch self {
        case .integer(let number): number
        case .bytes(let bytes): Int(String(decoding: bytes, as: UTF8.self))
        default: nil
        }
    }
}
