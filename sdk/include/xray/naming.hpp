// Segment names that follow the host a request asked for.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_NAMING_HPP
#define XRAY_NAMING_HPP

#include <string>
#include <string_view>
#include <utility>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

/// Names segments by the request's `Host` where that matches a pattern: one service that answers
/// for several sites is then a node for each on the service map. The pattern keeps the names few,
/// for a client may write any host it likes: let it say no more than is yours.
///
///     const xray::DynamicNaming naming("shop", "*.shop.example");
///     xray::Segment segment(naming.name(request["Host"]), header);
///
/// AWS_XRAY_TRACING_NAME replaces these names too. Thread-safe as a const std::string is.
class DynamicNaming {
 public:
  /// `fallback` is the name for hosts that don't match. In `pattern` a `*` stands for any
  /// characters or none, `?` for one; upper and lower case are the same.
  DynamicNaming(std::string fallback, std::string pattern)
      : fallback_(std::move(fallback)), pattern_(std::move(pattern)) {}

  /// The host, as it was written but without its port, the brackets of an IPv6 address and a dot
  /// at its end, if that is a host name or an address of at most 200 characters and matches; else
  /// the fallback. The result points into `host` or into this object.
  [[nodiscard]] XRAY_DECL std::string_view name(std::string_view host) const noexcept;

 private:
  std::string fallback_;
  std::string pattern_;
};

XRAY_NAMESPACE_END

#endif  // XRAY_NAMING_HPP
