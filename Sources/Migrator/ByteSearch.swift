#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension ArraySlice<UInt8> {
    /// The index of the first such byte, found by the C library's vectorised search.
    func firstIndexOfByte(_ byte: UInt8) -> Index? {
        withUnsafeBytes { memory in
            guard let start = memory.baseAddress, let found = memchr(start, Int32(byte), memory.count) else {
                return nil
            }
            return startIndex + (UnsafeRawPointer(found) - start)
        }
    }
}
