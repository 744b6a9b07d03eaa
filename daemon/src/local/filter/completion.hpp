// What may stand where the cursor is: for the console's filter bar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xrayd::local {

struct FilterOffer {
  enum class Kind : std::uint8_t {
    /// `http.url`, `service(`: something that a filter begins with.
    keyword,
    /// `=`, `CONTAINS`.
    op,
    /// `AND`, `OR`, `)`, `{`: what goes on, or ends.
    connective,
    /// A value of `of`; without a text where only the store knows some, or it is a number.
    value,
    /// The name of a service, in quotation marks; from the store.
    service_name,
    /// The type of a service, in quotation marks; from the store.
    service_type,
    /// An account's number, in quotation marks; from the store.
    account,
    /// The key of an annotation; from the store.
    annotation_key,
    /// The name or ARN (as `of` says) of a group, in quotation marks; from the store.
    group,
  };
  Kind kind = Kind::keyword;
  /// What to put there; empty where the store must be asked.
  std::string text;
  /// Of values: the keyword, `annotation["key"]` for annotations. Of operators: the keyword.
  std::string of;

  friend bool operator==(const FilterOffer&, const FilterOffer&) = default;
};

struct FilterCompletion {
  /// What an offer takes the place of, in characters; the same where nothing is there yet.
  std::size_t begin = 0;
  std::size_t end = 0;
  /// What stands there before the cursor, without its opening quotation mark.
  std::string typed;
  /// Those with a text begin with `typed`, in any case; those of the store are for the caller to
  /// choose by it. Empty where the expression is wrong before the cursor.
  std::vector<FilterOffer> offers;
};

/// `cursor` counts characters before it; beyond the end means the end. Any thread; the text may be
/// anything, and is read up to Filter::max_bytes.
[[nodiscard]] FilterCompletion complete_filter(std::string_view text, std::size_t cursor);

}  // namespace xrayd::local
