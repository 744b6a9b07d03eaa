// From records to segment documents.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include <xray/impl/json_check.hpp>
#include <xray/impl/name_rules.hpp>
#include <xray/impl/output.hpp>
#include <xray/impl/record.hpp>
#include <xray/impl/stable_sort.hpp>
#include <xray/version.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Limits of the segment document, in characters unless said otherwise.
inline constexpr std::size_t longest_name = 200;
inline constexpr std::size_t longest_field = 250;
inline constexpr std::size_t longest_annotation = 1000;
inline constexpr std::size_t most_annotations = 50;
inline constexpr std::size_t longest_message = 2048;
/// Bytes: what fits a datagram of 64,512 bytes together with the header line.
inline constexpr std::size_t largest_document = 64'512 - 32;
/// Subsegments nested deeper leave as documents of their own: readers limit the depth of JSON.
inline constexpr unsigned deepest_document = 100;

/// Writes one record at a time, into a buffer it keeps. Not thread-safe. `Emit` is called with each
/// finished document.
class DocumentWriter {
 public:
  /// Writes a segment's tree, whose nodes are linked (first_child, next_sibling): one document if
  /// it fits; else the segment with what fits of it, and the rest as independent subsegments.
  /// `apart`: complete nodes whose parent is not complete yet.
  template <typename Emit>
  void write_segment(const Record& record, const ClockMap& clock, const std::vector<Node*>& apart,
                     Emit&& emit) {
    record_ = &record;
    clock_ = &clock;
    pieces_.assign(apart.begin(), apart.end());
    write_tree(&record.root, emit);
    if (pieces_.size() > apart.size()) count(counters.documents_split);
    write_pieces(emit);
  }

  /// Writes one node, without children, as an independent subsegment.
  template <typename Emit>
  void write_alone(const Record& record, const ClockMap& clock, Node* node, Emit&& emit) {
    record_ = &record;
    clock_ = &clock;
    node->first_child = nullptr;
    pieces_.assign(1, node);
    write_pieces(emit);
  }

 private:
  template <typename Emit>
  void write_pieces(Emit& emit) {
    while (!pieces_.empty()) {
      const Node* const node = pieces_.back();
      pieces_.pop_back();
      write_tree(node, emit);
    }
  }

