// The HttpClient that Network hands out.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "net/http_client.hpp"
#include "net/proxy_rules.hpp"
#include "net/proxy_url.hpp"
#include "net/resolver.hpp"
#include "net/tls_context.hpp"

namespace xrayd::net {

/// What the clients of one Network have in common. Thread-safe.
struct Shared {
  /// Throws StartupError as Network does.
  explicit Shared(const NetworkSettings& settings, Resolver::LookUp look_up = &system_look_up);

  std::optional<ProxyUrl> proxy;
  ProxyRules rules;
  TlsContext tls;
  Resolver resolver;
};

[[nodiscard]] std::unique_ptr<HttpClient> make_client(std::shared_ptr<const Shared> shared,
                                                      const ClientSettings& settings);

}  // namespace xrayd::net
