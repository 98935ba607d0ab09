#include <curl/curl.h>

// The library is opened only by who stores something elsewhere, so that all others start faster. Swift calls no functions
// with variable arguments: `function` is curl_easy_setopt, as it was found in the library.

static inline CURLcode lastro_curl_set_long(void *function, CURL *handle, CURLoption option, long value) {
    return ((CURLcode(*)(CURL *, CURLoption, ...))function)(handle, option, value);
}

static inline CURLcode lastro_curl_set_size(void *function, CURL *handle, CURLoption option, curl_off_t value) {
    return ((CURLcode(*)(CURL *, CURLoption, ...))function)(handle, option, value);
}

static inline CURLcode lastro_curl_set_pointer(void *function, CURL *handle, CURLoption option, const void *value) {
    return ((CURLcode(*)(CURL *, CURLoption, ...))function)(handle, option, value);
}

typedef size_t (*lastro_curl_sink)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode lastro_curl_set_sink(void *function, CURL *handle, CURLoption option, lastro_curl_sink value) {
    return ((CURLcode(*)(CURL *, CURLoption, ...))function)(handle, option, value);
}

// Here `function` is curl_easy_getinfo.
static inline CURLcode lastro_curl_get_status(void *function, CURL *handle, long *value) {
    return ((CURLcode(*)(CURL *, CURLINFO, ...))function)(handle, CURLINFO_RESPONSE_CODE, value);
}
