// Text written into somebody else's buffer, never beyond its end.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace sql {

/// Appends to a buffer of fixed size. What doesn't fit is left out and remembered (`cut`); after
/// that nothing is appended any more. Not thread-safe; the buffer must outlive it.
class BoundedText {
 public:
  static constexpr std::string_view mark = "...";

  BoundedText(char* buffer, std::size_t capacity) noexcept : data_(buffer), capacity_(capacity) {}

  void append(std::string_view text) noexcept {
    if (cut_) return;
    const std::size_t room = capacity_ - size_;
    const std::size_t count = text.size() < room ? text.size() : room;
    if (count != 0) std::memcpy(data_ + size_, text.data(), count);
    size_ += count;
    cut_ = count != text.size();
  }

  void append(char c) noexcept {
    if (size_ < capacity_ && !cut_) {
      data_[size_++] = c;
    } else {
      cut_ = true;
    }
  }

  /// Takes back what was written after the first `size` bytes.
  void shrink(std::size_t size) noexcept {
    if (size < size_) size_ = size;
  }

  /// There was more than fits, or than was read.
  void set_cut() noexcept { cut_ = true; }

  /// If the text was cut, lets it end in the mark, at the end of a UTF-8 character. A buffer too
  /// small for the mark stays empty.
  void finish() noexcept {
    if (!cut_) return;
    if (capacity_ < mark.size()) {
      size_ = 0;
      return;
    }
    if (size_ > capacity_ - mark.size()) size_ = capacity_ - mark.size();
    drop_partial_character();
    std::memcpy(data_ + size_, mark.data(), mark.size());
    size_ += mark.size();
  }

  [[nodiscard]] bool cut() const noexcept { return cut_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] char operator[](std::size_t i) const noexcept { return data_[i]; }
  [[nodiscard]] std::string_view view() const noexcept { return {data_, size_}; }

 private:
  /// A last character of which bytes are missing goes; ill-formed bytes are nobody's part.
  void drop_partial_character() noexcept {
    for (std::size_t back = 1; back <= 3 && back <= size_; ++back) {
      const auto byte = static_cast<unsigned char>(data_[size_ - back]);
      if (byte < 0x80U) return;
      if (byte >= 0xC0U) {
        const std::size_t length = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : 2;
        if (length > back) size_ -= back;
        return;
      }
    }
  }

  char* data_;
  std::size_t size_ = 0;
  std::size_t capacity_;
  bool cut_ = false;
};

}  // namespace sql
XRAY_NAMESPACE_END
