#include "http_client.hpp"

#include <new>
#include <stdexcept>

namespace shop {
namespace {

constexpr long time_limit_s = 10;
constexpr std::size_t max_answer_bytes = 1'048'576;

struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* target) {
  auto& body = *static_cast<std::string*>(target);
  if (body.size() + size * count > max_answer_bytes) return 0;  // libcurl gives the transfer up
  body.append(data, size * count);
  return size * count;
}

}  // namespace

HttpClient::HttpClient() : handle_(curl_easy_init()) {
  if (!handle_) throw std::bad_alloc();
}

Answer HttpClient::send(const std::string& method, const std::string& url,
                        std::initializer_list<std::string> headers) {
  std::unique_ptr<curl_slist, FreeList> list;
  for (const std::string& header : headers) {
    list.reset(curl_slist_append(list.release(), header.c_str()));
  }

  Answer answer;
  CURL* const curl = handle_.get();
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list.get());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, time_limit_s);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  if (method == "POST") curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, "");

  const CURLcode result = curl_easy_perform(curl);
  if (result != CURLE_OK) throw std::runtime_error(url + ": " + curl_easy_strerror(result));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace shop
