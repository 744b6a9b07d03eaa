// What is kept of a segment between its begin and the writing of its document.
//
// A Record is one segment. What each thread records into it lies in a Strand of that thread's:
// nodes (entities) and what they say, allocated from the strand's own arena and linked in the order
// of creation. So every structure has a single writer, and the recording path needs neither lock
// nor shared counter; the tree is put together by the sender from the nodes' parent pointers.
//
// Who sends a node is settled by its state:
//   open --end()--> ended --writer--> taken            part of the segment's document, as usual
//   open --writer--> left_behind --end()--> alone      outlived its segment: a document of its own
//   left_behind --end()--> alone                       begun after its segment's end: likewise
//   open --end()--> ended --end()--> alone             the same, where the writer was done already
// The gate of the record orders the two sides: a node in another thread's strand that ends before
// the gate closes is seen by the writer; one that ends afterwards looks after itself.
//
// A strand is made of chapters, so that long segments do not grow without end: when a chapter has
// enough subsegments a new one begins, and a chapter whose nodes have all ended, and to which
// nothing points any more, leaves as a whole (departure.hpp says when). The first chapter holds the
// strand itself and stays.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include <xray/impl/arena.hpp>
#include <xray/impl/clock.hpp>
#include <xray/subsegment.hpp>
#include <xray/trace_header.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

struct Chapter;

/// Characters in an arena. `Text{}` is the empty one.
struct Text {
  const char* data;
  std::uint32_t size;
  [[nodiscard]] std::string_view view() const noexcept { return {data, size}; }
};

enum class ValueKind : std::uint8_t { text, json, integer, unsigned_integer, number, boolean };

/// One scalar as the caller gave it; formatted when the document is written.
struct Value {
  union {
    const char* text;
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double number;
    bool boolean;
  };
  std::uint32_t size;  ///< of a text
  ValueKind kind;
};

struct Annotation {
  Annotation* next;  ///< the one added before
  Text key;
  Value value;
};

/// The rarer things an entity says, newest first.
struct Detail {
  enum class Kind : std::uint8_t {
    metadata,
    http_request,
    http_response,
    sql,
    exception,
    user,
    origin,
    service_version,
    resource_arn,
    aws,
    precursor,
    elsewhere,
  };
  Detail* next;
  Kind kind;
};

struct MetadataDetail : Detail {
  Text name_space;
  Text key;
  Value value;
  std::uint64_t omitted;  ///< bytes of a text that were not even copied: no document holds them
};

/// A member of the `aws` block.
struct AwsDetail : Detail {
  Text key;
  Value value;
};

/// What is said of the entity lies in another thread's chapter, which is pinned until it is sent.
struct ElsewhereDetail : Detail {
  Chapter* chapter;
};

/// The id of a sibling that finished first.
struct PrecursorDetail : Detail {
  std::uint64_t id;
};

struct HttpRequestDetail : Detail {
  Text method, url, user_agent, client_ip;
  bool x_forwarded_for, traced;
};

struct HttpResponseDetail : Detail {
  std::int32_t status;
  std::int64_t content_length;
};

struct SqlDetail : Detail {
  Text url, connection_string, sanitized_query, database_type, database_version, driver_version,
      user, preparation;
};

/// One exception of a cause; `nested` is the one that caused it.
struct ExceptionDetail : Detail {
  std::uint64_t id;
  Text type, message;
  ExceptionDetail* nested;
  void* const* frames;      ///< addresses inside calls, innermost first
  std::uint32_t truncated;  ///< frames beyond those
  std::uint32_t skipped;    ///< exceptions left out between this one and the one it caused
  std::uint16_t frame_count;
  bool mangled;      ///< `type` is as the compiler writes it
  bool remote;       ///< thrown by the called service
  bool seen_before;  ///< recorded in full by another entity of this record, under the same id
};

struct TextDetail : Detail {
  Text text;
};

enum class NodeState : std::uint8_t { open, ended, taken, left_behind, alone };

struct NodeFlags {
  bool fault, error, throttle;
  bool holds_reference;  ///< of the record, until sent
  bool detached;         ///< never current on a thread
  bool orphan;           ///< its parent may be gone
  bool has_elsewhere;    ///< see ElsewhereDetail
};

