// Batches on disk: what memory has no room for, or what is to outlive this process.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backlog/batch.hpp"
#include "backlog/spool_directory.hpp"
#include "backlog/spool_file.hpp"
#include "config/log_throttle.hpp"

namespace xrayd::backlog {

/// A queue of batches in files of at most an eighth of the bytes allowed, and of 8 MiB. A file is
/// unlinked when all in it is delivered. What is written survives this process however it ends, for
/// the system has it; a file reaches the disk itself when it is full, so that a power cut may cost
/// what came after that. What was delivered but not marked when the process was killed is delivered
/// again.
///
/// In memory are 12 bytes for each record. Thread-safe, but write() is for one thread at a time;
/// where a function may wait for the disk it says so.
class Spool {
 public:
  /// Reads the headers of what an earlier run left. Throws StartupError as SpoolDirectory does.
  Spool(const std::filesystem::path& directory, std::uint64_t most_bytes);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// Behind all that is there. Beyond the bytes allowed the oldest file goes first, and what waits
  /// in it is counted as dropped. Waits for the disk. Empty, or why the batch could not be written.
  [[nodiscard]] std::string write(const Batch& batch);

  /// As write(), but nothing is kept: after a failure it says whether writing succeeds again.
  [[nodiscard]] std::string probe();

  /// When next() has something; nothing while none waits. What write() and give_back() add is seen
  /// once they have returned. Waits for nobody.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_at() const noexcept;

  /// A record that was promised to somebody.
  struct Ticket {
    std::shared_ptr<SpoolFile> file;
    SpoolPlace place;
    SpoolEntry entry;
  };
  /// The oldest that waits.
  [[nodiscard]] std::optional<Ticket> next();
  /// Its batch, with `place`; waits for the disk. Nothing where it is damaged, which is counted, or
  /// where too many files are open: then it waits again, and next_at() is half a second away.
  [[nodiscard]] std::optional<Batch> read(const Ticket& ticket);
  /// A batch that read() gave is delivered. Waits for the disk.
  void done(const SpoolPlace& place);
  /// A batch that read() gave waits again. False: its file was dropped meanwhile, nothing of it is
  /// in these books any more, and the caller has the only copy.
  [[nodiscard]] bool give_back(const SpoolPlace& place, int attempts);

  struct Figures {
    std::uint64_t bytes = 0;
    /// That are not delivered; those that read() gave are among them.
    std::uint64_t documents = 0;
    std::uint64_t found = 0;
    std::uint64_t written = 0;
    std::uint64_t dropped = 0;
    std::uint64_t unreadable = 0;
    std::uint64_t damaged = 0;
  };
  [[nodiscard]] Figures figures() const;

 private:
  struct Indexed {
    std::shared_ptr<SpoolFile> file;
    std::vector<SpoolEntry> entries;
    std::uint64_t bytes = 0;
    /// Records not delivered, and those of them that nobody has taken.
    std::size_t left = 0;
    std::size_t waiting = 0;
    /// None before this one waits.
    std::size_t first = 0;

    SpoolEntry* find(std::uint64_t offset);
  };
  using Files = std::map<std::uint64_t, Indexed>;

  void load(std::uint64_t number);
  [[nodiscard]] std::shared_ptr<SpoolFile> begin_writing();
  void end_writing();
  void add(const SpoolEntry& entry, std::uint64_t size);
  [[nodiscard]] std::string open_current();
  [[nodiscard]] std::string fail(int error) const;
  void finish_current();
  void make_room(std::uint64_t size);
  void forget(Files::iterator at);
  void settle(Files::iterator at, SpoolEntry& entry);

  SpoolDirectory directory_;
  const std::uint64_t most_bytes_;
  const std::uint64_t file_bytes_;

  /// Dropped, and the log was not told yet; of who writes.
  std::uint64_t untold_ = 0;
  log::Throttle throttle_{1};

  mutable std::mutex mutex_;
  Files files_;
  /// The youngest file's, ever.
  std::uint64_t last_number_ = 0;
  /// The file being written; 0: none.
  std::uint64_t current_ = 0;
  /// write() has it in its hands, and a record more than its entries say.
  bool writing_ = false;
  Figures figures_;
  /// Records that wait, in all files.
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::chrono::steady_clock::time_point> not_before_{};
  /// Documents of batches that somebody has and whose file was dropped.
  std::uint64_t orphans_ = 0;
};

}  // namespace xrayd::backlog
