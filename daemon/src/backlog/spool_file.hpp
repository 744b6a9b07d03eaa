// One file of the spool, and where its records lie.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backlog/batch.hpp"

namespace xrayd::backlog {

/// What is known of a record without reading it.
struct SpoolEntry {
  std::uint32_t offset = 0;
  std::uint32_t payload = 0;
  std::uint8_t documents = 0;
  enum class State : std::uint8_t { waiting, taken, gone };
  State state = State::waiting;
  std::uint8_t attempts = 0;
};

/// The bytes. Thread-safe, one access at a time; each may wait for the disk. The descriptor is kept
/// while it may be, so that records can still be read when somebody has removed the file.
class SpoolFile {
 public:
  /// A file that is there, opened when it is needed first.
  explicit SpoolFile(std::filesystem::path path) : path_(std::move(path)) {}
  /// For a descriptor that is open; `path` is for messages.
  SpoolFile(std::filesystem::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}
  ~SpoolFile();
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;

  /// A new file for its owner's eyes only; nothing, and errno, if there can't be one.
  [[nodiscard]] static std::shared_ptr<SpoolFile> create(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  struct Found {
    /// Records that wait for delivery, in order.
    std::vector<SpoolEntry> entries;
    std::uint64_t bytes = 0;
    /// Stretches that are no record; each is told to the log with its offset. A record whose end is
    /// missing is none of them: so does a file end whose writer was killed.
    std::uint64_t damaged = 0;
    /// The cause, where the file can't be read.
    int error = 0;
  };
  /// Reads the headers alone.
  [[nodiscard]] Found scan();

  /// Writes a record behind the last one. 0 or the cause; then the file is as it was.
  [[nodiscard]] int append(const Batch& batch, std::int64_t accepted_ms);
  /// 0 if a record could be written, or the cause.
  [[nodiscard]] int probe();
  /// Where the next record goes.
  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }

  struct Read {
    std::optional<Batch> batch;
    /// There are too many open files for now: try again later.
    bool later = false;
  };
  /// No batch where the record is damaged or can't be read.
  [[nodiscard]] Read read(const SpoolEntry& entry);
  /// The record is not to be delivered any more.
  void mark_delivered(const SpoolEntry& entry);

  /// True where the file has no name any more.
  [[nodiscard]] bool is_removed();
  /// What was written reaches the disk.
  void sync();
  /// Gives the descriptor back until it is needed.
  void close_for_now();

 private:
  [[nodiscard]] int open_locked();
  void cut();

  const std::filesystem::path path_;
  std::mutex mutex_;
  int descriptor_ = -1;
  std::uint64_t end_ = 0;
};

/// Bytes that a record takes in its file.
[[nodiscard]] std::uint64_t record_size(const Batch& batch) noexcept;

}  // namespace xrayd::backlog
