// A module whose libcurl is the other one, the GnuTLS flavour.
#include <curl/curl.h>

extern "C" __attribute__((visibility("default"))) int plugin_get(const char* url) {
  CURL* const handle = curl_easy_init();
  curl_easy_setopt(handle, CURLOPT_URL, url);
  const CURLcode code = curl_easy_perform(handle);
  curl_easy_cleanup(handle);
  return static_cast<int>(code);
}

/// With header lines, of which the last is null.
extern "C" __attribute__((visibility("default"))) int plugin_get_with(const char* url,
                                                                      const char* const* lines) {
  CURL* const handle = curl_easy_init();
  curl_slist* list = nullptr;
  for (; *lines != nullptr; ++lines) list = curl_slist_append(list, *lines);
  curl_easy_setopt(handle, CURLOPT_URL, url);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
  const CURLcode code = curl_easy_perform(handle);
  curl_easy_cleanup(handle);
  curl_slist_free_all(list);
  return static_cast<int>(code);
}
