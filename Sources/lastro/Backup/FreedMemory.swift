#if canImport(Glibc)
import CMalloc
#endif

/// Has the C library keep what is freed, up to a size that a restore comes to anyway.
///
/// A restore takes and frees some megabytes for every chunk. Returned to the kernel, each page of them is cleared and mapped anew: a tenth of
/// all that the program does.
func keepFreedMemory() {
    #if canImport(Glibc)
    // Below the first size memory comes from what is kept. No larger one may be set.
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, 128 << 20)
    #endif
}
