#include "aws/shared_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "ascii.hpp"

namespace xrayd::aws {
namespace {

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}

std::string_view trimmed_end(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return trimmed_end(text);
}

/// Names in messages: a line that went wrong may have a secret where its name should be, so what
/// looks like no name is not shown.
std::string shown_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  const bool harmless =
      !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c == '-' || c == '.' || c == '@' || c == ' ';
      });
  return harmless ? "'" + std::string(name) + "'" : "of an unusual name";
}

[[noreturn]] void fail_at(const std::string& file, std::size_t line, std::string_view what) {
  throw SharedConfigError(file + ":" + std::to_string(line) + ": " + std::string(what));
}

/// The next line and what ends it: \n, \r\n or \r.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  if (end == text.npos) {
    text = {};
    return line;
  }
  text.remove_prefix(text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  return line;
}

/// Without what follows a blank and a # or ;.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    if ((value[i] == '#' || value[i] == ';') && (i == 0 || is_blank(value[i - 1]))) {
      return trimmed_end(value.substr(0, i));
    }
  }
  return value;
}

/// A value while its lines come in.
struct OpenValue {
  Setting* setting = nullptr;
  std::string key;
  std::vector<std::string_view> lines;
};

class SectionParser {
 public:
  SectionParser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Sections run() {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    while (!text_.empty()) {
      const std::string_view line = take_line(text_);
      ++line_number_;
      take(line);
    }
    close_value();
    return std::move(sections_);
  }

 private:
  void take(std::string_view line) {
    const std::string_view content = trimmed(line);
    if (content.empty()) {
      if (open_.setting != nullptr) open_.lines.emplace_back();
      return;
    }
    if (content.front() == '#' || content.front() == ';') return;
    const auto indent = static_cast<std::size_t>(content.data() - line.data());
    if (open_.setting != nullptr && indent > indent_) {
      open_.lines.push_back(content);
      return;
    }
    close_value();
    indent_ = indent;
    if (const std::size_t bracket = content.rfind(']');
        content.front() == '[' && bracket != content.npos && bracket > 1) {
      section_ = &sections_[std::string(content.substr(1, bracket - 1))];
    } else if (section_ == nullptr) {
      fail("there is no [section] above this line");
    } else {
      open_value(content);
    }
  }

  void open_value(std::string_view content) {
    const std::size_t delimiter = content.find_first_of("=:");
    if (delimiter == content.npos) {
      fail("this line is no [section], no key = value, and not indented to go on with a value");
    }
    open_.key = lower(trimmed_end(content.substr(0, delimiter)));
    if (open_.key.empty()) fail("there is no key before the equals sign");
    open_.setting = &(*section_)[open_.key];
    *open_.setting = {};
    open_.setting->file = file_;
    open_.setting->line = line_number_;
    open_.lines.push_back(trimmed(content.substr(delimiter + 1)));
  }

  void close_value() {
    if (open_.setting == nullptr) return;
    auto& lines = open_.lines;
    // A shell knows its own comments.
    if (open_.key != "credential_process") {
      for (std::string_view& line : lines) line = without_comment(line);
    }
    while (lines.size() > 1 && lines.back().empty()) lines.pop_back();
    if (lines.size() > 1 && lines.front().empty()) {
      read_nested();
    } else {
      std::size_t size = lines.size();
      for (const std::string_view line : lines) size += line.size();
      std::string value;
      value.reserve(size);  // no smaller buffer is given back with a secret in it
      value = lines.front();
      for (std::size_t i = 1; i < lines.size(); ++i) {
        value += '\n';
        value += lines[i];
      }
      open_.setting->value = Secret(std::move(value));
    }
    open_.setting = nullptr;
    lines.clear();
  }

  void read_nested() {
    for (std::size_t i = 1; i < open_.lines.size(); ++i) {
      const std::string_view line = open_.lines[i];
      if (line.empty()) continue;
      const std::size_t equals = line.find('=');
      if (equals == line.npos) {
        fail_at(file_, open_.setting->line,
                shown_name(open_.key) + " has a line below it that is no key = value");
      }
      open_.setting->nested.emplace_back(trimmed_end(line.substr(0, equals)),
                                         Secret(trimmed(line.substr(equals + 1))));
    }
  }

  [[noreturn]] void fail(std::string_view what) const { fail_at(file_, line_number_, what); }

