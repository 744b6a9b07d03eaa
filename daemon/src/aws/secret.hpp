// Text that must not be left lying about: keys and tokens.
#pragma once

#include <string>
#include <string_view>

namespace xrayd::aws {

/// Owns its text and overwrites it when it goes or is replaced. It has no stream operator and no
/// conversion: who wants the text says reveal(), and says so where it can be seen.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : text_(text) {}
  explicit Secret(const char* text) : text_(text) {}
  /// Takes `text` over; what stays behind is overwritten, too.
  explicit Secret(std::string&& text);
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// Valid until the secret changes.
  [[nodiscard]] std::string_view reveal() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  void wipe() noexcept;

  std::string text_;
};

/// What a request is signed with.
struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  /// Empty for keys that last.
  Secret session_token;

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

}  // namespace xrayd::aws
