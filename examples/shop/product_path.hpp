#pragma once

#include <string>
#include <string_view>

namespace shop {

/// The product in a path such as `/stock/teapot`, for the prefix `/stock/`. Empty where the path
/// is another one, or the rest is not a product's id: lower-case letters, digits, hyphens, 1 to 40.
inline std::string product_in(std::string_view path, std::string_view prefix) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  constexpr std::size_t longest = 40;
  if (path.substr(0, prefix.size()) != prefix) return {};
  const std::string_view id = path.substr(prefix.size());
  if (id.size() > longest || id.find_first_not_of(allowed) != std::string_view::npos) return {};
  return std::string(id);
}

}  // namespace shop
