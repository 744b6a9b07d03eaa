// Threads that call while hooks come and go.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "scene.hpp"

using namespace curl_test;

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int cycles = 10;
#else
constexpr int cycles = 500;
#endif

/// One use of a handle in each way that we hook; false if libcurl did anything but what it should.
bool use(CURL* kept, curl_slist* lines) {
  CURL* const handle = curl_easy_init();
  bool is_right = curl_easy_setopt(handle, CURLOPT_URL, "http://127.0.0.1:1/") == CURLE_OK &&
                  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, lines) == CURLE_OK &&
                  curl_easy_perform(handle) == CURLE_COULDNT_CONNECT;
  CURL* const copy = curl_easy_duphandle(handle);
  is_right = curl_easy_perform(copy) == CURLE_COULDNT_CONNECT && is_right;
  curl_easy_reset(copy);
  is_right = curl_easy_perform(copy) == CURLE_URL_MALFORMAT && is_right;
  curl_easy_cleanup(copy);
  curl_easy_cleanup(handle);

  CURLM* const multi = curl_multi_init();
  is_right = curl_multi_add_handle(multi, kept) == CURLM_OK && is_right;
  int running = 1;
  while (running != 0) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) return false;
    if (running != 0) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
  }
  int left = 0;
  const CURLMsg* const message = curl_multi_info_read(multi, &left);
  is_right = message != nullptr && message->data.result == CURLE_COULDNT_CONNECT && is_right;
  is_right = curl_multi_remove_handle(multi, kept) == CURLM_OK && is_right;
  return curl_multi_cleanup(multi) == CURLM_OK && is_right;
}

}  // namespace

TEST(CurlToggling, eight_threads_call_as_if_nothing_were_while_hooks_come_and_go) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const HeaderLines lines{"X-One: 1"};
  support::Capture capture;
  std::atomic<bool> is_over{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] {
      CURL* const kept = curl_easy_init();
      curl_easy_setopt(kept, CURLOPT_URL, "http://127.0.0.1:1/");
      while (!is_over.load(std::memory_order_relaxed)) {
        const xray::Segment segment(
            "program", xray::TraceHeader::parse(number % 2 == 0 ? "Sampled=1" : "Sampled=0"));
        if (!use(kept, lines.get())) ++wrong;
        // Or the thread that patches hardly ever has its turn.
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
      curl_easy_cleanup(kept);
    });
  }
  for (int cycle = 0; cycle < cycles; ++cycle) {
    if (!xray::patch({"curl"}).hooked("curl")) ++wrong;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    if (xray::unpatch_all().hooked("curl")) ++wrong;
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(lines.size(), 1U);
  std::size_t calls = 0;
  for (const Json& document : capture.documents()) {
    if (document.HasMember("subsegments")) calls += at(document, "subsegments").Size();
  }
  EXPECT_GT(calls, 0U);
}
