#include "backlog/spool_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <new>
#include <string_view>
#include <utility>

#include "backlog/spool_record.hpp"
#include "config/log.hpp"

namespace xrayd::backlog {
namespace {

using namespace std::chrono;

/// Bytes read at `offset`, fewer only at the end of the file; -1 and errno.
ssize_t read_at(int file, char* to, std::size_t size, std::uint64_t offset) {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = ::pread(file, to + got, size - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return static_cast<ssize_t>(got);
}

/// 0 or the cause.
int write_at(int file, const char* from, std::size_t size, std::uint64_t offset) {
  while (size > 0) {
    const ssize_t n = ::pwrite(file, from, size, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) return EIO;
    from += n;
    size -= static_cast<std::size_t>(n);
    offset += static_cast<std::uint64_t>(n);
  }
  return 0;
}

/// A file read a window at a time, for headers that lie near each other.
class Window {
 public:
  Window(int file, std::size_t size) : file_(file), bytes_(size, '\0') {}

  /// At least `wanted` bytes from `offset` on, fewer where the file ends there or can't be read.
  std::string_view at(std::uint64_t offset, std::size_t wanted) {
    if (offset < begin_ || offset + wanted > begin_ + filled_) {
      begin_ = offset;
      const ssize_t got = read_at(file_, bytes_.data(), bytes_.size(), offset);
      if (got < 0) error_ = errno;
      filled_ = got < 0 ? 0 : static_cast<std::size_t>(got);
    }
    return std::string_view(bytes_.data(), filled_)
        .substr(std::min<std::size_t>(offset - begin_, filled_));
  }
  [[nodiscard]] int error() const noexcept { return error_; }

 private:
  int file_;
  std::string bytes_;
  std::uint64_t begin_ = 0;
  std::size_t filled_ = 0;
  int error_ = 0;
};

/// The next place from `offset` on where a record may begin; the file's end where there is none.
std::uint64_t find_magic(Window& window, std::uint64_t offset, std::uint64_t end) {
  while (offset < end) {
    const std::string_view bytes = window.at(offset, record_magic.size());
    if (bytes.size() < record_magic.size()) return end;
    const std::size_t found = bytes.find(record_magic);
    if (found != std::string_view::npos) return offset + found;
    offset += bytes.size() - record_magic.size() + 1;
  }
  return end;
}

}  // namespace

std::uint64_t record_size(const Batch& batch) noexcept {
  return record_header_size + batch.documents.size() * sizeof(Batch::Part) + batch.body.size();
}

SpoolFile::~SpoolFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::shared_ptr<SpoolFile> SpoolFile::create(const std::filesystem::path& path) {
  const int file =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (file < 0) return nullptr;
  return std::make_shared<SpoolFile>(path, file);
}

/// 0 or the cause.
int SpoolFile::open_locked() {
  if (descriptor_ >= 0) return 0;
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  return descriptor_ < 0 ? errno : 0;
}

SpoolFile::Found SpoolFile::scan() {
  const std::lock_guard lock(mutex_);
  Found found;
  struct stat status {};
  found.error = open_locked();
  if (found.error == 0 && ::fstat(descriptor_, &status) != 0) found.error = errno;
  if (found.error == 0 && !S_ISREG(status.st_mode)) found.error = EINVAL;
  if (found.error != 0) return found;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  found.bytes = end_ = size;

  constexpr std::size_t window_size = 4096;
  Window window(descriptor_, window_size);
  for (std::uint64_t offset = 0; offset < size;) {
    const std::string_view bytes = window.at(offset, record_header_size);
    if (window.error() != 0) {
      found.error = window.error();
      break;
    }
    if (const auto header = decode_header(bytes)) {
      const std::uint64_t next = offset + record_header_size + header->payload;
      if (next > size || next > UINT32_MAX) break;
      if (!header->delivered) {
        found.entries.push_back({static_cast<std::uint32_t>(offset), header->payload,
                                 static_cast<std::uint8_t>(header->documents)});
      }
      offset = next;
      continue;
    }
    if (bytes.size() < record_header_size) break;
    ++found.damaged;
    log::warn(path_.string() + ": damaged at byte " + std::to_string(offset) +
              "; read on from the next record");
    offset = find_magic(window, offset + 1, size);
  }
  return found;
}

int SpoolFile::append(const Batch& batch, std::int64_t accepted_ms) {
  const RecordHeaderBytes header = encode_header(batch, accepted_ms);
  const std::lock_guard lock(mutex_);
  if (const int error = open_locked(); error != 0) return error;
  std::uint64_t offset = end_;
  int error = write_at(descriptor_, header.data(), header.size(), offset);
  offset += header.size();
  const std::size_t parts = batch.documents.size() * sizeof(Batch::Part);
  if (error == 0) {
    error =
        write_at(descriptor_, reinterpret_cast<const char*>(batch.documents.data()), parts, offset);
  }
  offset += parts;
  if (error == 0) error = write_at(descriptor_, batch.body.data(), batch.body.size(), offset);
  if (error != 0) {
    cut();
    return error;
  }
  end_ = offset + batch.body.size();
  return 0;
}

int SpoolFile::probe() {
  const std::string nothing(std::size_t{64} << 10U, '\0');
  const std::lock_guard lock(mutex_);
  int error = open_locked();
  if (error != 0) return error;
  error = write_at(descriptor_, nothing.data(), nothing.size(), end_);
  cut();
  return error;
}

/// The next record begins where the last one ends, even if the file can't be cut there.
void SpoolFile::cut() {
  while (::ftruncate(descriptor_, static_cast<off_t>(end_)) != 0 && errno == EINTR) {
  }
}

SpoolFile::Read SpoolFile::read(const SpoolEntry& entry) {
  Read result;
  const std::lock_guard lock(mutex_);
  if (const int error = open_locked(); error != 0) {
    result.later = error == EMFILE || error == ENFILE || error == ENOMEM;
    return result;
  }
  RecordHeaderBytes bytes{};
  if (read_at(descriptor_, bytes.data(), bytes.size(), entry.offset) !=
      static_cast<ssize_t>(bytes.size())) {
    return result;
  }
  const auto header = decode_header({bytes.data(), bytes.size()});
  if (!header || header->payload != entry.payload || header->documents != entry.documents) {
    return result;
  }
  try {
    Batch batch;
    batch.documents.resize(header->documents);
    const std::size_t parts = batch.documents.size() * sizeof(Batch::Part);
    batch.body.resize(header->payload - parts);
    const std::uint64_t offset = entry.offset + record_header_size;
    const ssize_t got_parts =
        read_at(descriptor_, reinterpret_cast<char*>(batch.documents.data()), parts, offset);
    const ssize_t got_body =
        read_at(descriptor_, batch.body.data(), batch.body.size(), offset + parts);
    if (got_parts != static_cast<ssize_t>(parts) ||
        got_body != static_cast<ssize_t>(batch.body.size()) || !is_payload_of(*header, batch)) {
      return result;
    }
    // As far back as the wall clock says, for the other does not outlive the machine's run.
    const auto wall = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    constexpr std::int64_t year_ms = std::int64_t{366} * 24 * 3600 * 1000;
    const bool is_sane = header->accepted_ms > wall - year_ms && header->accepted_ms < wall;
    batch.begun = steady_clock::now() - milliseconds(is_sane ? wall - header->accepted_ms : 0);
    batch.attempts = entry.attempts;
    result.batch = std::move(batch);
  } catch (const std::bad_alloc&) {
    result.later = true;
  }
  return result;
}

void SpoolFile::mark_delivered(const SpoolEntry& entry) {
  const std::lock_guard lock(mutex_);
  if (open_locked() != 0) return;
  const std::uint32_t state = record_delivered;
  if (write_at(descriptor_, reinterpret_cast<const char*>(&state), sizeof state,
               entry.offset + record_state_offset) != 0) {
    log::debug(path_.string() + ": a delivered record can't be marked and may be sent again");
  }
}

bool SpoolFile::is_removed() {
  const std::lock_guard lock(mutex_);
  struct stat status {};
  if (descriptor_ >= 0) return ::fstat(descriptor_, &status) != 0 || status.st_nlink == 0;
  return ::stat(path_.c_str(), &status) != 0;
}

void SpoolFile::sync() {
  const std::lock_guard lock(mutex_);
  if (descriptor_ >= 0) ::fdatasync(descriptor_);
}

void SpoolFile::close_for_now() {
  const std::lock_guard lock(mutex_);
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

}  // namespace xrayd::backlog