  std::string_view text_;
  const std::string& file_;
  std::size_t line_number_ = 0;
  Sections sections_;
  Settings* section_ = nullptr;
  OpenValue open_;
  /// Of the line that began the value or the section.
  std::size_t indent_ = 0;
};

/// The words of a section's name, split as a shell does; nothing if a quote stays open.
std::optional<std::vector<std::string>> shell_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escapes = c == '\\' && quote != '\'';
    if (escapes) {
      if (i + 1 == text.size()) return std::nullopt;
      const char next = text[++i];
      if (quote == '"' && next != '"' && next != '\\') word += '\\';
      word += next;
      in_word = true;
    } else if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) return std::nullopt;
  if (in_word) words.push_back(std::move(word));
  return words;
}

/// The profile's name if the section of a config file is one: `default` or `profile NAME`.
std::optional<std::string> profile_of_section(const std::string& section) {
  if (section == "default") return section;
  if (!section.starts_with("profile")) return std::nullopt;
  auto words = shell_words(section);
  if (!words || words->size() != 2 || words->front() != "profile") return std::nullopt;
  return std::move(words->back());
}

std::string profile_title(std::string_view name) {
  return "profile " + shown_name(name);
}

/// One profile's settings on their way into a Profile.
class SettingsReader {
 public:
  explicit SettingsReader(const Settings& settings) : settings_(settings) {}

  /// The value, or nothing if there is none. A value becomes part of a request's headers or of a
  /// file's name, so it has one line.
  [[nodiscard]] std::string_view text(std::string_view key) const {
    const auto found = settings_.find(key);
    if (found == settings_.end()) return {};
    const std::string_view value = found->second.value.reveal();
    const bool printable = std::none_of(value.begin(), value.end(), [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
    if (!printable || !found->second.nested.empty()) {
      fail(key, "takes a value of one line without control characters");
    }
    return value;
  }

  [[noreturn]] void fail(std::string_view key, const std::string& what) const {
    const Setting& setting = settings_.find(key)->second;
    fail_at(setting.file, setting.line, std::string(key) + " " + what);
  }

 private:
  const Settings& settings_;
};

std::optional<std::chrono::seconds> duration_of(const SettingsReader& settings) {
  constexpr std::int64_t shortest = 900;
  constexpr std::int64_t longest = 43200;
  const std::string_view text = settings.text("duration_seconds");
  if (text.empty()) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || number < shortest ||
      number > longest) {
    settings.fail("duration_seconds", "takes a number of seconds, 900 to 43200");
  }
  return std::chrono::seconds(number);
}

std::optional<StsEndpoints> sts_endpoints_of(const SettingsReader& settings) {
  const std::string text = lower(settings.text("sts_regional_endpoints"));
  if (text.empty()) return std::nullopt;
  if (text == "regional") return StsEndpoints::regional;
  if (text == "legacy") return StsEndpoints::legacy;
  settings.fail("sts_regional_endpoints", "takes regional or legacy");
}

std::string credential_source_of(const SettingsReader& settings) {
  const std::string_view text = settings.text("credential_source");
  constexpr std::array<std::string_view, 3> known = {"Environment", "Ec2InstanceMetadata",
                                                     "EcsContainer"};
  for (const std::string_view name : known) {
    if (lower(text) == lower(name)) return std::string(name);
  }
  if (!text.empty()) {
    settings.fail("credential_source", "takes Environment, Ec2InstanceMetadata or EcsContainer");
  }
  return {};
}

}  // namespace

Sections parse_sections(std::string_view text, const std::string& file) {
  return SectionParser(text, file).run();
}

SharedConfig::SharedConfig(const std::optional<File>& config,
                           const std::optional<File>& credentials) {
  if (config) {
    Sections sections = parse_sections(config->text, config->name);
    for (auto& [section, settings] : sections) {
      const auto name = profile_of_section(section);
      if (!name) continue;
      // `[profile default]` and `[default]` are one, and the long form counts.
      Settings& profile = profiles_[*name];
      for (auto& [key, setting] : settings) {
        if (section == "default") {
          profile.try_emplace(key, std::move(setting));
        } else {
          profile.insert_or_assign(key, std::move(setting));
        }
      }
    }
  }
  if (credentials) {
    Sections sections = parse_sections(credentials->text, credentials->name);
    for (auto& [section, settings] : sections) {
      Settings& profile = profiles_[section];
      for (auto& [key, setting] : settings) profile.insert_or_assign(key, std::move(setting));
    }
  }
}

