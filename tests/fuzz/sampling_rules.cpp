// Any text as sampling rules: refused with a reason, or it decides. And rules made of it, so that
// their patterns and the requests that they meet are anything.
#include <xray/impl/sampling/local_rules.hpp>
#include <xray/impl/sampling/local_sampler.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using xray::detail::LocalRules;
using xray::detail::LocalSampler;
using xray::detail::matches_wildcard;

/// The text up to a newline, which is removed.
std::string_view line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view result = text.substr(0, end);
  text = end == text.npos ? std::string_view() : text.substr(end + 1);
  return result;
}

void decide(const LocalRules& rules, const xray::SamplingRequest& request) {
  LocalSampler sampler(rules);
  bool sampled = false;
  for (std::int64_t second = 0; second < 3; ++second) {
    sampled = sampler.decide_at(request, second, ~std::uint64_t{0}).sampled;
  }
  if (rules.rules.empty() && rules.otherwise.rate == 0 && rules.otherwise.fixed_target == 0 &&
      sampled) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);

  const auto parsed = xray::detail::parse_local_rules(text);
  if (parsed.error.find('\n') != parsed.error.npos) std::abort();
  if (parsed.error.empty()) {
    for (const auto& rule : parsed.rules.rules) {
      if (!(rule.rate >= 0 && rule.rate <= 1)) std::abort();
    }
    if (!(parsed.rules.otherwise.rate >= 0 && parsed.rules.otherwise.rate <= 1)) std::abort();
    if (text.find('{') == text.npos) std::abort();  // only an object can have passed
  } else if (!parsed.rules.rules.empty() || parsed.rules.otherwise.rate != 0.05) {
    std::abort();
  }

  LocalRules made;
  made.rules.resize(1);
  made.rules[0].patterns.host = line(text);
  made.rules[0].patterns.path = line(text);
  made.rules[0].fixed_target = 0;
  made.rules[0].rate = 1;
  made.otherwise = {0, 0};
  xray::SamplingRequest request;
  request.host = line(text);
  request.path = line(text);
  request.method = text;
  decide(parsed.rules, request);

  const std::string_view path = request.path.view().substr(0, request.path.view().find('?'));
  const bool matches = (request.host.view().empty() ||
                        matches_wildcard(made.rules[0].patterns.host, request.host.view())) &&
                       (path.empty() || matches_wildcard(made.rules[0].patterns.path, path));
  if (LocalSampler(made).decide_at(request, 0, 1).sampled != matches) std::abort();
  return 0;
}
