#include "forward/upload_counters.hpp"

#include <algorithm>

#include "ascii.hpp"

namespace xrayd::forward {
namespace {

bool is_plain(std::string_view code) {
  return !code.empty() && code.size() <= 64 && std::all_of(code.begin(), code.end(), [](char c) {
    return is_alphanumeric(c) || c == '_' || c == '-' || c == '.';
  });
}

std::int64_t row_value(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

}  // namespace

FailureClass failure_class(const aws::RequestOutcome& outcome) {
  switch (outcome.end) {
    case aws::RequestEnd::refused:
      return FailureClass::refused;
    case aws::RequestEnd::cut:
      return FailureClass::cut;
    case aws::RequestEnd::timed_out:
      return FailureClass::timeout;
    case aws::RequestEnd::unknown_host:
      return FailureClass::unknown_host;
    case aws::RequestEnd::not_trusted:
      return FailureClass::not_trusted;
    case aws::RequestEnd::malformed_answer:
      return FailureClass::malformed;
    case aws::RequestEnd::answered:
      break;
  }
  if (aws::judge(outcome) == aws::Verdict::throttled) return FailureClass::throttled;
  if (outcome.status >= 500 && outcome.status < 600) return FailureClass::status_5xx;
  if (outcome.status >= 400 && outcome.status < 500) return FailureClass::status_4xx;
  return FailureClass::malformed;
}

std::string_view to_string(FailureClass failure) {
  constexpr std::array<std::string_view, failure_classes> names = {
      "refused",   "timeout", "cut", "unknown_host", "not_trusted",
      "throttled", "4xx",     "5xx", "malformed"};
  return names[static_cast<std::size_t>(failure)];
}

void UploadCounters::rejected(std::string_view code) {
  const std::lock_guard lock(mutex_);
  const std::string_view label = is_plain(code) ? code : std::string_view("other");
  auto known = rejected_.find(label);
  if (known == rejected_.end()) {
    known = rejected_.try_emplace(rejected_.size() < most_codes ? std::string(label) : "other", 0)
                .first;
  }
  ++known->second;
}

void UploadCounters::lost(FailureClass failure, std::size_t documents) {
  lost_[static_cast<std::size_t>(failure)] += documents;
}

void UploadCounters::request(std::chrono::steady_clock::duration took) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  ++requests_;
  microseconds_ += static_cast<std::uint64_t>(std::max<std::int64_t>(0, micros));
  for (std::size_t i = 0; i < bucket_ms.size(); ++i) {
    if (micros <= std::int64_t{bucket_ms[i]} * 1000) ++within_[i];
  }
}

UploadTotals UploadCounters::totals() const {
  const auto count = [this](FailureClass failure) {
    return failures_[static_cast<std::size_t>(failure)].load();
  };
  UploadTotals result;
  result.sent = sent_;
  for (const auto& lost : lost_) result.rejected += lost;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [code, documents] : rejected_) result.rejected += documents;
  }
  // AWS's counters know a throttled request by its status.
  result.status_4xx = count(FailureClass::status_4xx) + count(FailureClass::throttled);
  result.status_5xx = count(FailureClass::status_5xx);
  result.timeouts = count(FailureClass::timeout);
  result.refused = count(FailureClass::refused);
  result.unknown_host = count(FailureClass::unknown_host);
  result.other =
      count(FailureClass::cut) + count(FailureClass::not_trusted) + count(FailureClass::malformed);
  return result;
}

void UploadCounters::report(CounterRows& rows) const {
  rows.push_back({"xrayd_forward_documents_sent_total",
                  "Documents that the service has taken.",
                  {},
                  row_value(sent_)});
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [code, documents] : rejected_) {
      rows.push_back({"xrayd_forward_documents_rejected_total",
                      "Documents that the service named as not processed, by its code.",
                      "code=\"" + code + "\"", row_value(documents)});
    }
  }
  for (std::size_t i = 0; i < failure_classes; ++i) {
    rows.push_back({"xrayd_forward_documents_failed_total",
                    "Documents lost with requests that could never succeed, by the last error.",
                    "class=\"" + std::string(to_string(static_cast<FailureClass>(i))) + "\"",
                    row_value(lost_[i])});
  }
  rows.push_back({"xrayd_upload_requests_total",
                  "Uploads tried, repeated ones included.",
                  {},
                  row_value(requests_)});
  rows.push_back(
      {"xrayd_upload_retries_total", "Uploads that were repeated ones.", {}, row_value(retries_)});
  for (std::size_t i = 0; i < failure_classes; ++i) {
    rows.push_back({"xrayd_upload_errors_total", "Uploads that failed, by what went wrong.",
                    "class=\"" + std::string(to_string(static_cast<FailureClass>(i))) + "\"",
                    row_value(failures_[i])});
  }
  rows.push_back({"xrayd_upload_milliseconds_total",
                  "What uploads took, all together.",
                  {},
                  row_value(microseconds_ / 1000)});
  for (std::size_t i = 0; i < bucket_ms.size(); ++i) {
    rows.push_back({"xrayd_upload_within_total", "Uploads that took no longer than so many ms.",
                    "ms=\"" + std::to_string(bucket_ms[i]) + "\"", row_value(within_[i]), false,
                    false, true});
  }
}

}  // namespace xrayd::forward
