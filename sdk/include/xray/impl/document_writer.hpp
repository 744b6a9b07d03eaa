// From records to segment documents.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include <xray/impl/document_limits.hpp>
#include <xray/impl/json_check.hpp>
#include <xray/impl/name_rules.hpp>
#include <xray/impl/output.hpp>
#include <xray/impl/record.hpp>
#include <xray/impl/surroundings.hpp>
#include <xray/impl/symbols.hpp>
#include <xray/version.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Writes one record at a time, into a buffer it keeps. Not thread-safe. `Emit` is called with each
/// finished document.
class DocumentWriter {
 public:
  /// Writes trees, whose nodes are linked (first_child, next_sibling), each as one document if it
  /// fits; else the top with what fits of it, and the rest as independent subsegments.
  /// `in_progress`: the tops are still running.
  template <typename Emit>
  void write(const Record& record, const ClockMap& clock, const std::vector<Node*>& tops,
             bool in_progress, Emit&& emit) {
    record_ = &record;
    clock_ = &clock;
    in_progress_ = in_progress;
    pieces_.assign(tops.rbegin(), tops.rend());
    bool split = false;
    while (!pieces_.empty()) {
      const Node* const node = pieces_.back();
      pieces_.pop_back();
      const std::size_t before = pieces_.size();
      write_tree(node, emit);
      split = split || pieces_.size() > before;
    }
    if (split) count(counters.documents_split);
  }

 private:
  /// One document with `top` and, as far as they fit, its descendants; children that don't are put
  /// among the pieces.
  template <typename Emit>
  void write_tree(const Node* top, Emit& emit) {
    write_top(top);
    const bool fits = out_.size() < largest_document;
    bool first = true;
    for (Node* child = top->first_child; child != nullptr; child = child->next_sibling) {
      const std::size_t before = out_.size();
      const std::size_t pieces_before = pieces_.size();
      if (tally_is_used_) kept_tally_ = tally_;
      if (fits) {
        if (first) {
          out_.text(",\"subsegments\":[");
        } else {
          out_.character(',');
        }
        write_descendants(child);
      }
      if (!fits || out_.size() + 2 > largest_document) {
        out_.truncate(before);
        pieces_.resize(pieces_before);
        pieces_.push_back(child);
        if (tally_is_used_) tally_ = kept_tally_;
      } else {
        first = false;
      }
    }
    if (!first) out_.character(']');
    out_.character('}');
    if (out_.failed()) {
      count(counters.dropped_no_memory);
      reports.no_memory("xray: no memory to write a document; it was dropped");
    } else if (!fits || out_.size() > largest_document) {
      count(counters.dropped_too_large);
      reports.too_large("xray: a (sub)segment too large for a datagram was dropped");
    } else {
      if (tally_is_used_) tally_.count_all();
      emit(out_.view());
    }
  }

  /// The entity itself, with the first limits under which it fits.
  void write_top(const Node* top) {
    for (const WritingLimits& limits : writing_limits) {
      limits_ = &limits;
      out_.clear();
      if (tally_is_used_) {
        tally_ = kept_tally_ = {};
        tally_is_used_ = false;
      }
      write_node(top, true);
      if (out_.size() < largest_document || out_.failed()) break;
    }
    if (limits_ != writing_limits) {
      reports.too_large("xray: a (sub)segment too large for a datagram was cut");
      limits_ = writing_limits;
    }
  }

  WritingTally& tally() noexcept {
    tally_is_used_ = true;
    return tally_;
  }

  /// A child and all below it, until the document is too large or too deep. Iterative: how deep a
  /// program nests its subsegments is not for this stack to bear.
  void write_descendants(const Node* child) {
    unsigned depth = 1;
    const Node* node = child;
    write_node(node, false);
    while (out_.size() <= largest_document) {
      if (node->first_child != nullptr && depth < deepest_document) {
        out_.text(",\"subsegments\":[");
        node = node->first_child;
        ++depth;
        write_node(node, false);
        continue;
      }
      for (Node* deeper = node->first_child; deeper != nullptr; deeper = deeper->next_sibling) {
        pieces_.push_back(deeper);
      }
      out_.character('}');
      while (node != child && node->next_sibling == nullptr) {
        node = node->parent;
        --depth;
        out_.text("]}");
      }
      if (node == child) return;
      node = node->next_sibling;
      out_.character(',');
      write_node(node, false);
    }
  }

