import Glibc

/// Addresses that a webhook does not go to: those of this machine and its own network.
enum RefusedAddress {
    /// Why an address is refused; nil for one that is not.
    static func reason(_ address: UnsafePointer<sockaddr>) -> String? {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                reason(UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin6_addr) { reason(Array($0)) }
            }
        default: return "it is no address of the Internet"
        }
    }

    /// Judges an address as text; for tests, and for what a connection says of itself.
    static func reason(_ text: String) -> String? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return reason(UInt32(bigEndian: four.s_addr)) }
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: six) { reason(Array($0)) } }
        return "it is no address of the Internet"
    }

    /// The ranges of RFC 6890 that are not the Internet's, and what they are.
    private static let ranges: [(UInt32, Int, String)] = [
        (0x0000_0000, 8, "this network"), (0x0A00_0000, 8, "private"), (0x6440_0000, 10, "shared by a carrier"),
        (0x7F00_0000, 8, "loopback"), (0xA9FE_0000, 16, "link-local"), (0xAC10_0000, 12, "private"),
        (0xC000_0000, 24, "reserved"), (0xC000_0200, 24, "for documentation"), (0xC058_6300, 24, "a relay"),
        (0xC0A8_0000, 16, "private"), (0xC612_0000, 15, "for measurements"), (0xC633_6400, 24, "for documentation"),
        (0xCB00_7100, 24, "for documentation"), (0xE000_0000, 4, "multicast"), (0xF000_0000, 4, "reserved"),
    ]

    private static func reason(_ address: UInt32) -> String? {
        ranges.first { range in address >> (32 - range.1) == range.0 >> (32 - range.1) }.map {
            "its address is \($0.2)"
        }
    }

    private static func reason(_ bytes: [UInt8]) -> String? {
        let last = UInt32(bytes[12]) << 24 | UInt32(bytes[13]) << 16 | UInt32(bytes[14]) << 8 | UInt32(bytes[15])
        // IPv4 in IPv6's clothes: mapped, translated (RFC 6052), compatible.
        if bytes[0..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF { return reason(last) }
        if bytes[0..<12] == [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0] { return reason(last) }
        if bytes[0..<2] == [0x20, 0x02] {
            return reason(UInt32(bytes[2]) << 24 | UInt32(bytes[3]) << 16 | UInt32(bytes[4]) << 8 | UInt32(bytes[5]))
        }
        if bytes[0..<15].allSatisfy({ $0 == 0 }), bytes[15] == 1 { return "its address is loopback" }
        // Only 2000::/3 is given out for the Internet; loopback, unique local, link-local and multicast lie outside.
        guard bytes[0] & 0xE0 == 0x20 else { return "its address is not of the Internet" }
        if bytes[0..<4] == [0x20, 0x01, 0x0D, 0xB8] { return "its address is for documentation" }
        if bytes[0..<4] == [0x20, 0x01, 0, 0] { return "its address is a tunnel" }
        return nil
    }
}
