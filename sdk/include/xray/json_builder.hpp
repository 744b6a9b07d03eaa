// Objects and arrays as metadata values, without a JSON library.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_JSON_BUILDER_HPP
#define XRAY_JSON_BUILDER_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <xray/json.hpp>

XRAY_NAMESPACE_BEGIN

class JsonObject;
class JsonArray;

namespace detail {

/// The text of one object or array, closed at any time.
class JsonText {
 public:
  JsonText(JsonText&& other) noexcept;
  JsonText& operator=(JsonText&& other) noexcept;
  /// A copy that finds no memory is empty and incomplete.
  XRAY_DECL JsonText(const JsonText& other) noexcept;
  XRAY_DECL JsonText& operator=(const JsonText& other) noexcept;

  /// The JSON text; valid until the builder changes or ends.
  [[nodiscard]] std::string_view text() const noexcept {
    return text_.empty() ? std::string_view(empty_, 2) : std::string_view(text_);
  }
  /// For Entity::add_metadata.
  operator Json() const noexcept { return Json(text()); }

  /// False once something was left out: too large, nested too deep, or no memory. The text says so,
  /// too: by a last member `"xray_incomplete":true`, in an array by a last element "...".
  [[nodiscard]] bool complete() const noexcept { return complete_; }

 protected:
  /// `empty`: "{}" or "[]".
  explicit JsonText(const char* empty) noexcept : empty_(empty) {}
  ~JsonText() = default;

  void add_value(const std::string_view* key, std::nullptr_t) noexcept { add_plain(key, "null"); }
  void add_value(const std::string_view* key, const char* value) noexcept {
    if (value == nullptr) {
      add_plain(key, "null");
    } else {
      add_string(key, value);
    }
  }
  void add_value(const std::string_view* key, std::string_view value) noexcept {
    add_string(key, value);
  }
  void add_value(const std::string_view* key, const std::string& value) noexcept {
    add_string(key, value);
  }
  void add_value(const std::string_view* key, const JsonText& value) noexcept {
    add_text(key, value.text(), value.depth_);
  }
  void add_value(const std::string_view* key, Json value) noexcept { add_json(key, value.text); }
  template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
  void add_value(const std::string_view* key, Number value) noexcept {
    if constexpr (std::is_same_v<Number, bool>) {
      add_plain(key, value ? "true" : "false");
    } else if constexpr (std::is_floating_point_v<Number>) {
      add_double(key, static_cast<double>(value));
    } else if constexpr (std::is_signed_v<Number>) {
      add_integer(key, static_cast<std::int64_t>(value));
    } else {
      add_unsigned(key, static_cast<std::uint64_t>(value));
    }
  }

 private:
  XRAY_DECL void add_plain(const std::string_view* key, std::string_view text) noexcept;
  XRAY_DECL void add_string(const std::string_view* key, std::string_view value) noexcept;
  XRAY_DECL void add_json(const std::string_view* key, std::string_view text) noexcept;
  XRAY_DECL void add_text(const std::string_view* key, std::string_view text,
                          unsigned depth) noexcept;
  XRAY_DECL void add_double(const std::string_view* key, double value) noexcept;
  XRAY_DECL void add_integer(const std::string_view* key, std::int64_t value) noexcept;
  XRAY_DECL void add_unsigned(const std::string_view* key, std::uint64_t value) noexcept;

  template <typename Write>
  void append(const std::string_view* key, std::size_t most, Write&& write) noexcept;
  [[nodiscard]] bool is_own(std::string_view text) const noexcept;
  template <typename Add>
  void with_copy_of(std::string_view text, Add&& add) noexcept;
  bool make_room(std::size_t size) noexcept;
  void leave_out(bool no_memory) noexcept;

  const char* empty_;
  std::string text_;    ///< empty: nothing was added yet
  unsigned depth_ = 1;  ///< of nesting, itself included
  bool complete_ = true;
};

inline JsonText::JsonText(JsonText&& other) noexcept
    : empty_(other.empty_),
      text_(std::move(other.text_)),
      depth_(std::exchange(other.depth_, 1U)),
      complete_(std::exchange(other.complete_, true)) {
  other.text_.clear();
}

inline JsonText& JsonText::operator=(JsonText&& other) noexcept {
  if (this != &other) {
    text_ = std::move(other.text_);
    other.text_.clear();
    depth_ = std::exchange(other.depth_, 1U);
    complete_ = std::exchange(other.complete_, true);
  }
  return *this;
}

}  // namespace detail

/// A JSON object, made member by member:
///
///     segment.add_metadata("order", xray::JsonObject().add("items", 3).add("gift", false));
///
/// Values are strings (what is not UTF-8 becomes U+FFFD), numbers (what JSON can't hold is written
/// as "NaN", "Infinity", "-Infinity" and counted in Statistics::metadata_invalid), bool, nullptr,
/// objects, arrays, and JSON texts (checked; what is none is written as a string and counted).
/// Everything is copied. Keys are not compared: of a key added twice readers take one. Holds up to
/// 1 MiB, nested up to 256 deep; what is beyond is left out and counted
/// (Statistics::metadata_truncated), see complete(). Never throws. Like std::string, one thread at
/// a time.
class JsonObject : public detail::JsonText {
 public:
  JsonObject() noexcept : JsonText("{}") {}

  template <typename Value>
  JsonObject& add(std::string_view key, const Value& value) & noexcept {
    add_value(&key, value);
    return *this;
  }
  template <typename Value>
  JsonObject add(std::string_view key, const Value& value) && noexcept {
    add_value(&key, value);
    return std::move(*this);
  }
};

/// A JSON array, made element by element, as JsonObject is.
class JsonArray : public detail::JsonText {
 public:
  JsonArray() noexcept : JsonText("[]") {}

  template <typename Value>
  JsonArray& add(const Value& value) & noexcept {
    add_value(nullptr, value);
    return *this;
  }
  template <typename Value>
  JsonArray add(const Value& value) && noexcept {
    add_value(nullptr, value);
    return std::move(*this);
  }
};

XRAY_NAMESPACE_END

#endif  // XRAY_JSON_BUILDER_HPP
