// Whether literals are compressed is asked for by a parameter that only the static library promises to keep; that is the
// one we link.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>
