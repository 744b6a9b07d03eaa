// Samplers that are ready: always, never, a rate, rules from a file, rules from X-Ray.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_SAMPLERS_HPP
#define XRAY_SAMPLERS_HPP

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <xray/sampler.hpp>

XRAY_NAMESPACE_BEGIN

/// All of them are thread-safe, and decide without an allocation or a lock. Where there is no
/// memory to make one it is null.
namespace samplers {

/// Every trace.
XRAY_DECL std::shared_ptr<Sampler> always();

/// No trace.
XRAY_DECL std::shared_ptr<Sampler> never();

/// Each trace with a probability of 0 to 1; what is beyond counts as the nearer end, NaN as 0.
XRAY_DECL std::shared_ptr<Sampler> rate(double probability);

/// What rules() made of its text.
struct RulesResult {
  /// Null if the rules can't be used.
  std::shared_ptr<Sampler> sampler;
  /// Then a sentence that names the rule, the key and the value at fault.
  std::string error;
};

/// Local rules, as X-Ray's SDKs read them from a file (versions 1 and 2): the first rule in the
/// order of the text that matches decides, else its default. A rule takes the first `fixed_target`
/// requests of each second, and of the others the share `rate`. At most 1 MiB.
///
///     {"version": 2,
///      "rules": [{"description": "health checks", "host": "*", "http_method": "GET",
///                 "url_path": "/ping", "fixed_target": 0, "rate": 0}],
///      "default": {"fixed_target": 1, "rate": 0.05}}
XRAY_DECL RulesResult rules(std::string_view json);

/// The same from a file, read once.
XRAY_DECL RulesResult rules_from_file(const std::string& path);

/// What every X-Ray SDK does without being told otherwise: one trace a second, and 5 % of the rest.
XRAY_DECL std::shared_ptr<Sampler> default_rules();

/// How the central sampler is set up; all of it is optional.
struct CentralOptions {
  /// `host:port` of the daemon's TCP port, IPv6 in brackets. Empty: Configuration::daemon_address.
  std::string daemon_address;
  /// Decides until the first rules are there, and when they are older than an hour. Null:
  /// default_rules().
  std::shared_ptr<Sampler> fallback;
  /// How often rules are fetched, and statistics reported for targets. Each wait is shortened at
  /// random by up to a tenth, so that processes don't ask together. At least 100 ms; at most a day,
  /// and five minutes.
  std::chrono::milliseconds rules_interval = std::chrono::seconds(300);
  std::chrono::milliseconds targets_interval = std::chrono::seconds(10);
};

/// Rules and quotas from X-Ray, through the daemon: the default. Asks nothing before its first
/// decision; then a thread of its own asks, with two seconds at most for each answer, and no
/// decision waits for it. A forked child asks anew.
XRAY_DECL std::shared_ptr<Sampler> central(CentralOptions options = CentralOptions());

}  // namespace samplers

XRAY_NAMESPACE_END

#endif  // XRAY_SAMPLERS_HPP
