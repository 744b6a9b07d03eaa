// Whether a disk takes writes, for those who ask and for the log.
#pragma once

#include <exception>
#include <mutex>
#include <string>

#include "local/database/sqlite.hpp"
#include "local/live/journals.hpp"
#include "local/store/ingest_counters.hpp"

namespace xrayd::local {

/// Thread-safe.
class Trouble {
 public:
  /// Runs `action`; its failure is the trouble from now on, its success the end of it. Answers
  /// whether it succeeded.
  template <typename Action>
  bool attempt(IngestCounters& counters, Action&& action) {
    std::string failure;
    std::string details;
    try {
      action();
    } catch (const SqliteError& error) {
      failure = std::string(what_is_wrong) + ": " + error.cause();
      details = error.what();
    } catch (const JournalError& error) {
      failure = std::string(what_is_wrong) + ": " + error.cause();
      details = error.what();
    } catch (const std::exception& error) {
      failure = what_is_wrong;
      details = error.what();
    }
    if (!failure.empty()) ++counters.commit_errors;
    const bool well = failure.empty();
    set(std::move(failure), details);
    return well;
  }

  /// Empty, or what is wrong; without the names of files.
  [[nodiscard]] std::string text() const;

 private:
  static constexpr const char* what_is_wrong = "the store takes no writes";

  void set(std::string text, const std::string& details);

  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace xrayd::local