  /// Everything of a node but its children and the closing brace.
  void write_node(const Node* node, bool top) {
    const bool is_segment = node->is_segment();
    out_.text("{\"name\":\"");
    const std::string_view name = node->name.view();
    if (!name.empty() && name.size() <= longest_name && name_table.allows(name)) {
      out_.text(name);
    } else {
      write_corrected_name(name);
    }
    out_.text("\",\"id\":\"");
    out_.hex(node->id, 16);
    out_.text("\",\"start_time\":");
    const std::int64_t begin = clock_->microseconds(node->begin_ticks);
    out_.seconds(begin);
    if (in_progress_) {
      out_.text(",\"in_progress\":true");
    } else {
      out_.text(",\"end_time\":");
      out_.seconds(std::max(begin, clock_->microseconds(node->end_ticks)));
    }
    if (top) write_identity(node, is_segment);
    if (node->flags.fault) out_.text(",\"fault\":true");
    if (node->flags.error) out_.text(",\"error\":true");
    if (node->flags.throttle) out_.text(",\"throttle\":true");
    if (node->name_space != Namespace::local) {
      if (node->name_space == Namespace::aws) {
        out_.text(",\"namespace\":\"aws\"");
      } else {
        out_.text(",\"namespace\":\"remote\"");
      }
    }
    if (node->annotations != nullptr) write_annotations(node->annotations);
    aws_.clear();
    bool has_origin = false;
    if (node->details != nullptr) has_origin = write_details(node->details);
    if (is_segment) {
      write_surroundings(has_origin);
    } else if (!aws_.empty()) {
      out_.text(",\"aws\":{");
      write_aws_members();
      close_members();
    }
  }

  /// What says where a document belongs: a segment's trace, an independent subsegment's parent too.
  void write_identity(const Node* node, bool is_segment) {
    out_.text(",\"trace_id\":\"");
    out_.text(record_->trace_id.to_string().view());
    out_.character('"');
    const std::uint64_t parent = is_segment ? record_->parent_id : node->id_of_parent();
    if (parent != 0) {
      out_.text(",\"parent_id\":\"");
      out_.hex(parent, 16);
      out_.character('"');
    }
    if (!is_segment) out_.text(",\"type\":\"subsegment\"");
  }

  /// What a segment says of this SDK and of the machine, unless the program said otherwise.
  void write_surroundings(bool has_origin) {
    const Surroundings* const around = surroundings.load(std::memory_order_acquire);
    if (around != nullptr && !around->origin.empty() && !has_origin) {
      out_.text(",\"origin\":");
      out_.string(around->origin);
    }
    out_.text(",\"aws\":{\"xray\":{\"sdk\":\"X-Ray for C++\",\"sdk_version\":\"");
    out_.text(version());
    out_.text("\"},");
    if (record_->sampling_rule.size != 0) write_sampling_rule();
    if (around != nullptr) {
      for (const auto& [key, json] : around->aws) {
        const std::string_view name = key;
        const auto says = [name](const AwsDetail* entry) { return entry->key.view() == name; };
        if (std::any_of(aws_.begin(), aws_.end(), says)) continue;
        out_.string(name);
        out_.character(':');
        out_.text(std::string_view(json));
        out_.character(',');
      }
    }
    write_aws_members();
    close_members();
  }

  /// Another member of the object that was closed just now. Apart, for most segments have none.
  [[gnu::noinline]] void write_sampling_rule() {
    out_.truncate(out_.size() - 2);
    out_.text(",\"sampling_rule_name\":");
    out_.string(record_->sampling_rule.view());
    out_.text("},");
  }

