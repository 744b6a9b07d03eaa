// A string argument inside a struct, read during the call it is passed to.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

/// A view of somebody else's characters for members such as HttpRequest::url. The SDK copies them
/// before the call that takes the struct returns; until then they must live. Assigning a temporary
/// `std::string` would leave a dangling view and so does not compile: name the string first.
class BorrowedText {
 public:
  constexpr BorrowedText() noexcept = default;
  template <typename Text,
            typename = std::enable_if_t<std::is_convertible_v<const Text&, std::string_view> &&
                                        !std::is_same_v<std::decay_t<Text>, BorrowedText>>>
  constexpr BorrowedText(const Text& text) noexcept : view_(text) {}
  BorrowedText(std::string&& temporary) = delete;

  [[nodiscard]] constexpr std::string_view view() const noexcept { return view_; }
  constexpr operator std::string_view() const noexcept { return view_; }

 private:
  std::string_view view_;
};

XRAY_NAMESPACE_END
