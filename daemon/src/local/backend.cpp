#include "local/backend.hpp"

#include <array>
#include <mutex>
#include <utility>

#include "config/log.hpp"
#include "config/log_throttle.hpp"
#include "local/api/operation.hpp"
#include "local/ingest.hpp"
#include "local/ingest_counters.hpp"
#include "local/sampling.hpp"
#include "local/segment_document.hpp"
#include "local/store.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t max_request_depth = 100;

struct Route {
  std::string_view path;
  api::Operation operation;
};

constexpr std::array<Route, 9> routes{{
    {"/TraceSegments", api::put_trace_segments},
    {"/Traces", api::batch_get_traces},
    {"/TraceSummaries", api::get_trace_summaries},
    {"/GetSamplingRules", api::get_sampling_rules},
    {"/SamplingTargets", api::get_sampling_targets},
    {"/SamplingStatisticSummaries", api::get_sampling_statistic_summaries},
    {"/CreateSamplingRule", api::create_sampling_rule},
    {"/UpdateSamplingRule", api::update_sampling_rule},
    {"/DeleteSamplingRule", api::delete_sampling_rule},
}};

api::Operation operation_at(std::string_view path) noexcept {
  for (const auto& route : routes) {
    if (route.path == path) return route.operation;
  }
  return nullptr;
}

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

class LocalBackend final : public Backend {
 public:
  explicit LocalBackend(const BackendSettings& settings)
      : store_({settings.data_dir, settings.retention_bytes, settings.retention_age, now_ms}),
        ingest_(store_, counters_, settings.queue_bytes),
        sampling_({settings.data_dir / "sampling.db", settings.default_sampling,
                   settings.sampling_interval, now_ms}) {}

  void accept(std::span<const std::string_view> bodies) noexcept override { ingest_.offer(bodies); }

  bool has_room() const noexcept override { return ingest_.has_room(); }
  std::size_t longest_body() const noexcept override { return max_document_bytes; }

  bool answers(std::string_view path) const noexcept override {
    return operation_at(path) != nullptr;
  }

  ApiAnswer call(std::string_view path, std::string_view body) noexcept override {
    try {
      const auto operation = operation_at(path);
      if (operation == nullptr) {
        throw api::ApiError(404, "UnknownOperationException", "Unknown operation");
      }
      ParsedJson request;
      const auto fault = ParsedJson::parse(body.empty() ? "{}" : body, max_request_depth, request);
      if (fault != JsonFault::none || !request.value().IsObject()) {
        throw api::malformed("The body of the request must be a JSON object");
      }
      api::Services services{store_, ingest_, counters_, sampling_};
      return {200, {}, operation(services, request.value())};
    } catch (const api::ApiError& error) {
      return error.answer();
    } catch (const SqliteError& error) {
      // Where the store lies is for the log alone.
      complain(error.what());
      return api::internal_failure(std::string("The store can't be read: ") + error.cause())
          .answer();
    } catch (const std::exception& error) {
      complain(error.what());
      return api::internal_failure("Internal failure").answer();
    }
  }

  void drain(std::chrono::milliseconds deadline) noexcept override {
    ingest_.drain(deadline);
    try {
      sampling_.tell_news(true);
    } catch (const std::exception& error) {
      complain(error.what());
    }
  }

  std::string trouble() const override { return ingest_.trouble(); }

  void report(CounterRows& rows) const override {
    counters_.report(rows);
    sampling_.report(rows);
    const auto status = store_.status();
    const auto add = [&rows](const char* name, const char* help, std::int64_t value, bool gauge) {
      rows.push_back({name, help, {}, value, gauge});
    };
    add("xrayd_store_traces_expired_total", "Traces removed to keep the store's limits.",
        status.expired_traces, false);
    add("xrayd_store_damaged_files_total", "Damaged files of the store that were set aside.",
        status.damaged, false);
    add("xrayd_store_bytes", "Size of the local store's files.",
        static_cast<std::int64_t>(status.bytes), true);
    add("xrayd_store_partitions", "Files of traces in the local store.", status.partitions, true);
    add("xrayd_store_traces", "Traces in the local store.", status.traces, true);
    add("xrayd_store_queue_bytes", "Memory of documents that wait to be stored.",
        static_cast<std::int64_t>(ingest_.queued_bytes()), true);
    try {
      if (const auto oldest = store_.oldest()) {
        add("xrayd_store_oldest_trace_seconds", "Time of the oldest trace, in seconds since 1970.",
            static_cast<std::int64_t>(*oldest), true);
      }
    } catch (const SqliteError&) {
      // trouble() tells; the other figures are good.
      return;
    }
  }

 private:
  void complain(const char* text) {
    const std::lock_guard lock(complaints_mutex_);
    if (complaints_.admit(log::Throttle::Clock::now())) log::error(text);
  }

  IngestCounters counters_;
  Store store_;
  Ingest ingest_;
  Sampling sampling_;
  std::mutex complaints_mutex_;
  log::Throttle complaints_{1};
};

}  // namespace

std::unique_ptr<Backend> Backend::open(const BackendSettings& settings) {
  return std::make_unique<LocalBackend>(settings);
}

}  // namespace xrayd::local
