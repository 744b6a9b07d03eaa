// A client of web services without tracing code, but for patch_all() and a segment.
//
//     curl_program [--multi] [--ca FILE] [--follow] [--head] [--post DATA] [--timeout MS]
//                  [--header LINE]... [--sigv4 SCOPE] [--attempts N] [--unsampled] URL...
//
// Says of each request the CURLcode and the body.
#include <curl/curl.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <xray/patch.hpp>
#include <xray/xray.hpp>

namespace {

struct Arguments {
  bool multi = false;
  std::string ca;
  bool follow = false;
  bool head = false;
  bool is_post = false;
  std::string post;
  long timeout = 20000;
  std::vector<std::string> headers;
  std::string signing;
  int attempts = 0;
  bool unsampled = false;
  std::vector<std::string> urls;
};

Arguments read(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto value = [&] { return std::string(i + 1 < count ? words[++i] : ""); };
    if (word == "--multi") {
      arguments.multi = true;
    } else if (word == "--ca") {
      arguments.ca = value();
    } else if (word == "--follow") {
      arguments.follow = true;
    } else if (word == "--head") {
      arguments.head = true;
    } else if (word == "--post") {
      arguments.is_post = true;
      arguments.post = value();
    } else if (word == "--timeout") {
      arguments.timeout = std::atol(value().c_str());
    } else if (word == "--header") {
      arguments.headers.push_back(value());
    } else if (word == "--sigv4") {
      arguments.signing = value();
    } else if (word == "--attempts") {
      arguments.attempts = std::atoi(value().c_str());
    } else if (word == "--unsampled") {
      arguments.unsampled = true;
    } else {
      arguments.urls.push_back(word);
    }
  }
  return arguments;
}

std::size_t take(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

class Request {
 public:
  explicit Request(const Arguments& arguments) : arguments_(arguments), handle_(curl_easy_init()) {
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, &take);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &body_);
    curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, arguments.timeout);
    curl_easy_setopt(handle_, CURLOPT_FOLLOWLOCATION, arguments.follow ? 1L : 0L);
    if (!arguments.ca.empty()) curl_easy_setopt(handle_, CURLOPT_CAINFO, arguments.ca.c_str());
    if (arguments.head) curl_easy_setopt(handle_, CURLOPT_NOBODY, 1L);
    if (arguments.is_post) curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, arguments.post.c_str());
    if (!arguments.signing.empty()) {
      curl_easy_setopt(handle_, CURLOPT_AWS_SIGV4, arguments.signing.c_str());
      curl_easy_setopt(handle_, CURLOPT_USERPWD, "AKIDEXAMPLE:secret/key");
    }
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() {
    curl_easy_cleanup(handle_);
    curl_slist_free_all(lines_);
  }

  void prepare(const std::string& url, int attempt) {
    curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
    curl_slist_free_all(lines_);
    lines_ = nullptr;
    for (const std::string& line : arguments_.headers) add(line);
    if (attempt > 0) {
      add("amz-sdk-invocation-id: 0a1b2c3d-0000-1111-2222-333344445555");
      add("amz-sdk-request: attempt=" + std::to_string(attempt) +
          "; max=" + std::to_string(arguments_.attempts));
    }
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, lines_);
  }

  /// The status, or 0.
  long perform() {
    say(curl_easy_perform(handle_));
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }
  void say(CURLcode code) {
    std::printf("%d %s\n", static_cast<int>(code), body_.substr(0, body_.find('\r')).c_str());
    body_.clear();
  }
  [[nodiscard]] CURL* handle() const { return handle_; }

 private:
  void add(const std::string& line) { lines_ = curl_slist_append(lines_, line.c_str()); }

  const Arguments& arguments_;
  CURL* handle_;
  curl_slist* lines_ = nullptr;
  std::string body_;
};

void one_after_another(const Arguments& arguments) {
  Request request(arguments);
  for (const std::string& url : arguments.urls) {
    int attempt = arguments.attempts > 0 ? 1 : 0;
    do {
      request.prepare(url, attempt);
      if (request.perform() == 200) break;
    } while (++attempt <= arguments.attempts);
  }
}

void all_at_once(const Arguments& arguments) {
  std::vector<std::unique_ptr<Request>> requests;
  CURLM* const multi = curl_multi_init();
  for (const std::string& url : arguments.urls) {
    requests.push_back(std::make_unique<Request>(arguments));
    requests.back()->prepare(url, 0);
    curl_multi_add_handle(multi, requests.back()->handle());
  }
  int running = 1;
  while (running > 0 && curl_multi_perform(multi, &running) == CURLM_OK) {
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
      for (const auto& request : requests) {
        if (request->handle() == message->easy_handle) request->say(message->data.result);
      }
      curl_multi_remove_handle(multi, message->easy_handle);
    }
  }
  curl_multi_cleanup(multi);
}

}  // namespace

int main(int count, char** words) {
  const Arguments arguments = read(count, words);
  xray::patch_all();
  const xray::Segment segment(
      "curl_program", xray::TraceHeader::parse(arguments.unsampled ? "Sampled=0" : "Sampled=1"));
  if (arguments.multi) {
    all_at_once(arguments);
  } else {
    one_after_another(arguments);
  }
  return 0;
}
