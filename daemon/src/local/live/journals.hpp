// Where documents are safe until their traces are in the store: files that only grow, a few at a
// time, each removed when nothing in it, nor in any before it, is needed any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "local/live/journal_record.hpp"

namespace xrayd::local {

/// what() names the file and the cause.
class JournalError : public std::runtime_error {
 public:
  JournalError(const std::filesystem::path& file, const std::string& what, int cause);

  /// The cause alone, without the file.
  [[nodiscard]] const std::string& cause() const noexcept { return cause_; }

 private:
  std::string cause_;
};

/// A journal; later ones have higher numbers.
using JournalNumber = std::uint64_t;

/// A document written is safe from the end of this process, by whatever signal; from the machine's
/// only once the kernel has brought it to the disk. Members are thread-safe but append() and
/// probe(), which are for one thread at a time.
class Journals {
 public:
  /// A new file is begun where one has `file_bytes`. Files that are there are kept for replay().
  Journals(std::filesystem::path folder, std::uint64_t file_bytes);
  ~Journals();
  Journals(const Journals&) = delete;
  Journals& operator=(const Journals&) = delete;

  /// Hands out every document of the files that are there, oldest first; each counts as needed
  /// until it is released. To be called once, before anything else. Damaged ends are left out with
  /// a warning in the log.
  void replay(const std::function<void(JournalNumber, const JournalRecord&)>& use);

  /// Writes all of the documents with one call, or throws JournalError and has written none.
  /// Answers which journal has them.
  JournalNumber append(std::int64_t received_ms, std::span<const std::string_view> documents);
  /// Writes next to nothing. Throws JournalError where the disk doesn't take even that.
  void probe();

  /// So many documents of that journal are needed no more.
  void release(JournalNumber journal, std::size_t documents) noexcept;
  /// Removes all files; nothing is needed any more.
  void clear() noexcept;

  [[nodiscard]] std::uint64_t bytes() const;
  /// Files that have something that is needed.
  [[nodiscard]] std::size_t files() const;

 private:
  struct File {
    std::uint64_t bytes = 0;
    std::size_t needed = 0;
  };

  [[nodiscard]] std::filesystem::path path_of(JournalNumber journal) const;
  void open_next();
  void close_current() noexcept;
  void undo(std::uint64_t bytes) noexcept;
  void remove(JournalNumber journal) noexcept;
  void remove_unneeded() noexcept;

  std::filesystem::path folder_;
  std::uint64_t file_bytes_;
  int descriptor_ = -1;
  std::string buffer_;

  mutable std::mutex mutex_;
  std::map<JournalNumber, File> files_;
  JournalNumber current_ = 0;  // 0: none is open
  JournalNumber next_ = 1;
};

}  // namespace xrayd::local