struct Node {
  std::atomic<Node*> next_in_chapter;
  union {
    Node* parent;             ///< null: this is a segment
    std::uint64_t parent_id;  ///< of an orphan
  };
  Chapter* chapter;
  std::uint64_t id;
  std::uint64_t begin_ticks;
  std::uint64_t end_ticks;
  Text name;
  Annotation* annotations;
  Detail* details;
  std::atomic<NodeState> state;
  Namespace name_space;
  NodeFlags flags;

  // The writer's: the tree of what it took.
  Node* first_child;
  Node* last_child;
  Node* next_sibling;

  [[nodiscard]] bool is_segment() const noexcept { return !flags.orphan && parent == nullptr; }
  [[nodiscard]] std::uint64_t id_of_parent() const noexcept {
    return flags.orphan ? parent_id : parent->id;
  }
};

/// A run of nodes of one thread, and their memory.
struct Chapter {
  Record* record;
  Strand* strand;
  const ThreadState* thread;  ///< the one writer
  /// The one begun after it. Taken out only with the strand's `busy`.
  std::atomic<Chapter*> next;
  std::atomic<Node*> first;
  std::atomic<Node*>* end;  ///< where the next node is to be linked
  Arena arena;
  /// Contexts, announcements, and chapters with children, that point to nodes here.
  std::atomic<std::uint32_t> pins;
  /// Other chapters with parents of nodes here, each pinned; and the one that was looked at last,
  /// which needs no look again.
  static constexpr std::uint32_t most_held = 4;
  Chapter* held[most_held];
  std::uint32_t held_count;
  Chapter* above;
  /// A thread's place may still point to a node here that has ended.
  std::atomic<bool> stays;
  std::uint32_t nodes;  ///< begun here; counted only where a strategy or a facade asks
};

/// One thread's part of a record.
struct Strand {
  Record* record;
  const ThreadState* thread;
  Strand* next;
  Chapter* current;  ///< where the thread records
  /// Held while chapters are taken out, and while the writer walks through them.
  std::atomic<bool> busy;
  std::size_t bytes;  ///< of all chapters
  Chapter first;
};

struct Record {
  std::atomic<std::uint32_t> references;
  /// 0 until the segment has ended.
  std::atomic<std::uint32_t> gate;
  /// Whether the writer has been there and settled what is part of the document.
  std::atomic<bool> collected;
  /// Whether the writer has left again: what is begun from now on leaves alone.
  std::atomic<bool> written;
  std::uint32_t generation;  ///< of fork: a child does not send its parent's segments
  bool sampled;              ///< recorded
  bool provisional;   ///< recorded to see how it ends, the rest of the trace is told `Sampled=0`
  bool observed;      ///< the sampler wants to see how it ends
  bool forgotten;     ///< it ended, and nothing of it is sent; set before the gate closes
  bool facade;        ///< stands for a segment that somebody else sends: never sent itself
  bool pass_through;  ///< nothing is decided here: the incoming header travels on as it came
  Sampling asked;     ///< what the incoming header said
  TraceId trace_id;
  std::uint64_t parent_id;     ///< of the incoming header, 0 for none
  std::uint64_t unsampled_id;  ///< made when an unsampled segment is asked for its header
  Text extras;
  Text tracestate;
  Text sampling_rule;  ///< of the sampler's decision
  ClockPair begin;
  std::int64_t begin_wall;
  ClockPair end;
  std::atomic<std::uint32_t> missing;  ///< what found no memory while the record was provisional
  Place outer;  ///< what was current when the segment began; holds a reference
  std::atomic<Strand*> strands;
  Strand own;
  Node root;
};

/// One thing on its way to the sender, with one reference of its record.
struct Emission {
  enum class Kind : std::uint8_t {
    entity,  ///< a segment's root stands for the whole record, any other node for itself alone
    announcement,  ///< a copy of an entity that is still running
    chapter,       ///< completed subsegments of an open segment
  };

  Emission() noexcept = default;
  explicit Emission(Node* entity, Kind what = Kind::entity) noexcept : kind(what), node(entity) {}
  explicit Emission(Chapter* left) noexcept : kind(Kind::chapter), chapter(left) {}

  [[nodiscard]] Record* record() const noexcept {
    return kind == Kind::chapter ? chapter->record : node->chapter->record;
  }

  Kind kind = Kind::entity;
  union {
    Node* node = nullptr;
    Chapter* chapter;
  };
};

/// Guards trace_id and unsampled_id of unsampled records.
XRAY_PROCESS_WIDE inline pthread_mutex_t unsampled_mutex = PTHREAD_MUTEX_INITIALIZER;

}  // namespace detail
XRAY_NAMESPACE_END
