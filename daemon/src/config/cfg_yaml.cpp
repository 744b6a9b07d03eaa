#include "config/cfg_yaml.hpp"

#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "config/log.hpp"

namespace xrayd::config {
namespace {

constexpr std::size_t deepest = 16;
constexpr std::size_t longest_key = 256;
constexpr std::size_t longest_text = std::size_t{16} << 10U;
constexpr std::size_t most_texts = 1000;

[[noreturn]] void refuse_line(int line, const std::string& complaint) {
  throw YamlError("line " + std::to_string(line) + ": " + complaint);
}

[[noreturn]] void refuse(const YAML::Mark& mark, const std::string& complaint) {
  refuse_line(mark.line + 1, complaint);
}

/// Follows the parser's events. No tree is built, so that aliases can't make it grow.
class Reader final : public YAML::EventHandler {
 public:
  explicit Reader(std::vector<FileSetting>& settings) : settings_(settings) {}

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    take(mark, std::nullopt);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto text = anchors_.find(anchor);
    if (text == anchors_.end()) refuse(mark, "an alias can stand for a single text only");
    take(mark, text->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& value) override {
    if (value.size() > longest_text) refuse(mark, "a text of more than 16 KiB");
    if (anchor != 0) anchors_[anchor] = value;
    take(mark, value);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {
    if (passes_over(mark)) return;
    if (sections_.empty()) refuse(mark, "cannot unmarshal !!seq into keys");
    if (!sections_.back().key) refuse(mark, "a key must be a single text");
    add(FileSetting::Kind::list);
    in_list_ = true;
  }

  void OnSequenceEnd() override {
    if (passed_over_ > 0) {
      --passed_over_;
    } else {
      in_list_ = false;
    }
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    if (passes_over(mark)) return;
    if (sections_.size() >= deepest) refuse(mark, "nested too deeply");
    Section inner;
    if (!sections_.empty()) {
      Section& outer = sections_.back();
      if (!outer.key) refuse(mark, "a key must be a single text");
      inner.dotted = outer.dotted || outer.key->find('.') != outer.key->npos;
      inner.name = outer.name + *outer.key + ".";
    }
    sections_.push_back(std::move(inner));
  }

  void OnMapEnd() override {
    if (passed_over_ > 0) {
      --passed_over_;
      return;
    }
    const bool was_empty = sections_.back().is_empty;
    sections_.pop_back();
    if (sections_.empty()) return;
    if (was_empty) {
      add(FileSetting::Kind::other);
    } else {
      sections_.back().is_empty = false;
      sections_.back().key.reset();
    }
  }

 private:
  struct Section {
    /// The names of this and the sections around it, each with its dot.
    std::string name = {};
    bool dotted = false;
    bool is_empty = true;
    /// The key whose value comes next, and its place: what has no value has none either.
    std::optional<std::string> key = std::nullopt;
    int line = 0;
  };

  /// What is inside of a list's parts is of no use.
  bool passes_over(const YAML::Mark& mark) {
    if (!in_list_) return false;
    settings_.back().kind = FileSetting::Kind::other;
    if (++passed_over_ > deepest) refuse(mark, "nested too deeply");
    return true;
  }

  void count_text(int line) {
    if (++texts_ > most_texts) refuse_line(line, "more than 1000 texts");
  }

  /// The key that waits for its value gets one.
  FileSetting& add(FileSetting::Kind kind) {
    Section& section = sections_.back();
    count_text(section.line);
    FileSetting setting;
    setting.key = section.name + *section.key;
    setting.kind = kind;
    setting.line = section.line;
    setting.dotted = section.dotted || section.key->find('.') != section.key->npos;
    section.is_empty = false;
    section.key.reset();
    settings_.push_back(std::move(setting));
    return settings_.back();
  }

  /// A text, or nothing where one could be: a key, a key's value, a part of a list.
  void take(const YAML::Mark& mark, const std::optional<std::string>& text) {
    if (passed_over_ > 0) return;
    if (in_list_) {
      count_text(mark.line + 1);
      settings_.back().values.push_back(text.value_or(""));
      return;
    }
    if (sections_.empty()) {
      // Nothing at all is an empty file.
      if (text) refuse(mark, "cannot unmarshal !!str into keys");
      return;
    }
    Section& section = sections_.back();
    if (!section.key) {
      if (text && text->size() > longest_key) refuse(mark, "a key of more than 256 bytes");
      section.key = text.value_or("");
      section.line = mark.line + 1;
    } else if (text) {
      add(FileSetting::Kind::value).values.push_back(*text);
    } else {
      add(FileSetting::Kind::nothing);
    }
  }

  std::vector<FileSetting>& settings_;
  std::map<YAML::anchor_t, std::string> anchors_;
  std::vector<Section> sections_;
  bool in_list_ = false;
  /// Lists and sections that are open inside of a list.
  std::size_t passed_over_ = 0;
  std::size_t texts_ = 0;
};

}  // namespace

std::vector<FileSetting> read_settings(const std::string& text) {
  std::vector<FileSetting> settings;
  Reader reader(settings);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(reader);
  } catch (const YAML::Exception& problem) {
    refuse(problem.mark, log::printable(problem.msg));
  }
  return settings;
}

}  // namespace xrayd::config
