// A stream read piece by piece, with a look ahead and a count of lines.
#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>

namespace xrayd::commands {

class ByteSource {
 public:
  explicit ByteSource(std::istream& input) : input_(input) {}

  [[nodiscard]] bool at_end() { return used_ == buffer_.size() && !fill(1); }
  /// 0 at the end.
  [[nodiscard]] char peek() { return at_end() ? '\0' : buffer_[used_]; }
  char take() {
    if (at_end()) return '\0';
    const char c = buffer_[used_++];
    if (c == '\n') ++line_;
    return c;
  }
  /// What comes next; `size` bytes of it, less only at the end.
  [[nodiscard]] std::string_view ahead(std::size_t size) {
    if (buffer_.size() - used_ < size) fill(size);
    return std::string_view(buffer_).substr(used_, size);
  }
  /// Of the next byte, from 1.
  [[nodiscard]] std::size_t line() const noexcept { return line_; }

 private:
  /// True if `size` bytes are there.
  bool fill(std::size_t size) {
    constexpr std::size_t piece = std::size_t{64} << 10U;
    buffer_.erase(0, used_);
    used_ = 0;
    while (buffer_.size() < size && input_) {
      const std::size_t before = buffer_.size();
      buffer_.resize(before + piece);
      input_.read(buffer_.data() + before, static_cast<std::streamsize>(piece));
      buffer_.resize(before + static_cast<std::size_t>(input_.gcount()));
    }
    return buffer_.size() >= size;
  }

  std::istream& input_;
  std::string buffer_;
  std::size_t used_ = 0;
  std::size_t line_ = 1;
};

}  // namespace xrayd::commands
