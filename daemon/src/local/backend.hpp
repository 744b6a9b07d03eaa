// X-Ray on this machine: takes segment documents, stores traces, answers the X-Ray API.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "counter_row.hpp"
#include "intake/document_sink.hpp"
#include "local/console/console_parameters.hpp"

namespace xrayd::local {

/// What the local backend is told. Defaults are those of the options of the same names.
struct BackendSettings {
  std::filesystem::path data_dir;
  /// The store's files together stay below this; the oldest partition goes first.
  std::uint64_t retention_bytes = std::uint64_t{1} << 30U;
  /// Partitions whose newest document arrived longer ago than this are removed.
  std::chrono::seconds retention_age = std::chrono::hours{24 * 7};
  /// Documents waiting to be stored may take this much memory; beyond it the oldest are dropped.
  /// Those of traces that aren't whole yet take four times as much beside it, at most (with bounds
  /// of 16 and 128 MiB): beyond that they go to disk as they are, and senders wait.
  std::uint64_t queue_bytes = std::uint64_t{16} << 20U;
  /// The rate of the sampling rule Default, 0 to 1; nothing leaves it as it was stored.
  std::optional<double> default_sampling;
  /// How often samplers are told to report.
  std::chrono::seconds sampling_interval{10};
  /// Questions are held to X-Ray's own limits.
  bool strict = false;
};

/// The answer to one API call.
struct ApiAnswer {
  /// 200, or the status that the service model gives the error.
  int status = 200;
  /// The exception's name (`InvalidRequestException`), empty where status is 200.
  std::string error_type;
  /// JSON. For an error `{"__type":"...","Message":"..."}`.
  std::string body;
};

/// The whole local backend. Knows nothing of HTTP or UDP. Thread-safe.
class Backend : public intake::DocumentSink {
 public:
  /// Opens or makes the store in `settings.data_dir`. Throws StartupError naming the file and the
  /// cause when the directory can't be written or its meta file is not a store of ours; a damaged
  /// partition is set aside with a warning, not an error.
  static std::unique_ptr<Backend> open(const BackendSettings& settings);

  /// True if `path` ("/TraceSummaries") is an operation of the X-Ray API that this backend answers.
  [[nodiscard]] virtual bool answers(std::string_view path) const noexcept = 0;

  /// Calls the operation behind `path` with a JSON body (empty counts as `{}`). Blocks until the
  /// answer is there: disk reads, and for PutTraceSegments the commit, so that a following read
  /// sees what was put. Never throws.
  [[nodiscard]] virtual ApiAnswer call(std::string_view path, std::string_view body) noexcept = 0;

  /// What the console asks beyond the API; console_questions.hpp has parameters and answers. Errors
  /// are as those of call(), which this resembles in everything else too.
  [[nodiscard]] virtual ApiAnswer ask(ConsoleQuestion question,
                                      const ConsoleParameters& parameters) noexcept = 0;

  /// Removes all traces, live or on disk, and files of traces that were set aside as damaged;
  /// rules, groups and the like stay. What is in the queue just now may come after. Answers
  /// `{"Traces":n,"Bytes":n}`: what there was of both. Errors are as those of call().
  [[nodiscard]] virtual ApiAnswer clear() noexcept = 0;

  /// Stores what was accepted so far, at most until the deadline. Called once, before destruction.
  virtual void drain(std::chrono::milliseconds deadline) noexcept = 0;

  /// Empty while the store takes writes; otherwise one line that says why it doesn't (disk full).
  [[nodiscard]] virtual std::string trouble() const = 0;

  virtual void report(CounterRows& rows) const = 0;
};

}  // namespace xrayd::local
