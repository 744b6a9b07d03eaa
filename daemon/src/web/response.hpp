// One HTTP response.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xrayd::web {

struct Response {
  int status = 200;
  /// Empty: the header is not sent, or is among those below.
  std::string content_type;
  std::string body;
  /// Further headers; none of those that the server writes itself (length, connection).
  std::vector<std::pair<std::string, std::string>> headers;
};

/// One line for a human; the newline is added.
[[nodiscard]] inline Response text_response(int status, std::string_view line) {
  return {status, "text/plain; charset=utf-8", std::string(line) + "\n", {}};
}

}  // namespace xrayd::web
