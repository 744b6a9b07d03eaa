#include "local/backend.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>

#include "config/log.hpp"
#include "config/log_throttle.hpp"
#include "local/api/answer.hpp"
#include "local/api/operation.hpp"
#include "local/api/routes.hpp"
#include "local/arn.hpp"
#include "local/console/console_questions.hpp"
#include "local/console/documents.hpp"
#include "local/console/trace_list.hpp"
#include "local/document/segment_document.hpp"
#include "local/sampling/sampling.hpp"
#include "local/store/ingest.hpp"
#include "local/store/ingest_counters.hpp"
#include "local/store/store.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t max_request_depth = 100;
constexpr std::chrono::milliseconds time_for_sums{1000};

// Traces whose documents are still coming: parsed they take four times their text, so that these
// are as many documents as the queue has room for. Fewer would be written before they are whole,
// and again with what comes late; more than the most are hardly ever whole.
constexpr std::uint64_t live_bytes_in_queue_byte = 4;
constexpr std::uint64_t least_live_bytes = std::uint64_t{16} << 20U;
constexpr std::uint64_t most_live_bytes = std::uint64_t{128} << 20U;

LiveLimits live_limits(const BackendSettings& settings) {
  LiveLimits limits;
  limits.bytes = std::clamp(settings.queue_bytes, least_live_bytes / live_bytes_in_queue_byte,
                            most_live_bytes / live_bytes_in_queue_byte) *
                 live_bytes_in_queue_byte;
  return limits;
}

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

class LocalBackend final : public Backend {
 public:
  explicit LocalBackend(const BackendSettings& settings)
      : store_({settings.data_dir, settings.retention_bytes, settings.retention_age, now_ms,
                live_limits(settings)}),
        ingest_(store_, counters_, settings.queue_bytes),
        sampling_({settings.data_dir / "sampling.db", settings.default_sampling,
                   settings.sampling_interval, now_ms}),
        account_({settings.data_dir / "account.db", now_ms}),
        strict_(settings.strict) {}

  void accept(std::span<const std::string_view> bodies) noexcept override { ingest_.offer(bodies); }

  bool has_room() const noexcept override { return ingest_.has_room(); }
  std::size_t longest_body() const noexcept override { return max_document_bytes; }

  bool answers(std::string_view path) const noexcept override {
    return api::operation_at(path) != nullptr;
  }

  ApiAnswer call(std::string_view path, std::string_view body) noexcept override {
    return answer([&] {
      const auto operation = api::operation_at(path);
      if (operation == nullptr) {
        throw api::ApiError(404, "UnknownOperationException", "Unknown operation");
      }
      ParsedJson request;
      const auto fault = ParsedJson::parse(body.empty() ? "{}" : body, max_request_depth, request);
      if (fault != JsonFault::none || !request.value().IsObject()) {
        throw api::malformed("The body of the request must be a JSON object");
      }
      const api::Questions questions{store_,  retrievals_,   group_filters(account_),
                                     strict_, time_for_sums, &sums_cut_};
      api::Services services{ingest_, counters_, sampling_, account_, questions};
      return operation(services, request.value());
    });
  }

  ApiAnswer ask(ConsoleQuestion question, const ConsoleParameters& parameters) noexcept override {
    return answer([&] {
      constexpr double ms_per_second = 1000;
      const double now = static_cast<double>(now_ms()) / ms_per_second;
      const auto groups = group_filters(account_);
      if (question == ConsoleQuestion::documents) {
        return answer_documents(store_, groups, parameters);
      }
      if (question == ConsoleQuestion::traces) {
        return answer_traces(store_, groups, parameters, now);
      }
      if (question == ConsoleQuestion::tail) return answer_tail(tail_, groups, parameters, now);
      if (question == ConsoleQuestion::completion) return answer_completion(parameters);
      return answer_facets(store_, groups, parameters, now);
    });
  }

  ApiAnswer clear() noexcept override {
    return answer([&] {
      const auto before = store_.status();
      store_.clear();
      log::info("all traces were removed: " + std::to_string(before.traces));
      return api::object_text([&](JsonWriter& writer) {
        write_key(writer, "Traces");
        writer.Int64(before.traces);
        write_key(writer, "Bytes");
        writer.Uint64(before.bytes);
      });
    });
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
    account_.report(rows);
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
    add("xrayd_group_sums_cut_total",
        "Graphs and statistics of groups that lack traces, for lack of time.", sums_cut_, false);
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
  /// `action` gives the body of the 200.
  template <typename Action>
  ApiAnswer answer(const Action& action) noexcept {
    try {
      return {200, {}, action()};
    } catch (const api::ApiError& error) {
      return error.answer();
    } catch (const ConsoleError& error) {
      return api::invalid_request(error.what()).answer();
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

  void complain(const char* text) {
    const std::lock_guard lock(complaints_mutex_);
    if (complaints_.admit(log::Throttle::Clock::now())) log::error(text);
  }

  IngestCounters counters_;
  Store store_;
  Ingest ingest_;
  Sampling sampling_;
  Account account_;
  api::TraceRetrievals retrievals_;
  Tail tail_{store_};
  const bool strict_;
  std::atomic<std::int64_t> sums_cut_ = 0;
  std::mutex complaints_mutex_;
  log::Throttle complaints_{1};
};

}  // namespace

std::unique_ptr<Backend> Backend::open(const BackendSettings& settings) {
  return std::make_unique<LocalBackend>(settings);
}

}  // namespace xrayd::local
