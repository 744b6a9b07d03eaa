// Memory for the texts of one record: many short ones, freed together.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace xrayd::local {

/// Texts stay where they are until the arena ends; moving the arena moves none of them.
class TextArena {
 public:
  TextArena() = default;
  TextArena(TextArena&& other) noexcept;
  TextArena& operator=(TextArena&& other) noexcept;

  /// A copy that lives as long as the arena.
  std::string_view keep(std::string_view text);

  /// Memory taken, in bytes.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* free_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace xrayd::local
