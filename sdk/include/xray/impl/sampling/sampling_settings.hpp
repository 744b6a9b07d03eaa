// Which sampler a configuration and the environment ask for.
#pragma once

#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <xray/configuration.hpp>
#include <xray/impl/environment.hpp>
#include <xray/samplers.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// JSON text itself, or the name of a file with it.
inline samplers::RulesResult rules_of(const std::string& text_or_file) {
  const std::size_t first = text_or_file.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (text_or_file[first] == '{' || text_or_file[first] == '[')) {
    return samplers::rules(text_or_file);
  }
  return samplers::rules_from_file(text_or_file);
}

/// What was made; the makers give nothing where there is no memory.
inline std::shared_ptr<Sampler> made(std::shared_ptr<Sampler> sampler) {
#if defined(__cpp_exceptions)
  if (sampler == nullptr) throw std::bad_alloc();
#endif
  return sampler;
}

/// The local rules that are wanted; where they can't be used, those that every SDK has, and why in
/// `complaint`.
inline std::shared_ptr<Sampler> local_rules(const std::string& text_or_file,
                                            std::string& complaint) {
  if (!text_or_file.empty()) {
    samplers::RulesResult result = rules_of(text_or_file);
    if (result.sampler != nullptr) return std::move(result.sampler);
    complaint = std::move(result.error);
  }
  return made(samplers::default_rules());
}

/// A number of the form 0.05, from 0 to 1.
inline std::optional<double> parse_rate(std::string_view text) noexcept {
  double rate = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(rate >= 0 && rate <= 1)) return std::nullopt;
  return rate;
}

/// A whole number that fits; nothing else.
inline std::optional<std::uint32_t> parse_count(std::string_view text) noexcept {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The sampler of that name (AWS_XRAY_SAMPLER), with `local` as its rules; null: there is none.
inline std::shared_ptr<Sampler> sampler_named(std::string_view name,
                                              const std::shared_ptr<Sampler>& local) {
  if (equal_ignoring_case(name, "CENTRAL")) {
    samplers::CentralOptions options;  // of the daemon that the settings name
    options.fallback = local;
    return made(samplers::central(std::move(options)));
  }
  if (equal_ignoring_case(name, "RULES")) return local;
  if (equal_ignoring_case(name, "ALWAYS")) return made(samplers::always());
  if (equal_ignoring_case(name, "NEVER")) return made(samplers::never());
  const std::optional<double> rate = parse_rate(name);
  return rate ? made(samplers::rate(*rate)) : nullptr;
}

}  // namespace detail
XRAY_NAMESPACE_END
