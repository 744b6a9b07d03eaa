// The real libcurl, patched, in a segment, calling a server in this process.
#pragma once

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include "support/documents.hpp"
#include "support/http_stand_in.hpp"

namespace curl_test {

using support::at;
using support::HttpStandIn;
using support::Json;
using support::JsonValue;
using support::only_subsegment;
using support::text_of;

/// libcurl is patched as long as it lives.
struct Patched {
  Patched() { EXPECT_TRUE(xray::patch({"curl"}).hooked("curl")); }
  Patched(const Patched&) = delete;
  Patched& operator=(const Patched&) = delete;
  ~Patched() { xray::unpatch_all(); }
};

inline std::size_t write_to_string(char* data, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

/// An easy handle that writes what comes into `body`.
class Handle {
 public:
  explicit Handle(const std::string& url) : Handle(curl_easy_init()) {
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_WRITEFUNCTION, &write_to_string);
    set(CURLOPT_WRITEDATA, &body);
  }
  explicit Handle(CURL* handle) : handle_(handle) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { close(); }

  template <typename Value>
  Handle& set(CURLoption option, Value value) {
    EXPECT_EQ(curl_easy_setopt(handle_, option, value), CURLE_OK);
    return *this;
  }
  CURLcode perform() { return curl_easy_perform(handle_); }
  void close() {
    if (handle_ != nullptr) curl_easy_cleanup(std::exchange(handle_, nullptr));
  }
  [[nodiscard]] CURL* get() const { return handle_; }

  std::string body;

 private:
  CURL* handle_;
};

class HeaderLines {
 public:
  HeaderLines(std::initializer_list<const char*> lines) {
    for (const char* const line : lines) list_ = curl_slist_append(list_, line);
  }
  HeaderLines(const HeaderLines&) = delete;
  HeaderLines& operator=(const HeaderLines&) = delete;
  ~HeaderLines() { curl_slist_free_all(list_); }

  [[nodiscard]] curl_slist* get() const { return list_; }
  [[nodiscard]] std::size_t size() const {
    std::size_t count = 0;
    for (const curl_slist* line = list_; line != nullptr; line = line->next) ++count;
    return count;
  }

 private:
  curl_slist* list_ = nullptr;
};

/// The values of a header in the text of a request.
inline std::vector<std::string> header_values(const std::string& request, const std::string& name) {
  std::vector<std::string> values;
  const std::string start = "\r\n" + name + ": ";
  for (std::size_t place = request.find(start); place != std::string::npos;
       place = request.find(start, place + 1)) {
    const std::size_t begin = place + start.size();
    values.push_back(request.substr(begin, request.find('\r', begin) - begin));
  }
  return values;
}

inline std::string only_header(const std::string& request, const std::string& name) {
  const auto values = header_values(request, name);
  EXPECT_EQ(values.size(), 1U) << name << " in " << request;
  return values.empty() ? std::string() : values.front();
}

constexpr const char* trace_id_header = "X-Amzn-Trace-Id";

/// Runs `work` in a sampled segment, with libcurl patched, and gives the segment's document.
template <typename Work>
Json recorded(Work&& work, const char* header = "Sampled=1") {
  support::Capture capture;
  {
    const xray::Segment segment("program", xray::TraceHeader::parse(header));
    work();
  }
  return capture.document();
}

inline std::unique_ptr<HttpStandIn> server(std::string answer = HttpStandIn::reply(200, "hello")) {
  return std::make_unique<HttpStandIn>(
      [answer = std::move(answer)](const std::string&) { return answer; });
}

}  // namespace curl_test
