#include "local/trace/dictionary.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <limits>
#include <vector>

#include "local/document/secret_hash.hpp"
#include "local/trace/text_arena.hpp"

namespace xrayd::local {
namespace {

using Number = Dictionary::Number;

std::uint32_t hash_of(std::string_view text) noexcept {
  const std::uint64_t key = hash_secret();
  std::uint64_t hash = key + text.size();
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t taken = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), taken);
    hash = mixed_bits(hash ^ word) + key;
    text.remove_prefix(taken);
  }
  return static_cast<std::uint32_t>(mixed_bits(hash));
}

struct Entry {
  const char* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t hash = 0;

  [[nodiscard]] std::string_view text() const noexcept { return {data, size}; }
};

// Entries by number, in segments that never move; each is twice as large as the one before.
class Entries {
 public:
  // Only for numbers that were published after put().
  [[nodiscard]] const Entry& operator[](Number number) const noexcept {
    const Place place = place_of(number);
    return segments_[place.segment].load(std::memory_order_acquire)[place.offset];
  }

  // Makes room for one entry, which nobody sees yet.
  void put(Number number, const Entry& entry) {
    const Place place = place_of(number);
    if (owned_.size() == place.segment) {
      owned_.reserve(owned_.size() + 1);
      owned_.push_back(std::make_unique<Entry[]>(first_size << place.segment));
      segments_[place.segment].store(owned_.back().get(), std::memory_order_release);
    }
    owned_[place.segment][place.offset] = entry;
  }

 private:
  static constexpr std::size_t first_size = 64;

  struct Place {
    std::size_t segment;
    std::size_t offset;
  };
  static Place place_of(Number number) noexcept {
    const std::uint64_t shifted = std::uint64_t{number} + first_size;
    const auto segment =
        static_cast<std::size_t>(std::bit_width(shifted) - std::bit_width(first_size));
    return {segment, static_cast<std::size_t>(shifted) - (first_size << segment)};
  }

  std::array<std::atomic<const Entry*>, 32> segments_{};
  std::vector<std::unique_ptr<Entry[]>> owned_;
};

// Open addressing: each place holds a number and one, or 0 where it is free. Readers may be in a
// table while it is filled, or replaced by a larger one.
class Table {
 public:
  explicit Table(std::size_t size) : places_(size) {}

  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }

  [[nodiscard]] std::optional<Number> find(std::string_view text, std::uint32_t hash,
                                           const Entries& entries) const noexcept {
    for (std::size_t place = hash;; ++place) {
      const Number found = places_[place & (size() - 1)].load(std::memory_order_acquire);
      if (found == 0) return std::nullopt;
      const Entry& entry = entries[found - 1];
      if (entry.hash == hash && entry.text() == text) return found - 1;
    }
  }

  void insert(Number number, std::uint32_t hash) noexcept {
    std::size_t place = hash;
    while (places_[place & (size() - 1)].load(std::memory_order_relaxed) != 0) ++place;
    places_[place & (size() - 1)].store(number + 1, std::memory_order_release);
  }

 private:
  std::vector<std::atomic<Number>> places_;  // a power of two, at most half of them taken
};

constexpr std::size_t first_table = 64;

}  // namespace

struct Dictionary::State {
  std::size_t max_texts = 0;
  std::size_t max_bytes = 0;
  std::size_t bytes = 0;
  TextArena texts;
  Entries entries;
  std::atomic<Number> size{0};
  std::atomic<const Table*> table{nullptr};
  // Readers may still be in the smaller ones: together they are as large as the last.
  std::vector<std::unique_ptr<Table>> tables;

  void add_table(std::size_t places) {
    auto larger = std::make_unique<Table>(places);
    tables.reserve(tables.size() + 1);
    const Number count = size.load(std::memory_order_relaxed);
    for (Number number = 0; number < count; ++number) larger->insert(number, entries[number].hash);
    table.store(larger.get(), std::memory_order_release);
    tables.push_back(std::move(larger));
  }
};

Dictionary::Dictionary(std::size_t max_texts, std::size_t max_bytes)
    : state_(std::make_unique<State>()) {
  // A place of the table holds a number and one.
  state_->max_texts = std::min<std::size_t>(max_texts, std::numeric_limits<Number>::max() / 2);
  state_->max_bytes = max_bytes;
  state_->add_table(first_table);
}

Dictionary::~Dictionary() = default;

std::optional<Number> Dictionary::add(std::string_view text) {
  if (text.size() > max_text_bytes) return std::nullopt;
  State& state = *state_;
  const std::uint32_t hash = hash_of(text);
  if (const auto known = state.tables.back()->find(text, hash, state.entries)) return known;

  const Number number = state.size.load(std::memory_order_relaxed);
  if (number >= state.max_texts || text.size() > state.max_bytes - state.bytes) return std::nullopt;
  if ((std::size_t{number} + 1) * 2 > state.tables.back()->size()) {
    state.add_table(state.tables.back()->size() * 2);
  }
  state.entries.put(number,
                    {state.texts.keep(text).data(), static_cast<std::uint32_t>(text.size()), hash});
  // From here on nothing throws.
  state.bytes += text.size();
  state.size.store(number + 1, std::memory_order_release);
  state.tables.back()->insert(number, hash);
  return number;
}

std::optional<Number> Dictionary::find(std::string_view text) const noexcept {
  if (text.size() > max_text_bytes) return std::nullopt;
  return state_->table.load(std::memory_order_acquire)->find(text, hash_of(text), state_->entries);
}

std::optional<std::string_view> Dictionary::text(Number number) const noexcept {
  if (number >= state_->size.load(std::memory_order_acquire)) return std::nullopt;
  return state_->entries[number].text();
}

std::size_t Dictionary::size() const noexcept {
  return state_->size.load(std::memory_order_acquire);
}

}  // namespace xrayd::local
