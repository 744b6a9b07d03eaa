// Texts by number: what many records say again and again is stored once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace xrayd::local {

/// Numbers texts from 0, in the order in which they came. Texts stay where they are as long as
/// somebody holds the dictionary. One thread at a time adds; meanwhile any number of others may
/// call everything else: it takes no lock and never waits. A reader sees at least those texts whose
/// numbers it learned through something that synchronises (a lock, a queue).
class Dictionary {
 public:
  using Number = std::uint32_t;

  /// `max_texts` and `max_bytes` (of the texts alone; to find them takes some 30 bytes a text more)
  /// bound it; beyond them add() answers nothing.
  Dictionary(std::size_t max_texts, std::size_t max_bytes);
  ~Dictionary();
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  /// The text's number, new or not; nothing where it is full, or the text is longer than is worth
  /// it (max_text_bytes). May throw std::bad_alloc; nothing has changed then.
  std::optional<Number> add(std::string_view text);
  [[nodiscard]] std::optional<Number> find(std::string_view text) const noexcept;
  /// Nothing for a number that was never given.
  [[nodiscard]] std::optional<std::string_view> text(Number number) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;

  static constexpr std::size_t max_text_bytes = 256;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xrayd::local