  /// One document with `top` and, as far as they fit, its descendants; children that don't are put
  /// among the pieces.
  template <typename Emit>
  void write_tree(const Node* top, Emit& emit) {
    out_.clear();
    write_node(top, true);
    if (out_.size() >= largest_document && has_metadata(top)) {
      out_.clear();
      with_metadata_ = false;
      write_node(top, true);
      with_metadata_ = true;
      count(counters.metadata_dropped);
      reports.metadata("xray: metadata too large for a datagram was dropped");
    }
    const bool fits = out_.size() < largest_document;
    bool first = true;
    for (Node* child = top->first_child; child != nullptr; child = child->next_sibling) {
      const std::size_t before = out_.size();
      const std::size_t pieces_before = pieces_.size();
      if (fits) {
        out_.text(first ? ",\"subsegments\":[" : ",");
        write_descendants(child);
      }
      if (!fits || out_.size() + 2 > largest_document) {
        out_.truncate(before);
        pieces_.resize(pieces_before);
        pieces_.push_back(child);
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
      emit(out_.view());
    }
  }

  static bool has_metadata(const Node* node) {
    for (const Detail* detail = node->details; detail != nullptr; detail = detail->next) {
      if (detail->kind == Detail::Kind::metadata) return true;
    }
    return false;
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
    const bool is_segment = node == &record_->root;
    out_.text("{\"name\":");
    write_name(node->name.view());
    out_.text(",\"id\":\"");
    out_.hex(node->id, 16);
    out_.text("\",\"start_time\":");
    const std::int64_t begin = clock_->microseconds(node->begin_ticks);
    out_.seconds(begin);
    out_.text(",\"end_time\":");
    out_.seconds(std::max(begin, clock_->microseconds(node->end_ticks)));
    if (top) write_identity(node, is_segment);
    if (node->fault) out_.text(",\"fault\":true");
    if (node->error) out_.text(",\"error\":true");
    if (node->throttle) out_.text(",\"throttle\":true");
    if (node->name_space != Namespace::local) {
      out_.text(node->name_space == Namespace::aws ? ",\"namespace\":\"aws\""
                                                   : ",\"namespace\":\"remote\"");
    }
    if (is_segment) {
      out_.text(",\"aws\":{\"xray\":{\"sdk\":\"X-Ray for C++\",\"sdk_version\":\"");
      out_.text(version());
      out_.text("\"}}");
    }
    if (node->annotations != nullptr) write_annotations(node->annotations);
    if (node->details != nullptr) write_details(node->details);
  }

  /// What says where a document belongs: a segment's trace, an independent subsegment's parent too.
  void write_identity(const Node* node, bool is_segment) {
    out_.text(",\"trace_id\":\"");
    out_.text(record_->trace_id.to_string());
    out_.character('"');
    const std::uint64_t parent = is_segment ? record_->parent_id : node->parent->id;
    if (parent != 0) {
      out_.text(",\"parent_id\":\"");
      out_.hex(parent, 16);
      out_.character('"');
    }
    if (!is_segment) out_.text(",\"type\":\"subsegment\"");
  }

  void write_name(std::string_view name) {
    bool plain = !name.empty() && name.size() <= longest_name;
    for (const char c : name) {
      const auto code = static_cast<unsigned char>(c);
      plain = plain && code < 128 && name_table.allowed[code];
    }
    if (plain) {
      out_.character('"');
      out_.text(name);
      out_.character('"');
      return;
    }
    write_corrected_name(name);
  }

  void write_corrected_name(std::string_view name) {
    bool corrected = false;
    std::size_t characters = 0;
    out_.character('"');
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
    out_.character('"');
    if (corrected) {
      count(counters.names_corrected);
      reports.name(
          "xray: a name was empty, too long, or had characters that X-Ray does not allow; "
          "corrected");
    }
  }

  void write_string(std::string_view value, std::size_t most) {
    if (!out_.string(value, most)) count(counters.strings_truncated);
  }

  void write_value(const Value& value) {
    switch (value.kind) {
      case ValueKind::text:
        out_.string({value.text, value.size});
        break;
      case ValueKind::json:
        out_.text({value.text, value.size});
        break;
      case ValueKind::integer:
        out_.integer(value.integer);
        break;
      case ValueKind::unsigned_integer:
        out_.integer(value.unsigned_integer);
        break;
      case ValueKind::number:
        out_.number(value.number);
        break;
      case ValueKind::boolean:
        out_.text(value.boolean ? "true" : "false");
        break;
    }
  }

  void drop_annotation() {
    count(counters.annotations_dropped);
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
      out_.character('"');
      out_.text(entry->key.view());
      out_.text("\":");
      if (entry->value.kind == ValueKind::text) {
        write_string({entry->value.text, entry->value.size}, longest_annotation);
      } else {
        write_value(entry->value);
      }
      if (i > 1) out_.character(',');
    }
    out_.character('}');
  }

