#include "backlog/spool.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "backlog/spool_record.hpp"
#include "config/log.hpp"

namespace xrayd::backlog {
namespace {

using namespace std::chrono;

/// Descriptors kept open; more files than these are opened when their turn comes.
constexpr std::size_t most_open = 64;

std::int64_t wall_ms(steady_clock::time_point when) {
  const auto ago = steady_clock::now() - when;
  return duration_cast<milliseconds>((system_clock::now() - ago).time_since_epoch()).count();
}

}  // namespace

SpoolEntry* Spool::Indexed::find(std::uint64_t offset) {
  const auto at = std::lower_bound(
      entries.begin(), entries.end(), offset,
      [](const SpoolEntry& entry, std::uint64_t wanted) { return entry.offset < wanted; });
  return at == entries.end() || at->offset != offset ? nullptr : &*at;
}

Spool::Spool(const std::filesystem::path& directory, std::uint64_t most_bytes)
    : directory_(directory),
      most_bytes_(most_bytes),
      file_bytes_(std::min(most_bytes / 8, std::uint64_t{8} << 20U)) {
  for (const std::uint64_t number : directory_.numbers()) load(number);
  if (figures_.found > 0) {
    log::info("The spool has " + std::to_string(figures_.found) + " segments of an earlier run");
  }
}

void Spool::load(std::uint64_t number) {
  last_number_ = std::max(last_number_, number);
  Indexed indexed;
  indexed.file = std::make_shared<SpoolFile>(directory_.file(number));
  SpoolFile::Found found = indexed.file->scan();
  figures_.damaged += found.damaged;
  if (found.error != 0) {
    ++figures_.damaged;
    log::error(indexed.file->path().string() +
               ": can't be read: " + std::generic_category().message(found.error));
    if (found.entries.empty()) return;
  }
  if (found.entries.empty()) {
    ::unlink(indexed.file->path().c_str());
    return;
  }
  indexed.entries = std::move(found.entries);
  indexed.entries.shrink_to_fit();
  indexed.bytes = found.bytes;
  indexed.left = indexed.waiting = indexed.entries.size();
  waiting_ += indexed.waiting;
  for (const SpoolEntry& entry : indexed.entries) figures_.found += entry.documents;
  figures_.documents = figures_.found;
  figures_.bytes += indexed.bytes;
  if (files_.size() >= most_open) indexed.file->close_for_now();
  files_.emplace(number, std::move(indexed));
}

std::string Spool::fail(int error) const {
  return directory_.path().string() +
         ": the spool can't be written: " + std::generic_category().message(error);
}

std::string Spool::write(const Batch& batch) {
  const std::uint64_t size = record_size(batch);
  if (size > most_bytes_ || size > largest_payload) {
    const std::lock_guard lock(mutex_);
    figures_.dropped += batch.documents.size();
    return {};
  }
  std::shared_ptr<SpoolFile> file = begin_writing();
  if (file && (file->end() + size > file_bytes_ || file->is_removed())) finish_current();
  make_room(size);
  std::string trouble = open_current();
  if (trouble.empty()) {
    file = begin_writing();
    const std::uint64_t offset = file->end();
    const int error = file->append(batch, wall_ms(batch.begun));
    if (error != 0) {
      trouble = fail(error);
    } else {
      SpoolEntry entry;
      entry.offset = static_cast<std::uint32_t>(offset);
      entry.payload = static_cast<std::uint32_t>(size - record_size({}));
      entry.documents = static_cast<std::uint8_t>(batch.documents.size());
      entry.attempts = static_cast<std::uint8_t>(std::clamp(batch.attempts, 0, UINT8_MAX));
      add(entry, size);
    }
  }
  end_writing();
  return trouble;
}

std::string Spool::probe() {
  std::string trouble = open_current();
  if (trouble.empty()) {
    const int error = begin_writing()->probe();
    if (error != 0) trouble = fail(error);
    end_writing();
  }
  return trouble;
}

/// The present file, if there is one: it is not unlinked until end_writing().
std::shared_ptr<SpoolFile> Spool::begin_writing() {
  const std::lock_guard lock(mutex_);
  writing_ = true;
  const auto at = files_.find(current_);
  return at == files_.end() ? nullptr : at->second.file;
}

void Spool::end_writing() {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  // What was delivered meanwhile may have been all that is in it.
  if (const auto at = files_.find(current_); at != files_.end() && at->second.left == 0) forget(at);
}

/// A record was written to the present file.
void Spool::add(const SpoolEntry& entry, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  Indexed& indexed = files_.at(current_);
  indexed.entries.push_back(entry);
  ++indexed.left;
  ++indexed.waiting;
  ++waiting_;
  indexed.bytes += size;
  figures_.bytes += size;
  figures_.documents += entry.documents;
  figures_.written += entry.documents;
}

/// A file to write to. Empty, or why there is none.
std::string Spool::open_current() {
  {
    const std::lock_guard lock(mutex_);
    if (files_.contains(current_)) return {};
  }
  if (std::string why = directory_.renew(); !why.empty()) return why;
  std::uint64_t number = last_number_;
  // A name is taken where a directory was put in the place of ours, files and all.
  constexpr int attempts = 100;
  std::shared_ptr<SpoolFile> file;
  for (int i = 0; !file && i < attempts; ++i) {
    file = SpoolFile::create(directory_.file(++number));
    if (!file && errno != EEXIST) break;
  }
  if (!file) return fail(errno);
  const std::lock_guard lock(mutex_);
  Indexed indexed;
  indexed.file = std::move(file);
  files_.emplace(number, std::move(indexed));
  current_ = last_number_ = number;
  return {};
}

/// No more is written to the present file.
void Spool::finish_current() {
  std::shared_ptr<SpoolFile> full;
  bool is_done = false;
  bool are_many = false;
  {
    const std::lock_guard lock(mutex_);
    const auto at = files_.find(current_);
    current_ = 0;
    if (at == files_.end()) return;
    full = at->second.file;
    is_done = at->second.left == 0;
    are_many = files_.size() > most_open;
    if (is_done) forget(at);
  }
  if (is_done) return;
  full->sync();
  if (are_many) full->close_for_now();
}

/// The oldest files go until `size` more bytes are allowed.
void Spool::make_room(std::uint64_t size) {
  while (true) {
    std::uint64_t dropped = 0;
    {
      const std::lock_guard lock(mutex_);
      if (files_.empty() || figures_.bytes + size <= most_bytes_) return;
      const auto oldest = files_.begin();
      for (const SpoolEntry& entry : oldest->second.entries) {
        if (entry.state == SpoolEntry::State::waiting) dropped += entry.documents;
        if (entry.state == SpoolEntry::State::taken) orphans_ += entry.documents;
      }
      figures_.documents -= dropped;
      figures_.dropped += dropped;
      for (const SpoolEntry& entry : oldest->second.entries) {
        if (entry.state == SpoolEntry::State::taken) figures_.documents -= entry.documents;
      }
      forget(oldest);
    }
    untold_ += dropped;
    if (untold_ > 0 && throttle_.admit(steady_clock::now())) {
      log::warn("Spilling over " + std::to_string(std::exchange(untold_, 0)) +
                " segments, the oldest of a full spool");
    }
  }
}

/// With the lock held. A file's name goes quickly; its blocks go with the last who reads it.
void Spool::forget(Files::iterator at) {
  figures_.bytes -= at->second.bytes;
  waiting_ -= at->second.waiting;
  ::unlink(at->second.file->path().c_str());
  if (at->first == current_) current_ = 0;
  files_.erase(at);
}

/// With the lock held: a record that was taken is done with.
void Spool::settle(Files::iterator at, SpoolEntry& entry) {
  figures_.documents -= entry.documents;
  entry.state = SpoolEntry::State::gone;
  Indexed& indexed = at->second;
  --indexed.left;
  if (indexed.left == 0 && !(writing_ && at->first == current_)) forget(at);
}

std::optional<steady_clock::time_point> Spool::next_at() const noexcept {
  if (waiting_.load() == 0) return std::nullopt;
  return not_before_.load();
}

std::optional<Spool::Ticket> Spool::next() {
  const std::lock_guard lock(mutex_);
  for (auto& [number, indexed] : files_) {
    if (indexed.waiting == 0) continue;
    while (indexed.entries[indexed.first].state != SpoolEntry::State::waiting) ++indexed.first;
    SpoolEntry& entry = indexed.entries[indexed.first];
    entry.state = SpoolEntry::State::taken;
    --indexed.waiting;
    --waiting_;
    return Ticket{indexed.file, {number, entry.offset, entry.documents}, entry};
  }
  return std::nullopt;
}

std::optional<Batch> Spool::read(const Ticket& ticket) {
  SpoolFile::Read outcome = ticket.file->read(ticket.entry);
  if (outcome.batch) {
    outcome.batch->place = ticket.place;
    return std::move(outcome.batch);
  }
  const std::uint32_t documents = ticket.entry.documents;
  if (outcome.later && give_back(ticket.place, ticket.entry.attempts)) {
    not_before_ = steady_clock::now() + 500ms;
    return std::nullopt;
  }
  log::error(ticket.file->path().string() + ": can't be read from byte " +
             std::to_string(ticket.entry.offset) + "; " + std::to_string(documents) +
             " segments are lost");
  if (!outcome.later) done(ticket.place);
  const std::lock_guard lock(mutex_);
  ++figures_.damaged;
  figures_.unreadable += documents;
  return std::nullopt;
}

void Spool::done(const SpoolPlace& place) {
  std::shared_ptr<SpoolFile> file;
  SpoolEntry entry;
  {
    const std::lock_guard lock(mutex_);
    const auto at = files_.find(place.file);
    SpoolEntry* found = at == files_.end() ? nullptr : at->second.find(place.offset);
    if (found == nullptr) {
      orphans_ -= place.documents;
      return;
    }
    file = at->second.file;
    entry = *found;
    settle(at, *found);
    if (!files_.contains(place.file)) return;
  }
  file->mark_delivered(entry);
}

bool Spool::give_back(const SpoolPlace& place, int attempts) {
  const std::lock_guard lock(mutex_);
  const auto at = files_.find(place.file);
  SpoolEntry* entry = at == files_.end() ? nullptr : at->second.find(place.offset);
  if (entry == nullptr) {
    orphans_ -= place.documents;
    return false;
  }
  entry->state = SpoolEntry::State::waiting;
  entry->attempts = static_cast<std::uint8_t>(std::clamp(attempts, 0, UINT8_MAX));
  Indexed& indexed = at->second;
  ++indexed.waiting;
  ++waiting_;
  indexed.first = std::min(indexed.first, static_cast<std::size_t>(entry - indexed.entries.data()));
  return true;
}

Spool::Figures Spool::figures() const {
  const std::lock_guard lock(mutex_);
  Figures figures = figures_;
  figures.documents += orphans_;
  return figures;
}

}  // namespace xrayd::backlog
