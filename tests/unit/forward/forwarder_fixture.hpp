// A forwarder in front of a fake service, with short pauses.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fake_service.hpp"
#include "forward/forwarder.hpp"

namespace xrayd::forward {

inline ForwarderSettings quick_settings() {
  using namespace std::chrono_literals;
  ForwarderSettings settings;
  settings.backlog.batch_time = 5ms;
  settings.concurrency = 4;
  settings.retry.base = 4ms;
  settings.retry.ceiling = 16ms;
  settings.telemetry_interval = 1h;
  settings.user_agent = "test/1";
  return settings;
}

/// Not for two tests at a time.
struct Pipeline {
  explicit Pipeline(FakeService::Handler handler, ForwarderSettings settings = quick_settings())
      : service(std::move(handler)) {
    settings.intake = [this] { return intake::Totals{accepted.load(), 0}; };
    forwarder = std::make_unique<Forwarder>(std::move(settings), service.clients());
  }

  void start() { forwarder->start(test_endpoint(), credentials); }

  void accept(const std::vector<std::string>& documents) {
    const std::vector<std::string_view> views(documents.begin(), documents.end());
    accepted += documents.size();
    forwarder->accept(views);
  }

  void drain(std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
    forwarder->drain(deadline);
  }

  [[nodiscard]] std::int64_t count(std::string_view name, std::string_view labels = {}) const {
    CounterRows rows;
    forwarder->report(rows);
    return row_sum(rows, name, labels);
  }

  /// Accepted = sent + rejected + failed + dropped + waiting.
  void expect_exact_books() const {
    EXPECT_EQ(static_cast<std::int64_t>(accepted.load()),
              count("xrayd_forward_documents_sent_total") +
                  count("xrayd_forward_documents_rejected_total") +
                  count("xrayd_forward_documents_failed_total") +
                  count("xrayd_forward_documents_dropped_total") +
                  count("xrayd_forward_documents_waiting"));
  }

  FakeService service;
  FakeCredentials credentials;
  std::atomic<std::uint64_t> accepted{0};
  std::unique_ptr<Forwarder> forwarder;
};

/// `{"trace_id":"1-5f84c7a1-...","id":"00...7"}`
inline std::string document(int number) {
  std::string id = std::to_string(number);
  id.insert(0, 16 - id.size(), '0');
  return R"({"trace_id":"1-5f84c7a1-00000000)" + id + R"(","id":")" + id + "\"}";
}

inline std::vector<std::string> documents(int count, int from = 0) {
  std::vector<std::string> result;
  for (int i = from; i < from + count; ++i) result.push_back(document(i));
  return result;
}

}  // namespace xrayd::forward
