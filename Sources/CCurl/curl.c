#include "CCurl.h"

#include "CLazyLibrary.h"

#include <pthread.h>
#include <string.h>

static struct lazy_library libcurl = {
    "libcurl.so.4", "libcurl (Debian: apt-get install libcurl4)", .alternative = "libcurl-gnutls.so.4"
};

LAZY_FUNCTION(libcurl, CURLcode, curl_global_init, (long flags), (flags))
LAZY_FUNCTION(libcurl, CURL *, curl_easy_init, (void), ())
LAZY_FUNCTION(libcurl, void, curl_easy_reset, (CURL *handle), (handle))
LAZY_FUNCTION(libcurl, void, curl_easy_cleanup, (CURL *handle), (handle))
LAZY_FUNCTION(libcurl, CURLcode, curl_easy_perform, (CURL *handle), (handle))
LAZY_FUNCTION(libcurl, const char *, curl_easy_strerror, (CURLcode code), (code))
LAZY_FUNCTION(
    libcurl, struct curl_slist *, curl_slist_append, (struct curl_slist *list, const char *text), (list, text)
)
LAZY_FUNCTION(libcurl, void, curl_slist_free_all, (struct curl_slist *list), (list))

static const char *failure;

static void begin(void) {
    // What dlerror says is gone with its thread.
    const char *why = lazy_library_failure(&libcurl);
    failure = why ? strdup(why) : NULL;
    if (!failure && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) failure = "it cannot be initialised";
}

const char *CCurl_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin);
    return failure;
}

// A function of variable arguments cannot be defined as one that passes them on.
#define SET(handle, option, value)                                                                                     \
    static void *slot;                                                                                                 \
    return ((__typeof__(&curl_easy_setopt))lazy_library_slot(&libcurl, &slot, "curl_easy_setopt"))(                    \
        handle, option, value                                                                                          \
    )

CURLcode CCurl_set_long(CURL *handle, CURLoption option, long value) { SET(handle, option, value); }
CURLcode CCurl_set_size(CURL *handle, CURLoption option, curl_off_t value) { SET(handle, option, value); }
CURLcode CCurl_set_pointer(CURL *handle, CURLoption option, const void *value) { SET(handle, option, value); }
CURLcode CCurl_set_sink(CURL *handle, CURLoption option, CCurl_sink value) { SET(handle, option, value); }

static CURLcode set_open_socket(CURL *handle, curl_opensocket_callback value) {
    SET(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}
static CURLcode set_before_request(CURL *handle, curl_prereq_callback value) {
    SET(handle, CURLOPT_PREREQFUNCTION, value);
}

CURLcode CCurl_set_open_socket(CURL *handle, curl_opensocket_callback open, void *context) {
    CURLcode code = set_open_socket(handle, open);
    return code == CURLE_OK ? CCurl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, context) : code;
}

CURLcode CCurl_set_before_request(CURL *handle, curl_prereq_callback ask, void *context) {
    CURLcode code = set_before_request(handle, ask);
    return code == CURLE_OK ? CCurl_set_pointer(handle, CURLOPT_PREREQDATA, context) : code;
}

long CCurl_status(CURL *handle) {
    static void *slot;
    long status = 0;
    ((__typeof__(&curl_easy_getinfo))lazy_library_slot(&libcurl, &slot, "curl_easy_getinfo"))(
        handle, CURLINFO_RESPONSE_CODE, &status
    );
    return status;
}