  void write_details(const Detail* newest) {
    const HttpRequestDetail* request = nullptr;
    const HttpResponseDetail* response = nullptr;
    const SqlDetail* sql = nullptr;
    const TextDetail* user = nullptr;
    const TextDetail* origin = nullptr;
    const TextDetail* service_version = nullptr;
    metadata_.clear();
    exceptions_.clear();
    const auto newest_of = [](const auto*& kept, const Detail* detail) {
      if (kept == nullptr) kept = static_cast<std::remove_reference_t<decltype(kept)>>(detail);
    };
    for (const Detail* detail = newest; detail != nullptr; detail = detail->next) {
      switch (detail->kind) {
        case Detail::Kind::metadata:
          metadata_.push_back(static_cast<const MetadataDetail*>(detail));
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
      }
    }
    if (user != nullptr) write_member(",\"user\":", user->text);
    if (origin != nullptr) write_member(",\"origin\":", origin->text);
    if (service_version != nullptr) {
      write_member(",\"service\":{\"version\":", service_version->text);
      out_.character('}');
    }
    if (request != nullptr || response != nullptr) write_http(request, response);
    if (sql != nullptr) write_sql(*sql);
    if (with_metadata_ && !metadata_.empty()) write_metadata();
    if (!exceptions_.empty()) write_cause();
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
    if (out_.size() != 0 && out_.view().back() == ',') out_.truncate(out_.size() - 1);
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

  /// Metadata arrives newest first; a stable sort brings namespaces and keys together and leaves
  /// the last value of a key in front.
  void write_metadata() {
    detail::stable_sort(
        metadata_.begin(), metadata_.end(),
        [](const MetadataDetail* left, const MetadataDetail* right) {
          const int order = compare_written(left->name_space.view(), right->name_space.view());
          return (order != 0 ? order : compare_written(left->key.view(), right->key.view())) < 0;
        });
    out_.text(",\"metadata\":{");
    const MetadataDetail* previous = nullptr;
    for (const MetadataDetail* entry : metadata_) {
      if (out_.size() > largest_document) break;  // too large already: what follows is not wanted
      const bool same_space = previous != nullptr && compare_written(previous->name_space.view(),
                                                                     entry->name_space.view()) == 0;
      if (same_space && compare_written(previous->key.view(), entry->key.view()) == 0) continue;
      if (!same_space) {
        out_.text(previous == nullptr ? "" : "},");
        out_.string(entry->name_space.view());
        out_.text(":{");
      } else {
        out_.character(',');
      }
      out_.string(entry->key.view());
      out_.character(':');
      write_metadata_value(entry->value);
      previous = entry;
    }
    out_.text("}}");
  }

  void write_metadata_value(const Value& value) {
    const bool infinite = value.kind == ValueKind::number && !std::isfinite(value.number);
    const bool broken = value.kind == ValueKind::json && !is_json({value.text, value.size});
    if (infinite || broken) {
      count(counters.metadata_invalid);
      reports.metadata("xray: metadata that JSON can't hold was recorded as a string");
    }
    if (infinite) {
      out_.text(std::isnan(value.number) ? "\"NaN\""
                : value.number > 0       ? "\"Infinity\""
                                         : "\"-Infinity\"");
    } else if (broken) {
      out_.string({value.text, value.size});
    } else {
      write_value(value);
    }
  }

  /// Oldest first; each exception is followed by those nested in it, which it names as its cause.
  void write_cause() {
    out_.text(",\"cause\":{\"exceptions\":[");
    for (std::size_t i = exceptions_.size(); i > 0; --i) {
      for (const ExceptionDetail* entry = exceptions_[i - 1]; entry != nullptr;
           entry = entry->nested) {
        out_.text("{\"id\":\"");
        out_.hex(entry->id, 16);
        out_.text("\",");
        write_optional("type", entry->type, longest_message);
        write_optional("message", entry->message, longest_message);
        if (entry->nested != nullptr) {
          out_.text("\"cause\":\"");
          out_.hex(entry->nested->id, 16);
          out_.text("\",");
        }
        close_members();
        out_.character(',');
      }
    }
    if (out_.size() != 0) out_.truncate(out_.size() - 1);
    out_.text("]}");
  }

  Output out_;
  const Record* record_ = nullptr;
  const ClockMap* clock_ = nullptr;
  bool with_metadata_ = true;
  std::vector<Node*> pieces_;
  std::vector<const MetadataDetail*> metadata_;
  std::vector<const ExceptionDetail*> exceptions_;
};

}  // namespace detail
XRAY_NAMESPACE_END
