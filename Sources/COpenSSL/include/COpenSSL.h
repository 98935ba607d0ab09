#ifndef COPENSSL_H
#define COPENSSL_H

// SHA256_Init and its companions are marked as deprecated, and still are the one way to a digest that does not load the
// library's configuration and providers first, which costs as much as the digests of a thousand files.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

/// Loads libcrypto and finds what computes a SHA-256, unless that is done.
void COpenSSL_find_sha256(void);

#endif
