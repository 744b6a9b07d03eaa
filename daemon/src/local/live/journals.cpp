#include "local/live/journals.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "config/log.hpp"

namespace xrayd::local {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "live-";
constexpr std::string_view suffix = ".journal";

constexpr std::size_t number_digits = 12;
// Leaves room for those that come after it.
constexpr JournalNumber largest_number = 900'000'000'000;
// None of ours is nearly as large: a file and the documents of one request.
constexpr std::uint64_t largest_file = std::uint64_t{256} << 20U;

// 0 where the name is no journal's.
JournalNumber number_in(const std::string& name) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix) ||
      name.size() != prefix.size() + number_digits + suffix.size()) {
    return 0;
  }
  JournalNumber number = 0;
  const char* begin = name.data() + prefix.size();
  const char* end = begin + number_digits;
  const auto [stop, error] = std::from_chars(begin, end, number);
  return error == std::errc{} && stop == end && number <= largest_number ? number : 0;
}

// Nothing where it isn't a file of ours to read, and why not.
std::optional<std::string> contents_of(const fs::path& file, std::string& why) {
  std::error_code error;
  const bool regular = fs::is_regular_file(file, error);
  const auto size = regular ? fs::file_size(file, error) : 0;
  if (error || !regular || size > largest_file) {
    why = error ? error.message() : regular ? "too large" : "no regular file";
    return std::nullopt;
  }
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(size, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!stream) {
    why = errno != 0 ? std::generic_category().message(errno) : "can't be read to its end";
    return std::nullopt;
  }
  return bytes;
}

// 0, or why not all was written.
int write_all(int descriptor, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : ENOSPC;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

JournalError::JournalError(const fs::path& file, const std::string& what, int cause)
    : std::runtime_error(file.string() + ": " + what + ": " +
                         std::generic_category().message(cause)),
      cause_(std::generic_category().message(cause)) {
}

Journals::Journals(fs::path folder, std::uint64_t file_bytes)
    : folder_(std::move(folder)), file_bytes_(file_bytes) {
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    const auto number = number_in(it->path().filename().string());
    if (number == 0) continue;
    std::error_code unknown;
    const auto size = it->file_size(unknown);
    files_[number].bytes = unknown ? 0 : size;
    next_ = std::max(next_, number + 1);
  }
}

Journals::~Journals() {
  close_current();
}

fs::path Journals::path_of(JournalNumber journal) const {
  std::array<char, 24> digits{};
  std::snprintf(digits.data(), digits.size(), "%012llu", static_cast<unsigned long long>(journal));
  return folder_ / (std::string(prefix) + digits.data() + std::string(suffix));
}

void Journals::replay(const std::function<void(JournalNumber, const JournalRecord&)>& use) {
  std::vector<JournalNumber> numbers;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [number, file] : files_) {
      numbers.push_back(number);
      // One more than there are keeps the file until all of it is read.
      file.needed = 1;
    }
  }
  for (const auto number : numbers) {
    const auto path = path_of(number);
    std::string why;
    const auto bytes = contents_of(path, why);
    if (!bytes) {
      log::warn(path.string() + ": the journal can't be read and stays where it is: " + why);
      const std::lock_guard lock(mutex_);
      files_.erase(number);
      continue;
    }
    JournalReader reader(*bytes);
    while (const auto record = reader.next()) {
      {
        const std::lock_guard lock(mutex_);
        ++files_[number].needed;
      }
      use(number, *record);
    }
    if (reader.foreign()) {
      log::warn(path.string() + ": no journal that this xrayd can read; it is removed");
    } else if (reader.lost() > 0) {
      log::warn(path.string() + ": its last " + std::to_string(reader.lost()) +
                " bytes are damaged and left out");
    }
    release(number, 1);
  }
}

JournalNumber Journals::append(std::int64_t received_ms,
                               std::span<const std::string_view> documents) {
  std::uint64_t before = 0;
  {
    const std::lock_guard lock(mutex_);
    if (current_ != 0) before = files_[current_].bytes;
  }
  if (before >= file_bytes_) close_current();
  if (descriptor_ < 0) {
    open_next();
    before = 0;
  }
  buffer_.clear();
  if (before == 0) buffer_ += journal_mark;
  for (const auto document : documents) append_journal_record(buffer_, received_ms, document);

  const int error = write_all(descriptor_, buffer_);
  if (error != 0) {
    const JournalError failure(path_of(current_), "can't be written", error);
    undo(before);
    throw failure;
  }
  const std::lock_guard lock(mutex_);
  auto& file = files_[current_];
  file.bytes = before + buffer_.size();
  file.needed += documents.size();
  constexpr std::size_t usual_burst = std::size_t{1} << 20U;
  if (buffer_.capacity() > 4 * usual_burst) std::string().swap(buffer_);
  return current_;
}

void Journals::probe() {
  constexpr std::size_t some_bytes = 4096;
  std::uint64_t before = 0;
  {
    const std::lock_guard lock(mutex_);
    if (current_ != 0) before = files_[current_].bytes;
  }
  if (descriptor_ < 0) {
    open_next();
    before = 0;
  }
  const int error = write_all(descriptor_, std::string(some_bytes, '\0'));
  const JournalError failure(path_of(current_), "can't be written", error);
  undo(before);
  if (error != 0) throw failure;
}

// Takes back what a failed write may have left: behind it nothing could be read.
void Journals::undo(std::uint64_t bytes) noexcept {
  if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) == 0) return;
  close_current();
}

void Journals::open_next() {
  JournalNumber number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = next_;
  }
  const auto path = path_of(number);
  descriptor_ =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor_ < 0) throw JournalError(path, "can't be made", errno);
  const std::lock_guard lock(mutex_);
  next_ = number + 1;
  current_ = number;
  files_[number] = {};
}

void Journals::close_current() noexcept {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  descriptor_ = -1;
  const std::lock_guard lock(mutex_);
  current_ = 0;
  remove_unneeded();
}

// Under the lock. The oldest first: an earlier version of a document must not outlive the later one
// that the store has, or it would take its place at the next replay.
void Journals::remove_unneeded() noexcept {
  while (!files_.empty()) {
    const auto& [number, file] = *files_.begin();
    if (number == current_ || file.needed > 0) return;
    remove(number);
  }
}

// Under the lock.
void Journals::remove(JournalNumber journal) noexcept {
  std::error_code error;
  fs::remove(path_of(journal), error);
  files_.erase(journal);
}

void Journals::release(JournalNumber journal, std::size_t documents) noexcept {
  const std::lock_guard lock(mutex_);
  const auto file = files_.find(journal);
  if (file == files_.end()) return;
  file->second.needed -= std::min(documents, file->second.needed);
  if (file->second.needed == 0) remove_unneeded();
}

void Journals::clear() noexcept {
  close_current();
  const std::lock_guard lock(mutex_);
  while (!files_.empty()) remove(files_.begin()->first);
}

std::uint64_t Journals::bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& [number, file] : files_) sum += file.bytes;
  return sum;
}

std::size_t Journals::files() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [number, file] : files_) count += file.needed > 0 ? 1 : 0;
  return count;
}

}  // namespace xrayd::local