  /// The list is newest first: the first of a key is its last value.
  void write_aws_members() {
    for (auto entry = aws_.begin(); entry != aws_.end(); ++entry) {
      const auto same_key = [entry](const AwsDetail* newer) {
        return newer->key.view() == (*entry)->key.view();
      };
      if (std::any_of(aws_.begin(), entry, same_key)) continue;
      const Value& value = (*entry)->value;
      if (value.kind == ValueKind::json && !is_json({value.text, value.size})) {
        ++tally().metadata_invalid;
        reports.metadata("xray: a member of the aws block that is not JSON was left out");
        continue;
      }
      write_string((*entry)->key.view(), longest_field);
      out_.character(':');
      write_whole_value(value);
      out_.character(',');
    }
  }

  /// Small, and never cut: what X-Ray reads here it reads by its shape.
  void write_whole_value(const Value& value) {
    if (value.kind == ValueKind::json) {
      out_.text({value.text, value.size});
    } else if (value.kind == ValueKind::text) {
      out_.string({value.text, value.size});
    } else {
      write_scalar(value);
    }
  }

  void write_corrected_name(std::string_view name) {
    bool corrected = false;
    std::size_t characters = 0;
    while (!name.empty()) {
      const Character character = decode(name);
      if (!character.valid || !is_name_character(character.code) || characters == longest_name) {
        corrected = true;
        if (characters == longest_name) break;
      } else {
        out_.text(name.substr(0, character.size));
        ++characters;
      }
      name.remove_prefix(character.size);
    }
    if (characters == 0) {
      corrected = true;
      out_.text("unnamed");
    }
    if (corrected) {
      ++tally().names_corrected;
      reports.name(
          "xray: a name was empty, too long, or had characters that X-Ray does not allow; "
          "corrected");
    }
  }

  void write_string(std::string_view value, std::size_t most) {
    if (!out_.string(value, std::min(most, limits_->longest))) ++tally().strings_truncated;
  }

  void write_scalar(const Value& value) {
    switch (value.kind) {
      case ValueKind::text:
      case ValueKind::json:
        break;
      case ValueKind::integer:
        out_.integer(value.integer);
        break;
      case ValueKind::unsigned_integer:
        out_.integer(value.unsigned_integer);
        break;
      case ValueKind::number:
        if (std::isfinite(value.number)) {
          out_.number(value.number);
        } else {
          say_invalid();
          out_.text(std::isnan(value.number) ? std::string_view("\"NaN\"")
                    : value.number > 0       ? std::string_view("\"Infinity\"")
                                             : std::string_view("\"-Infinity\""));
        }
        break;
      case ValueKind::boolean:
        out_.text(value.boolean ? std::string_view("true") : std::string_view("false"));
        break;
    }
  }

  void say_invalid() {
    ++tally().metadata_invalid;
    reports.metadata("xray: metadata that JSON can't hold was recorded as a string");
  }

  /// A value of any kind; of its text, `omitted` bytes were not even kept.
  void write_open_value(const Value& value, std::uint64_t omitted) {
    if (value.kind != ValueKind::text && value.kind != ValueKind::json) {
      write_scalar(value);
      return;
    }
    const std::string_view text(value.text, value.size);
    if (omitted != 0 || text.size() > limits_->metadata) {
      write_cut(text, omitted);
    } else if (value.kind == ValueKind::text) {
      out_.string(text);
    } else if (is_json(text)) {
      out_.text(text);
    } else {
      say_invalid();
      out_.string(text);
    }
  }

  /// The beginning of a text, and a word on what is not there.
  void write_cut(std::string_view text, std::uint64_t omitted) {
    std::size_t kept = std::min(text.size(), limits_->metadata);
    while (kept > 0 && kept < text.size() &&
           (static_cast<unsigned char>(text[kept]) & 0xC0U) == 0x80U) {
      --kept;  // not inside a character
    }
    out_.string(text.substr(0, kept));
    out_.drop_last();
    out_.text(" ... [cut: ");
    out_.integer(omitted + (text.size() - kept));
    out_.text(" bytes more]\"");
    ++tally().metadata_truncated;
  }

