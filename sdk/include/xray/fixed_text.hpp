// A short text without an allocation: what ids and headers are written into.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

/// Text of at most `Capacity` bytes held in the object itself. Converts to `std::string_view`
/// (valid as long as the object) and to `std::string`.
template <std::size_t Capacity>
class FixedText {
 public:
  // Not defaulted: `FixedText()` would fill all of it with zeros first.
  FixedText() noexcept {}  // NOLINT(modernize-use-equals-default)
  FixedText(const FixedText& other) noexcept { append(other.view()); }
  FixedText& operator=(const FixedText& other) noexcept {
    if (this != &other) {
      size_ = 0;
      append(other.view());
    }
    return *this;
  }
  ~FixedText() = default;

  /// Appends what fits; true if that was all of `text`.
  bool append(std::string_view text) noexcept {
    const std::size_t room = Capacity - size_;
    const std::size_t count = text.size() < room ? text.size() : room;
    if (count != 0) std::memcpy(data_ + size_, text.data(), count);
    size_ += count;
    return count == text.size();
  }

  [[nodiscard]] const char* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::string_view view() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::string str() const { return std::string(view()); }

  operator std::string_view() const noexcept { return view(); }
  operator std::string() const { return str(); }

  friend std::string operator+(std::string left, const FixedText& right) {
    return left.append(right.data_, right.size_);
  }
  friend std::string operator+(const FixedText& left, std::string_view right) {
    return left.str().append(right);
  }
  friend bool operator==(const FixedText& left, const FixedText& right) noexcept {
    return left.view() == right.view();
  }
  friend bool operator==(const FixedText& left, std::string_view right) noexcept {
    return left.view() == right;
  }
  friend bool operator==(std::string_view left, const FixedText& right) noexcept {
    return left == right.view();
  }
  friend bool operator!=(const FixedText& left, const FixedText& right) noexcept {
    return !(left == right);
  }
  friend bool operator!=(const FixedText& left, std::string_view right) noexcept {
    return !(left == right);
  }
  friend bool operator!=(std::string_view left, const FixedText& right) noexcept {
    return !(left == right);
  }

 private:
  std::size_t size_ = 0;
  char data_[Capacity];
};

XRAY_NAMESPACE_END
