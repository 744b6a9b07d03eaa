// A request and its answer as the hook of an HTTP client sees them. All of it is borrowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "text.hpp"

namespace xray::instrumentation {

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

/// Headers in their order; borrowed, as many as `count`.
struct HeaderList {
  const HeaderView* first = nullptr;
  std::size_t count = 0;

  [[nodiscard]] const HeaderView* begin() const noexcept { return first; }
  [[nodiscard]] const HeaderView* end() const noexcept { return first + count; }

  /// The first header's value, without the blanks around it; empty if there is none. `name` in any
  /// case.
  [[nodiscard]] std::string_view find(std::string_view name) const noexcept {
    for (const HeaderView& header : *this) {
      if (equal_ignoring_case(header.name, name)) return trimmed(header.value);
    }
    return {};
  }
};

struct RequestView {
  std::string_view method;
  /// Whole, without its scheme, or from the path on (the host is then that of the header Host).
  std::string_view url;
  HeaderList headers;
  /// The first bytes of it; a few KB are enough. Empty: not known.
  std::string_view body;
  /// `body` is all of it.
  bool body_complete = true;
  /// What libcurl is told by CURLOPT_AWS_SIGV4 (`aws:amz:eu-west-1:s3`): it signs after the hook.
  std::string_view curl_signing;
};

struct ResponseView {
  /// 0: there was none.
  int status = 0;
  HeaderList headers;
  /// As in RequestView.
  std::string_view body;
  bool body_complete = true;
  /// Bytes; negative: not known, and then read from the header.
  std::int64_t content_length = -1;
};

}  // namespace xray::instrumentation
