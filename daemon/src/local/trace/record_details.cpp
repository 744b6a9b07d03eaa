// What the parts of a segment say of it: annotations, messages, a cold start.
#include <algorithm>
#include <tuple>
#include <vector>

#include "ascii.hpp"
#include "local/trace/record_draft.hpp"

namespace xrayd::local {
namespace {

constexpr std::size_t max_key_bytes = 500;

bool is_annotation_key(std::string_view key) {
  return !key.empty() && key.size() <= max_key_bytes &&
         std::all_of(key.begin(), key.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '.'; });
}

class Details {
 public:
  explicit Details(RecordDraft& draft) : draft_(draft), record_(draft.record) {}

  void add_all() {
    for (RecordIndex i = 0; i < record_.segments.size(); ++i) {
      if (record_.segments[i].inferred) continue;
      collect(i);
      add_annotations(i);
      add_messages(i);
    }
  }

 private:
  // Of everything in the segment.
  void collect(RecordIndex index) {
    const auto& tree = draft_.tree;
    const auto segment = draft_.segment_entities[index];
    annotations_.clear();
    messages_.clear();
    cold_start_ = false;
    for (const auto child : tree.entities[segment].children) {
      if (entity_name(tree.entities[child]) == "Initialization") cold_start_ = true;
    }
    open_.assign(1, segment);
    while (!open_.empty()) {
      const auto& entity = tree.entities[open_.back()];
      open_.pop_back();
      open_.insert(open_.end(), entity.children.begin(), entity.children.end());
      collect_annotations(entity);
      collect_messages(entity);
    }
    record_.segments[index].cold_start = cold_start_;
  }

  void collect_annotations(const Entity& entity) {
    const auto* annotations = entity.members[EntityMember::annotations];
    if (annotations == nullptr || !annotations->IsObject()) return;
    for (const auto& item : annotations->GetObject()) {
      const auto key = text_of(item.name);
      if (!is_annotation_key(key)) continue;
      RecordAnnotation annotation;
      annotation.key = first_characters(key, draft_.limits.text_characters);
      if (item.value.IsString()) {
        annotation.value = first_characters(text_of(item.value), draft_.limits.text_characters);
      } else if (item.value.IsBool()) {
        annotation.value = item.value.GetBool();
      } else if (item.value.IsNumber()) {
        annotation.value = item.value.GetDouble();
      } else {
        continue;
      }
      if (key == "ColdStart" && item.value.IsTrue()) cold_start_ = true;
      annotations_.push_back(annotation);
    }
  }

  void collect_messages(const Entity& entity) {
    const auto* cause = entity.members[EntityMember::cause];
    if (cause == nullptr) return;
    if (cause->IsString()) {
      // Else it is the id of an exception that is told elsewhere.
      if (!parse_entity_id(text_of(*cause))) collect_message(text_of(*cause));
      return;
    }
    collect_message(text_member(*cause, "message").value_or(""));
    const auto* exceptions = member(*cause, "exceptions");
    if (exceptions == nullptr || !exceptions->IsArray()) return;
    for (const auto& exception : exceptions->GetArray()) {
      collect_message(text_member(exception, "message").value_or(""));
    }
  }

  void collect_message(std::string_view text) {
    text = first_characters(text, draft_.limits.text_characters);
    if (!text.empty()) messages_.push_back(text);
  }

  void add_annotations(RecordIndex segment) {
    std::sort(annotations_.begin(), annotations_.end(), [](const auto& a, const auto& b) {
      return std::tie(a.key, a.value) < std::tie(b.key, b.value);
    });
    annotations_.erase(std::unique(annotations_.begin(), annotations_.end()), annotations_.end());
    for (auto annotation : annotations_) {
      if (!draft_.has_room(record_.annotations.size(), draft_.limits.annotations)) return;
      annotation.key = record_.texts.keep(annotation.key);
      if (auto* text = std::get_if<std::string_view>(&annotation.value)) {
        *text = record_.texts.keep(*text);
      }
      annotation.segment = segment;
      record_.annotations.push_back(annotation);
    }
  }

  void add_messages(RecordIndex segment) {
    std::sort(messages_.begin(), messages_.end());
    messages_.erase(std::unique(messages_.begin(), messages_.end()), messages_.end());
    for (const auto text : messages_) {
      if (!draft_.has_room(record_.messages.size(), draft_.limits.messages)) return;
      record_.messages.push_back({record_.texts.keep(text), segment});
    }
  }

  RecordDraft& draft_;
  TraceRecord& record_;
  std::vector<std::size_t> open_;
  // Of the segment at hand, pointing into its documents.
  std::vector<RecordAnnotation> annotations_;
  std::vector<std::string_view> messages_;
  bool cold_start_ = false;
};

}  // namespace

void add_details(RecordDraft& draft) {
  Details(draft).add_all();
}

}  // namespace xrayd::local
