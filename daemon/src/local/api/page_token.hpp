// NextToken: where a list stopped, and of which query.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "local/store/trace_reader.hpp"

namespace xrayd::local::api {

/// What a query asks for, as one number: a token with the mark of another query is refused. It
/// tells queries apart that differ by accident; nobody gains anything by making two alike.
class QueryMark {
 public:
  /// Operations' queries are never each other's.
  explicit QueryMark(std::string_view operation) { add(operation); }

  QueryMark& add(std::string_view text) noexcept;
  QueryMark& add(std::uint64_t number) noexcept;
  QueryMark& add(double number) noexcept { return add(std::bit_cast<std::uint64_t>(number)); }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

 private:
  void mix(unsigned char byte) noexcept;

  std::uint64_t value_ = 0xCBF29CE484222325U;
};

/// Opaque to callers.
[[nodiscard]] std::string page_token(const QueryMark& mark, std::span<const std::uint64_t> place);
[[nodiscard]] std::string page_token(const QueryMark& mark, const ListPosition& position);

/// Fills `place`. False if the token isn't ours, another query's, or has not as many numbers.
[[nodiscard]] bool place_of(std::string_view token, const QueryMark& mark,
                            std::span<std::uint64_t> place);
[[nodiscard]] std::optional<ListPosition> position_of(std::string_view token,
                                                      const QueryMark& mark);

/// For operations with one page, whose tokens X-Ray refuses in these words. Throws ApiError.
void refuse_token(const std::optional<std::string>& token);

}  // namespace xrayd::local::api
