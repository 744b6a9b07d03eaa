#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

namespace shop {

struct Answer {
  int status = 0;
  std::string body;
};

/// A libcurl handle that keeps its connection between requests. For one thread at a time.
class HttpClient {
 public:
  HttpClient();

  /// Sends a request without a body; each of `headers` is a line such as `Name: value`. Throws
  /// std::runtime_error where no answer came within 10 seconds, or one of more than 1 MiB.
  Answer send(const std::string& method, const std::string& url,
              std::initializer_list<std::string> headers = {});

 private:
  struct Cleanup {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
  };
  std::unique_ptr<CURL, Cleanup> handle_;
};

}  // namespace shop
