// Reads the text of cfg.yaml into settings, whatever they are called.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace xrayd::config {

/// One key and what stands at it.
struct FileSetting {
  enum class Kind {
    /// One text.
    value,
    /// A list of texts.
    list,
    /// A list with other things than texts in it, or a section without keys.
    other,
    /// Nothing: `Region:`, `Region: ~`.
    nothing,
  };
  /// Sections and name joined by dots.
  std::string key;
  Kind kind = Kind::nothing;
  std::vector<std::string> values;
  /// From 1.
  int line = 0;
  /// A dot stands in the key itself: `"Socket.UDPAddress": x` is not what it looks like.
  bool dotted = false;
};

/// A text that is no YAML of keys and sections; what() is one line and names the place.
class YamlError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the first document of `text` sets, in its order, the same key twice if it is there twice.
/// Never more work than the text is long: aliases stand for single texts only, and sections nest 16
/// deep at most. Throws YamlError.
[[nodiscard]] std::vector<FileSetting> read_settings(const std::string& text);

}  // namespace xrayd::config
