#include "credentials/xml_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "ascii.hpp"

namespace xrayd::credentials {
namespace {

constexpr std::size_t deepest = 16;
constexpr std::size_t most_fields = 256;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_name_character(char c) {
  return is_alphanumeric(c) || c == '_' || c == '-' || c == '.' || c == ':';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// What stands for `&name;`, the name being given.
std::optional<char> character_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 5> named = {
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [known, character] : named) {
    if (name == known) return character;
  }
  if (!name.starts_with('#')) return std::nullopt;
  name.remove_prefix(1);
  const bool hexadecimal = name.starts_with('x');
  if (hexadecimal) name.remove_prefix(1);
  unsigned number = 0;
  const auto [end, problem] =
      std::from_chars(name.data(), name.data() + name.size(), number, hexadecimal ? 16 : 10);
  if (problem != std::errc{} || end != name.data() + name.size() || number == 0 || number > 0x7E) {
    return std::nullopt;
  }
  return static_cast<char>(number);
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());  // no smaller buffer is given back with a secret in it
  while (!text.empty()) {
    const std::size_t ampersand = text.find('&');
    result += text.substr(0, ampersand);
    if (ampersand == text.npos) break;
    text.remove_prefix(ampersand + 1);
    const std::size_t semicolon = text.find(';');
    if (semicolon == text.npos) return std::nullopt;
    const auto character = character_of(text.substr(0, semicolon));
    if (!character) return std::nullopt;
    result += *character;
    text.remove_prefix(semicolon + 1);
  }
  return result;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::vector<XmlField> run() {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
    bool fits = true;
    while (fits && !rest_.empty()) fits = rest_.front() == '<' ? take_markup() : take_text();
    if (!fits || !open_.empty() || !had_root_) fields_.clear();
    return std::move(fields_);
  }

 private:
  struct Open {
    std::string_view name;
    bool has_elements = false;
  };

  bool take_text() {
    const std::size_t end = std::min(rest_.find('<'), rest_.size());
    const std::string_view text = trimmed(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (text.empty()) return true;
    // A text in two pieces, or beside elements, is none that we know how to read.
    if (open_.empty() || !text_.empty() || open_.back().has_elements) return false;
    text_ = text;
    return true;
  }

  bool take_markup() {
    if (rest_.starts_with("<!--")) return skip_past("-->");
    if (rest_.starts_with("<?")) return skip_past("?>");
    if (rest_.starts_with("<!")) return false;
    rest_.remove_prefix(1);
    const bool closes = rest_.starts_with('/');
    if (closes) rest_.remove_prefix(1);
    const std::string_view name = take_name();
    if (name.empty()) return false;
    return closes ? take_end(name) : take_begin(name);
  }

  bool take_begin(std::string_view name) {
    if (!skip_attributes()) return false;
    const bool is_empty = rest_.starts_with('/');
    if (is_empty) rest_.remove_prefix(1);
    if (!rest_.starts_with('>')) return false;
    rest_.remove_prefix(1);
    if (open_.size() == deepest || !text_.empty() || (open_.empty() && had_root_)) return false;
    had_root_ = true;
    if (!open_.empty()) open_.back().has_elements = true;
    open_.push_back({name});
    return !is_empty || close();
  }

  bool take_end(std::string_view name) {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    if (!rest_.starts_with('>') || open_.empty() || open_.back().name != name) return false;
    rest_.remove_prefix(1);
    return close();
  }

  bool close() {
    if (!open_.back().has_elements) {
      auto text = unescaped(text_);
      if (!text || fields_.size() == most_fields) return false;
      fields_.push_back({path(), std::move(*text)});
    }
    text_ = {};
    open_.pop_back();
    return true;
  }

  [[nodiscard]] std::string path() const {
    std::string result;
    for (const Open& element : open_) {
      if (!result.empty()) result += '/';
      result += element.name;
    }
    return result;
  }

  std::string_view take_name() {
    std::size_t length = 0;
    while (length < rest_.size() && is_name_character(rest_[length])) ++length;
    const std::string_view name = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return name;
  }

  /// Up to the `>` or `/>`.
  bool skip_attributes() {
    char quote = 0;
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>' || rest_.starts_with("/>")) {
        return true;
      } else if (c == '<') {
        return false;
      }
      rest_.remove_prefix(1);
    }
    return false;
  }

  bool skip_past(std::string_view end) {
    const std::size_t at = rest_.find(end);
    if (at == rest_.npos) return false;
    rest_.remove_prefix(at + end.size());
    return true;
  }

  std::string_view rest_;
  std::vector<Open> open_;
  /// Of the innermost element.
  std::string_view text_;
  bool had_root_ = false;
  std::vector<XmlField> fields_;
};

}  // namespace

std::vector<XmlField> read_xml_fields(std::string_view document) {
  return Scanner(document).run();
}

std::string_view field_of(const std::vector<XmlField>& fields, std::string_view path_end) {
  const auto found = std::find_if(fields.begin(), fields.end(), [path_end](const XmlField& field) {
    if (!field.path.ends_with(path_end)) return false;
    const std::size_t before = field.path.size() - path_end.size();
    return before == 0 || field.path[before - 1] == '/';
  });
  return found == fields.end() ? std::string_view() : std::string_view(found->text);
}

}  // namespace xrayd::credentials
