#include "runtime.hpp"

#include <curl/curl.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

namespace function {
namespace {

struct Answer {
  long status = 0;
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* target) {
  static_cast<std::string*>(target)->append(data, size * count);
  return size * count;
}

std::size_t keep_header(char* data, std::size_t size, std::size_t count, void* target) {
  const std::string line(data, size * count);
  const std::size_t colon = line.find(':');
  if (colon != std::string::npos) {
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::size_t first = line.find_first_not_of(" \t", colon + 1);
    const std::size_t last = line.find_last_not_of(" \t\r\n");
    if (first != std::string::npos && first <= last) {
      (*static_cast<std::map<std::string, std::string>*>(target))[name] =
          line.substr(first, last - first + 1);
    }
  }
  return size * count;
}

class RuntimeApi {
 public:
  explicit RuntimeApi(const std::string& address)
      : base_("http://" + address + "/2018-06-01/runtime/invocation/"), handle_(curl_easy_init()) {
    if (!handle_) throw std::bad_alloc();
  }

  /// Waits for the next invocation, however long that takes: the sandbox may be frozen meanwhile.
  invocation_request next() {
    Answer answer = perform(base_ + "next", nullptr, {});
    if (answer.status != 200) fail("next", answer.status);
    return {std::move(answer.body), answer.headers["lambda-runtime-aws-request-id"],
            answer.headers["lambda-runtime-trace-id"]};
  }

  void succeed(const std::string& request_id, const invocation_response& response) {
    post(request_id + "/response", response.payload, "Content-Type: " + response.content_type);
  }

  void fail_invocation(const std::string& request_id, const std::string& message) {
    rapidjson::StringBuffer body;
    rapidjson::Writer<rapidjson::StringBuffer> writer(body);
    writer.StartObject();
    writer.Key("errorMessage");
    writer.String(message.data(), static_cast<rapidjson::SizeType>(message.size()));
    writer.Key("errorType");
    writer.String("HandlerError");
    writer.EndObject();
    post(request_id + "/error", body.GetString(),
         "Lambda-Runtime-Function-Error-Type: Unhandled.HandlerError");
  }

 private:
  struct Cleanup {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  [[noreturn]] static void fail(const std::string& what, long status) {
    throw std::runtime_error("Runtime API: " + what + ": status " + std::to_string(status));
  }

  void post(const std::string& path, const std::string& body, const std::string& header) {
    const Answer answer = perform(base_ + path, &body, header);
    if (answer.status != 202) fail(path, answer.status);
  }

  Answer perform(const std::string& url, const std::string* body, const std::string& header) {
    CURL* const curl = handle_.get();
    std::unique_ptr<curl_slist, Cleanup> headers;
    if (!header.empty()) headers.reset(curl_slist_append(nullptr, header.c_str()));
    Answer answer;
    curl_easy_reset(curl);  // keeps the connection
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &append);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &keep_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.headers);
    if (body != nullptr) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->c_str());
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    }
    const CURLcode result = curl_easy_perform(curl);
    if (result != CURLE_OK) throw std::runtime_error(url + ": " + curl_easy_strerror(result));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    return answer;
  }

  std::string base_;
  std::unique_ptr<CURL, Cleanup> handle_;
};

}  // namespace

void run_handler(const std::string& address, const Handler& handler) {
  RuntimeApi api(address);
  while (true) {
    const invocation_request request = api.next();
    invocation_response response;
    try {
      response = handler(request);
    } catch (const std::exception& error) {
      api.fail_invocation(request.request_id, error.what());
      continue;
    }
    api.succeed(request.request_id, response);
  }
}

}  // namespace function