bool SharedConfig::has_profile(std::string_view name) const {
  return profiles_.find(name) != profiles_.end();
}

std::vector<std::string> SharedConfig::profile_names() const {
  std::vector<std::string> names;
  names.reserve(profiles_.size());
  for (const auto& [name, settings] : profiles_) names.push_back(name);
  return names;
}

Profile SharedConfig::profile(std::string_view name) const {
  const auto found = profiles_.find(name);
  if (found == profiles_.end()) {
    throw SharedConfigError("the shared config and credentials files have no " +
                            profile_title(name));
  }
  const SettingsReader settings(found->second);
  Profile result;
  result.name = name;
  result.region = settings.text("region");
  result.access_key_id = settings.text("aws_access_key_id");
  result.secret_access_key = Secret(settings.text("aws_secret_access_key"));
  result.session_token = Secret(settings.text("aws_session_token"));
  // The older name, which boto wrote.
  if (result.session_token.empty()) {
    result.session_token = Secret(settings.text("aws_security_token"));
  }
  result.role_arn = settings.text("role_arn");
  result.source_profile = settings.text("source_profile");
  result.credential_source = credential_source_of(settings);
  result.external_id = settings.text("external_id");
  result.role_session_name = settings.text("role_session_name");
  result.duration = duration_of(settings);
  result.web_identity_token_file = settings.text("web_identity_token_file");
  result.credential_process = Secret(settings.text("credential_process"));
  result.sts_regional_endpoints = sts_endpoints_of(settings);
  result.uses_sso =
      !settings.text("sso_session").empty() || !settings.text("sso_start_url").empty();

  if (result.access_key_id.empty() && !result.secret_access_key.empty()) {
    settings.fail("aws_secret_access_key", "has no aws_access_key_id beside it");
  }
  if (!result.access_key_id.empty() && result.secret_access_key.empty()) {
    settings.fail("aws_access_key_id", "has no aws_secret_access_key beside it");
  }
  return result;
}

void SharedConfig::check_role(const Profile& profile) const {
  const SettingsReader settings(profiles_.find(profile.name)->second);
  if (!settings.text("mfa_serial").empty()) {
    settings.fail("mfa_serial", "asks for a code at each start, and nobody is there to type one");
  }
  if (!profile.web_identity_token_file.empty()) return;
  if (!profile.source_profile.empty() && !profile.credential_source.empty()) {
    settings.fail("source_profile", "and credential_source exclude each other");
  }
  if (profile.source_profile.empty() && profile.credential_source.empty()) {
    settings.fail("role_arn",
                  "needs source_profile, credential_source or web_identity_token_file beside it");
  }
  if (!profile.source_profile.empty() && !has_profile(profile.source_profile)) {
    settings.fail("source_profile",
                  "names " + profile_title(profile.source_profile) + ", which is in neither file");
  }
}

std::vector<Profile> SharedConfig::source_chain(std::string_view name) const {
  std::vector<Profile> chain;
  chain.push_back(profile(name));
  while (true) {
    Profile& last = chain.back();
    // A source's own keys come before its role.
    if (chain.size() > 1 && last.has_keys()) last.role_arn.clear();
    if (!last.role_arn.empty()) check_role(last);
    if (last.role_arn.empty() || !last.web_identity_token_file.empty() ||
        last.source_profile.empty()) {
      last.source_profile.clear();
      break;
    }
    const std::string next = last.source_profile;
    const bool has_been = std::any_of(chain.begin(), chain.end(),
                                      [&next](const Profile& seen) { return seen.name == next; });
    // A profile with keys may be its own source, and nobody else's twice.
    if (has_been && (next != last.name || !last.has_keys())) {
      const SettingsReader settings(profiles_.find(last.name)->second);
      settings.fail("source_profile",
                    "leads back to " + profile_title(next) + ", which then needs itself");
    }
    chain.push_back(profile(next));
  }
  const Profile& source = chain.back();
  if (chain.size() > 1 && !source.has_keys() && source.credential_process.empty() &&
      source.credential_source.empty() && source.web_identity_token_file.empty() &&
      !source.uses_sso) {
    throw SharedConfigError(profile_title(source.name) +
                            " is a source_profile, but has no credentials");
  }
  return chain;
}

}  // namespace xrayd::aws
