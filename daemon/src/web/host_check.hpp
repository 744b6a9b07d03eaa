// Who may call: guards against pages that a browser shows from elsewhere, and against strangers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/request.hpp"
#include "web/response.hpp"

namespace xrayd::web {

struct HostPolicy {
  /// The listener is reachable from this machine only.
  bool loopback = true;
  /// Further names for Host and Origin, without a port; IPv6 in brackets, in its shortest form.
  std::vector<std::string> allowed_hosts;
  /// What callers of guarded paths have to show; if empty, nobody is let in beyond loopback.
  std::string token;
  /// Whatever comes is passed on to AWS: nothing here is guarded unless a token is set. Its clients
  /// know of none.
  bool passes_everything = false;
};

/// On loopback a Host other than a loopback name (or an allowed one) is refused, for it means that
/// a browser was led here by somebody's DNS. Everywhere an Origin other than the very host that the
/// request names (or an allowed one) is refused. Beyond loopback, and wherever a token is set,
/// everything but health, metrics and sampling needs the token: as `Authorization: Bearer`, as the
/// access key id of an AWS signature (which is not looked at otherwise), or in the cookie that
/// `GET /?token=...` sets.
class HostCheck {
 public:
  explicit HostCheck(HostPolicy policy);

  /// The refusal (403 or 401) or the redirection that sets the cookie; nothing if the request may
  /// pass.
  [[nodiscard]] std::optional<Response> check(const Request& request) const;

 private:
  [[nodiscard]] bool is_known_host(std::string_view authority) const;
  [[nodiscard]] bool is_known_origin(const Request& request) const;
  [[nodiscard]] std::optional<Response> check_token(const Request& request) const;
  [[nodiscard]] bool is_authorized(const Request& request) const;

  HostPolicy policy_;
};

}  // namespace xrayd::web