  void drop_annotation() {
    ++tally().annotations_dropped;
    reports.annotation(
        "xray: an annotation was dropped: keys are 1 to 500 of A-Z a-z 0-9 _ . and values finite, "
        "50 to a (sub)segment");
  }

  /// The list is newest first: the first of a key is its last value.
  void write_annotations(const Annotation* newest) {
    const Annotation* kept[most_annotations];
    std::size_t size = 0;
    for (const Annotation* entry = newest; entry != nullptr; entry = entry->next) {
      const bool usable =
          is_annotation_key(entry->key.view()) &&
          (entry->value.kind != ValueKind::number || std::isfinite(entry->value.number));
      if (!usable) {
        drop_annotation();
        continue;
      }
      const auto same_key = [entry](const Annotation* other) {
        return other->key.view() == entry->key.view();
      };
      if (std::any_of(kept, kept + size, same_key)) continue;
      if (size == most_annotations) {
        drop_annotation();
        continue;
      }
      kept[size++] = entry;
    }
    if (size == 0) return;
    out_.text(",\"annotations\":{");
    for (std::size_t i = size; i > 0; --i) {
      const Annotation* const entry = kept[i - 1];
      out_.plain_key(entry->key.view());
      if (entry->value.kind == ValueKind::text) {
        write_string({entry->value.text, entry->value.size}, longest_annotation);
      } else {
        write_scalar(entry->value);
      }
      if (i > 1) out_.character(',');
    }
    out_.character('}');
  }

  /// True if the entity names its origin.
  bool write_details(const Detail* newest) {
    const HttpRequestDetail* request = nullptr;
    const HttpResponseDetail* response = nullptr;
    const SqlDetail* sql = nullptr;
    const TextDetail* user = nullptr;
    const TextDetail* origin = nullptr;
    const TextDetail* service_version = nullptr;
    const TextDetail* resource_arn = nullptr;
    metadata_.clear();
    exceptions_.clear();
    precursors_.clear();
    const auto newest_of = [](const auto*& kept, const Detail* detail) {
      if (kept == nullptr) kept = static_cast<std::remove_reference_t<decltype(kept)>>(detail);
    };
    for (const Detail* detail = newest; detail != nullptr; detail = detail->next) {
      switch (detail->kind) {
        case Detail::Kind::metadata:
          metadata_.push_back({static_cast<const MetadataDetail*>(detail), metadata_.size()});
          break;
        case Detail::Kind::exception:
          exceptions_.push_back(static_cast<const ExceptionDetail*>(detail));
          break;
        case Detail::Kind::http_request:
          newest_of(request, detail);
          break;
        case Detail::Kind::http_response:
          newest_of(response, detail);
          break;
        case Detail::Kind::sql:
          newest_of(sql, detail);
          break;
        case Detail::Kind::user:
          newest_of(user, detail);
          break;
        case Detail::Kind::origin:
          newest_of(origin, detail);
          break;
        case Detail::Kind::service_version:
          newest_of(service_version, detail);
          break;
        case Detail::Kind::resource_arn:
          newest_of(resource_arn, detail);
          break;
        case Detail::Kind::aws:
          aws_.push_back(static_cast<const AwsDetail*>(detail));
          break;
        case Detail::Kind::precursor:
          precursors_.push_back(static_cast<const PrecursorDetail*>(detail)->id);
          break;
        case Detail::Kind::elsewhere:
          break;
      }
    }
    if (user != nullptr) write_member(",\"user\":", user->text);
    if (origin != nullptr) write_member(",\"origin\":", origin->text);
    if (service_version != nullptr) {
      write_member(",\"service\":{\"version\":", service_version->text);
      out_.character('}');
    }
    if (resource_arn != nullptr) {
      out_.text(",\"resource_arn\":");
      write_string(resource_arn->text.view(), longest_arn);
    }
    if (request != nullptr || response != nullptr) write_http(request, response);
    if (sql != nullptr) write_sql(*sql);
    if (!precursors_.empty()) write_precursors();
    if (!metadata_.empty()) write_metadata();
    if (!exceptions_.empty()) write_cause();
    return origin != nullptr;
  }

