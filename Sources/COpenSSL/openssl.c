#include "COpenSSL.h"

#include <pthread.h>

#include "CLazyLibrary.h"

static struct lazy_library libcrypto = {"libcrypto.so.3", "OpenSSL 3 (Debian: apt-get install libssl3)"};

LAZY_FUNCTION(libcrypto, int, CRYPTO_memcmp, (const void *in_a, const void *in_b, size_t len), (in_a, in_b, len))
LAZY_FUNCTION(libcrypto, void, ERR_clear_error, (void), ())
LAZY_FUNCTION(
    libcrypto, int, EVP_CIPHER_CTX_ctrl,
    (EVP_CIPHER_CTX *ctx, int type, int arg, void *ptr),
    (ctx, type, arg, ptr)
)
LAZY_FUNCTION(libcrypto, void, EVP_CIPHER_CTX_free, (EVP_CIPHER_CTX *c), (c))
LAZY_FUNCTION(libcrypto, EVP_CIPHER_CTX *, EVP_CIPHER_CTX_new, (void), ())
LAZY_FUNCTION(
    libcrypto, int, EVP_DecryptFinal_ex,
    (EVP_CIPHER_CTX *ctx, unsigned char *outm, int *outl),
    (ctx, outm, outl)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_DecryptInit_ex,
    (EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, ENGINE *impl, const unsigned char *key, const unsigned char
     *iv),
    (ctx, cipher, impl, key, iv)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_DecryptUpdate,
    (EVP_CIPHER_CTX *ctx, unsigned char *out, int *outl, const unsigned char *in, int inl),
    (ctx, out, outl, in, inl)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_DigestSign,
    (EVP_MD_CTX *ctx, unsigned char *sigret, size_t *siglen, const unsigned char *tbs, size_t tbslen),
    (ctx, sigret, siglen, tbs, tbslen)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_DigestSignInit,
    (EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx, const EVP_MD *type, ENGINE *e, EVP_PKEY *pkey),
    (ctx, pctx, type, e, pkey)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_DigestVerify,
    (EVP_MD_CTX *ctx, const unsigned char *sigret, size_t siglen, const unsigned char *tbs, size_t tbslen),
    (ctx, sigret, siglen, tbs, tbslen)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_DigestVerifyInit,
    (EVP_MD_CTX *ctx, EVP_PKEY_CTX **pctx, const EVP_MD *type, ENGINE *e, EVP_PKEY *pkey),
    (ctx, pctx, type, e, pkey)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_EncryptFinal_ex,
    (EVP_CIPHER_CTX *ctx, unsigned char *out, int *outl),
    (ctx, out, outl)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_EncryptInit_ex,
    (EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, ENGINE *impl, const unsigned char *key, const unsigned char
     *iv),
    (ctx, cipher, impl, key, iv)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_EncryptUpdate,
    (EVP_CIPHER_CTX *ctx, unsigned char *out, int *outl, const unsigned char *in, int inl),
    (ctx, out, outl, in, inl)
)
LAZY_FUNCTION(libcrypto, void, EVP_MD_CTX_free, (EVP_MD_CTX *ctx), (ctx))
LAZY_FUNCTION(libcrypto, EVP_MD_CTX *, EVP_MD_CTX_new, (void), ())
LAZY_FUNCTION(
    libcrypto, int, EVP_PBE_scrypt,
    (const char *pass, size_t passlen, const unsigned char *salt, size_t saltlen, uint64_t N, uint64_t r, uint64_t
     p, uint64_t maxmem, unsigned char *key, size_t keylen),
    (pass, passlen, salt, saltlen, N, r, p, maxmem, key, keylen)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_PKEY_CTX_add1_hkdf_info,
    (EVP_PKEY_CTX *ctx, const unsigned char *info, int infolen),
    (ctx, info, infolen)
)
LAZY_FUNCTION(libcrypto, void, EVP_PKEY_CTX_free, (EVP_PKEY_CTX *ctx), (ctx))
LAZY_FUNCTION(libcrypto, EVP_PKEY_CTX *, EVP_PKEY_CTX_new, (EVP_PKEY *pkey, ENGINE *e), (pkey, e))
LAZY_FUNCTION(libcrypto, EVP_PKEY_CTX *, EVP_PKEY_CTX_new_id, (int id, ENGINE *e), (id, e))
LAZY_FUNCTION(
    libcrypto, int, EVP_PKEY_CTX_set1_hkdf_key,
    (EVP_PKEY_CTX *ctx, const unsigned char *key, int keylen),
    (ctx, key, keylen)
)
LAZY_FUNCTION(
    libcrypto, int, EVP_PKEY_CTX_set1_hkdf_salt,
    (EVP_PKEY_CTX *ctx, const unsigned char *salt, int saltlen),
    (ctx, salt, saltlen)
)
LAZY_FUNCTION(libcrypto, int, EVP_PKEY_CTX_set_hkdf_md, (EVP_PKEY_CTX *ctx, const EVP_MD *md), (ctx, md))
LAZY_FUNCTION(
    libcrypto, int, EVP_PKEY_derive,
    (EVP_PKEY_CTX *ctx, unsigned char *key, size_t *keylen),
    (ctx, key, keylen)
)
LAZY_FUNCTION(libcrypto, int, EVP_PKEY_derive_init, (EVP_PKEY_CTX *ctx), (ctx))
LAZY_FUNCTION(libcrypto, int, EVP_PKEY_derive_set_peer, (EVP_PKEY_CTX *ctx, EVP_PKEY *peer), (ctx, peer))
LAZY_FUNCTION(libcrypto, void, EVP_PKEY_free, (EVP_PKEY *pkey), (pkey))
LAZY_FUNCTION(
    libcrypto, int, EVP_PKEY_get_raw_public_key,
    (const EVP_PKEY *pkey, unsigned char *pub, size_t *len),
    (pkey, pub, len)
)
LAZY_FUNCTION(
    libcrypto, EVP_PKEY *, EVP_PKEY_new_raw_private_key,
    (int type, ENGINE *e, const unsigned char *priv, size_t len),
    (type, e, priv, len)
)
LAZY_FUNCTION(
    libcrypto, EVP_PKEY *, EVP_PKEY_new_raw_public_key,
    (int type, ENGINE *e, const unsigned char *pub, size_t len),
    (type, e, pub, len)
)
LAZY_FUNCTION(
    libcrypto, unsigned char *, EVP_Q_mac,
    (OSSL_LIB_CTX *libctx, const char *name, const char *propq, const char *subalg, const OSSL_PARAM *params, const
     void *key, size_t keylen, const unsigned char *data, size_t datalen, unsigned char *out, size_t outsize, size_t
     *outlen),
    (libctx, name, propq, subalg, params, key, keylen, data, datalen, out, outsize, outlen)
)
LAZY_FUNCTION(libcrypto, const EVP_CIPHER *, EVP_chacha20_poly1305, (void), ())
LAZY_FUNCTION(libcrypto, const EVP_MD *, EVP_sha256, (void), ())
LAZY_FUNCTION(libcrypto, void, OPENSSL_cleanse, (void *ptr, size_t len), (ptr, len))
LAZY_FUNCTION(libcrypto, int, RAND_bytes, (unsigned char *buf, int num), (buf, num))
LAZY_FUNCTION(libcrypto, unsigned char *, SHA1, (const unsigned char *d, size_t n, unsigned char *md), (d, n, md))
LAZY_FUNCTION(libcrypto, unsigned char *, SHA256, (const unsigned char *d, size_t n, unsigned char *md), (d, n, md))
LAZY_FUNCTION(libcrypto, unsigned char *, SHA384, (const unsigned char *d, size_t n, unsigned char *md), (d, n, md))

// Found together and once: while another library is loaded, finding one alone would wait for that.
static pthread_once_t sha256_is_found = PTHREAD_ONCE_INIT;
static void *sha256_init, *sha256_update, *sha256_final;

static void find_sha256(void) {
    lazy_library_function(&libcrypto, &sha256_init, "SHA256_Init");
    lazy_library_function(&libcrypto, &sha256_update, "SHA256_Update");
    lazy_library_function(&libcrypto, &sha256_final, "SHA256_Final");
}

void COpenSSL_find_sha256(void) { pthread_once(&sha256_is_found, find_sha256); }

int SHA256_Init(SHA256_CTX *c) {
    COpenSSL_find_sha256();
    return ((__typeof__(&SHA256_Init))sha256_init)(c);
}

int SHA256_Update(SHA256_CTX *c, const void *data, size_t len) {
    COpenSSL_find_sha256();
    return ((__typeof__(&SHA256_Update))sha256_update)(c, data, len);
}

int SHA256_Final(unsigned char *md, SHA256_CTX *c) {
    COpenSSL_find_sha256();
    return ((__typeof__(&SHA256_Final))sha256_final)(md, c);
}
