#ifndef CCURL_H
#define CCURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/// Loads libcurl and makes it ready; null, or why that cannot be. Nothing else here is to be called before.
const char *CCurl_load(void);

// Swift calls no functions with variable arguments: curl_easy_setopt, for each kind of value, and curl_easy_getinfo.

CURLcode CCurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode CCurl_set_size(CURL *handle, CURLoption option, curl_off_t value);
/// Sets a text, which is copied, or a pointer, which is not.
CURLcode CCurl_set_pointer(CURL *handle, CURLoption option, const void *value);
typedef size_t (*CCurl_sink)(char *bytes, size_t size, size_t count, void *context);
CURLcode CCurl_set_sink(CURL *handle, CURLoption option, CCurl_sink value);
/// What opens sockets, for each address that a name resolves to.
CURLcode CCurl_set_open_socket(CURL *handle, curl_opensocket_callback open, void *context);
/// What is asked when a connection stands, before a request is sent.
CURLcode CCurl_set_before_request(CURL *handle, curl_prereq_callback ask, void *context);
/// The status of the answer; 0 if there was none.
long CCurl_status(CURL *handle);

#endif