  /// Oldest first.
  void write_precursors() {
    out_.text(",\"precursor_ids\":[");
    for (std::size_t i = precursors_.size(); i > 0; --i) {
      out_.character('"');
      out_.hex(precursors_[i - 1], 16);
      out_.text("\",");
    }
    out_.drop_last();
    out_.character(']');
  }

  void write_member(std::string_view opening, Text text) {
    out_.text(opening);
    write_string(text.view(), longest_field);
  }

  /// `"key":"text",`, unless the text is empty.
  void write_optional(std::string_view key, Text text, std::size_t most = longest_field) {
    if (text.size == 0) return;
    out_.character('"');
    out_.text(key);
    out_.text("\":");
    write_string(text.view(), most);
    out_.character(',');
  }

  /// Closes an object after members that each end in a comma.
  void close_members() {
    if (out_.size() != 0 && out_.view().back() == ',') out_.drop_last();
    out_.character('}');
  }

  void write_http(const HttpRequestDetail* request, const HttpResponseDetail* response) {
    out_.text(",\"http\":{");
    if (request != nullptr) {
      out_.text("\"request\":{");
      write_optional("method", request->method);
      write_optional("url", request->url);
      write_optional("user_agent", request->user_agent);
      write_optional("client_ip", request->client_ip);
      if (request->x_forwarded_for) out_.text("\"x_forwarded_for\":true,");
      if (request->traced) out_.text("\"traced\":true,");
      close_members();
      out_.character(',');
    }
    if (response != nullptr) {
      out_.text("\"response\":{\"status\":");
      out_.integer(response->status);
      if (response->content_length >= 0) {
        out_.text(",\"content_length\":");
        out_.integer(response->content_length);
      }
      out_.text("},");
    }
    close_members();
  }

  void write_sql(const SqlDetail& sql) {
    constexpr std::size_t longest_query = 8192;
    out_.text(",\"sql\":{");
    write_optional("url", sql.url);
    write_optional("connection_string", sql.connection_string);
    write_optional("sanitized_query", sql.sanitized_query, longest_query);
    write_optional("database_type", sql.database_type);
    write_optional("database_version", sql.database_version);
    write_optional("driver_version", sql.driver_version);
    write_optional("user", sql.user);
    write_optional("preparation", sql.preparation);
    close_members();
  }

  /// Metadata arrives newest first; sorting brings namespaces and keys together and leaves
  /// the last value of a key in front.
  void write_metadata() {
    if (limits_->metadata == 0) {
      // Not even the keys; the reader learns that there was something.
      out_.text(",\"metadata\":{\"xray\":{\"cut\":");
      out_.integer(metadata_.size());
      out_.text("}}");
      tally().metadata_truncated += metadata_.size();
      return;
    }
    std::sort(metadata_.begin(), metadata_.end(), [](const Metadata& left, const Metadata& right) {
      int order = compare_written(left.entry->name_space.view(), right.entry->name_space.view());
      if (order == 0) order = compare_written(left.entry->key.view(), right.entry->key.view());
      return order != 0 ? order < 0 : left.age < right.age;
    });
    out_.text(",\"metadata\":{");
    const MetadataDetail* previous = nullptr;
    for (const auto& [entry, age] : metadata_) {
      if (out_.size() > largest_document) break;  // too large already: what follows is not wanted
      const bool same_space = previous != nullptr && compare_written(previous->name_space.view(),
                                                                     entry->name_space.view()) == 0;
      if (same_space && compare_written(previous->key.view(), entry->key.view()) == 0) continue;
      if (!same_space) {
        if (previous != nullptr) out_.text("},");
        out_.string(entry->name_space.view());
        out_.text(":{");
      } else {
        out_.character(',');
      }
      out_.string(entry->key.view());
      out_.character(':');
      write_open_value(entry->value, entry->omitted);
      previous = entry;
    }
    out_.text("}}");
  }

