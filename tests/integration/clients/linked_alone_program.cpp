// A program that contains libcurl: linked_alone_program URL. It traces nothing but its own work.
#include <curl/curl.h>

#include <chrono>
#include <cstdio>

#include <xray/xray.hpp>

namespace {

std::size_t swallow(char* /*data*/, std::size_t size, std::size_t count, void* /*argument*/) {
  return size * count;
}

/// The status of one request; 0 without an answer.
long get(CURL* handle, const char* url) {
  curl_easy_setopt(handle, CURLOPT_URL, url);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, 20000L);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &swallow);
  long status = 0;
  if (curl_easy_perform(handle) == CURLE_OK) {
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  }
  return status;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  long status = 0;
  {
    const xray::Segment segment("shop");
    CURL* const handle = curl_easy_init();
    status = get(handle, arguments[1]);
    curl_easy_cleanup(handle);
  }
  std::printf("%ld\n", status);
  return xray::flush(std::chrono::seconds(10)) ? 0 : 1;
}
