#include "forward/upload_log.hpp"

#include <array>
#include <cstdio>
#include <optional>

#include "config/log.hpp"
#include "forward/service_call.hpp"

namespace xrayd::forward {
namespace {

std::string in_seconds(UploadLog::Duration took) {
  std::array<char, 48> text{};
  const int size = std::snprintf(text.data(), text.size(), "(%.3f seconds)",
                                 std::chrono::duration<double>(took).count());
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string left_out_note(std::uint64_t left_out) {
  return left_out == 0 ? "" : " (" + std::to_string(left_out) + " such lines left out)";
}

}  // namespace

void UploadLog::sent(std::size_t documents, Duration took) {
  std::uint64_t batches = 0;
  std::uint64_t more = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!successes_.admit(log::Throttle::Clock::now())) {
      ++unsaid_batches_;
      unsaid_documents_ += documents;
      return;
    }
    batches = unsaid_batches_;
    more = unsaid_documents_;
    unsaid_batches_ = unsaid_documents_ = 0;
  }
  std::string line =
      "Successfully sent batch of " + std::to_string(documents) + " segments " + in_seconds(took);
  if (batches > 0) {
    line += " and " + std::to_string(batches) + " more batches of " + std::to_string(more) +
            " segments";
  }
  log::info(line);
}

void UploadLog::sent_but(std::size_t documents, std::size_t unprocessed, Duration took) {
  std::optional<std::uint64_t> left_out;
  {
    const std::lock_guard lock(mutex_);
    left_out = partial_.admit(log::Throttle::Clock::now());
  }
  if (!left_out) return;
  log::info("Sent batch of " + std::to_string(documents) + " segments but had " +
            std::to_string(unprocessed) + " Unprocessed segments " + in_seconds(took) +
            left_out_note(*left_out));
}

void UploadLog::unprocessed(std::string_view trace_id, const UnprocessedEntry& entry) {
  std::optional<std::uint64_t> left_out;
  {
    const std::lock_guard lock(mutex_);
    left_out = entries_.admit(log::Throttle::Clock::now());
  }
  if (!left_out) return;
  std::string line = "Unprocessed trace ";
  line += trace_id.empty() ? "unknown" : std::string(trace_id);
  line += ", segment " + (entry.id.empty() ? "unknown" : for_log(entry.id));
  line += ": " + (entry.code.empty() ? "no error code" : for_log(entry.code));
  if (!entry.message.empty()) line += ": " + for_log(entry.message);
  log::error(line + left_out_note(*left_out));
}

void UploadLog::lost(const std::string& why, std::size_t documents) {
  std::optional<std::uint64_t> left_out;
  {
    const std::lock_guard lock(mutex_);
    left_out = losses_.admit(log::Throttle::Clock::now());
  }
  if (!left_out) return;
  log::error("Sending segment batch failed with: " + why + "; " + std::to_string(documents) +
             " segments are lost" + left_out_note(*left_out));
}

void UploadLog::failing(const std::string& why, std::uint64_t waiting) {
  std::optional<std::uint64_t> left_out;
  {
    const std::lock_guard lock(mutex_);
    left_out = failures_.admit(log::Throttle::Clock::now());
  }
  if (!left_out) return;
  log::error("Sending segment batch failed with: " + why + "; " + std::to_string(waiting) +
             " segments wait" + left_out_note(*left_out));
}

void UploadLog::recovered(Duration after, std::uint64_t waiting) {
  log::info("Segments get through again after " +
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(after).count()) +
            " seconds; " + std::to_string(waiting) + " wait");
}

void UploadLog::flush() {
  std::uint64_t batches = 0;
  std::uint64_t documents = 0;
  {
    const std::lock_guard lock(mutex_);
    batches = unsaid_batches_;
    documents = unsaid_documents_;
    unsaid_batches_ = unsaid_documents_ = 0;
  }
  if (batches == 0) return;
  log::info("Successfully sent " + std::to_string(batches) + " more batches of " +
            std::to_string(documents) + " segments");
}

}  // namespace xrayd::forward
