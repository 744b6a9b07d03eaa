#include "local/api/insight_request.hpp"

#include <string_view>

#include "ascii.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::string_view id_pattern =
    "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}";

bool is_hex(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

// A UUID with its version and variant.
bool is_insight_id(std::string_view text) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-Vxxx-Nxxx-xxxxxxxxxxxx";
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = text[i];
    switch (form[i]) {
      case 'x':
        if (!is_hex(c)) return false;
        break;
      case 'V':
        if (c < '1' || c > '5') return false;
        break;
      case 'N':
        if (std::string_view("89abAB").find(c) == std::string_view::npos) return false;
        break;
      default:
        if (c != form[i]) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<std::string> read_insight_id(Members& members) {
  return members.text("InsightId", Need::required, {}, {id_pattern, is_insight_id});
}

void check_times(double start, double end) {
  if (end < start) throw invalid_request("End time cannot be earlier than start time");
}

ApiError insight_not_found() {
  return invalid_request("Insight not found");
}

}  // namespace xrayd::local::api
