#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic; one wrapper for each type of argument.
static inline CURLcode ragmeter_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ragmeter_curl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ragmeter_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ragmeter_curl_set_callback(CURL *handle, CURLoption option,
                                                  size_t (*value)(char *, size_t, size_t, void *)) {
  return curl_easy_setopt(handle, option, value);
}