  /// Oldest first; each exception is followed by those nested in it, which it names as its cause.
  /// An exception that another entity told of is only referred to, if nothing else is to be said.
  void write_cause() {
    if (exceptions_.size() == 1 && exceptions_[0]->seen_before) {
      out_.text(",\"cause\":\"");
      out_.hex(exceptions_[0]->id, 16);
      out_.character('"');
      return;
    }
    out_.text(",\"cause\":{\"exceptions\":[");
    for (std::size_t i = exceptions_.size(); i > 0; --i) {
      for (const ExceptionDetail* entry = exceptions_[i - 1]; entry != nullptr;
           entry = entry->nested) {
        write_exception(*entry);
      }
    }
    out_.drop_last();
    out_.text("]}");
  }

  void write_exception(const ExceptionDetail& entry) {
    out_.text("{\"id\":\"");
    out_.hex(entry.id, 16);
    out_.text("\",");
    if (entry.mangled && entry.type.size != 0) {
      out_.text("\"type\":");
      write_string(readable_type_.of(entry.type.view()), longest_message);
      out_.character(',');
    } else {
      write_optional("type", entry.type, longest_message);
    }
    write_optional("message", entry.message, longest_message);
    if (entry.remote) out_.text("\"remote\":true,");
    std::uint32_t truncated = entry.truncated;
    if (limits_->frames) {
      write_stack(entry);
    } else if (entry.frame_count != 0) {
      truncated += entry.frame_count;
      tally().frames_truncated += entry.frame_count;
    }
    write_count("truncated", truncated);
    write_count("skipped", entry.skipped);
    if (entry.nested != nullptr) {
      out_.text("\"cause\":\"");
      out_.hex(entry.nested->id, 16);
      out_.text("\",");
    }
    close_members();
    out_.character(',');
  }

  /// `"key":number,`, unless it is 0.
  void write_count(std::string_view key, std::uint32_t number) {
    if (number == 0) return;
    out_.character('"');
    out_.text(key);
    out_.text("\":");
    out_.integer(number);
    out_.character(',');
  }

  void write_stack(const ExceptionDetail& entry) {
    if (entry.frame_count == 0) return;
    symbols_.resolve(entry.frames, entry.frame_count);
    out_.text("\"stack\":[");
    for (std::size_t i = 0; i < entry.frame_count; ++i) {
      const Symbols::Frame& frame = symbols_.frame(entry.frames[i]);
      if (frame.own) continue;
      out_.character('{');
      if (!frame.path.empty()) {
        out_.text("\"path\":");
        write_string(frame.path, longest_path);
        out_.character(',');
      }
      out_.text("\"label\":");
      write_string(frame.label, longest_label);
      out_.text("},");
    }
    if (out_.size() != 0 && out_.view().back() == ',') out_.drop_last();
    out_.text("],");
  }

  Output out_;
  const Record* record_ = nullptr;
  const ClockMap* clock_ = nullptr;
  const WritingLimits* limits_ = writing_limits;
  bool in_progress_ = false;
  WritingTally tally_;
  WritingTally kept_tally_;  ///< as it was before something that may be taken back
  bool tally_is_used_ = false;
  std::vector<const Node*> pieces_;
  std::vector<const AwsDetail*> aws_;
  std::vector<std::uint64_t> precursors_;
  Symbols symbols_;
  ReadableName readable_type_;
  struct Metadata {
    const MetadataDetail* entry;
    std::size_t age;  ///< 0: the newest
  };
  std::vector<Metadata> metadata_;
  std::vector<const ExceptionDetail*> exceptions_;
};

}  // namespace detail
XRAY_NAMESPACE_END
