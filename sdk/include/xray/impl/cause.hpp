// Recording exceptions: what becomes the `cause` of a (sub)segment.
#pragma once

#include <cstring>
#include <exception>
#include <string_view>

#include <xray/impl/exceptions.hpp>
#include <xray/impl/recorder.hpp>
#include <xray/impl/runtime.hpp>
#include <xray/impl/thrown.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

inline void link_detail(Node* node, Detail* detail, Detail::Kind kind) noexcept {
  detail->kind = kind;
  detail->next = node->details;
  node->details = detail;
}

/// Tells records apart in a note on an exception.
inline std::uint32_t mark_of(const Node* node) noexcept {
  const std::uint64_t id = node->chapter->record->root.id;
  return static_cast<std::uint32_t>(id ^ (id >> 32U)) | 1U;
}

inline ExceptionDetail* make_exception(Node* node, std::uint64_t id, std::string_view type,
                                       std::string_view message) noexcept {
  type = bounded(type, longest_message);
  message = bounded(message, longest_message);
  auto* const entry = allocate_with_text<ExceptionDetail>(node, type.size() + message.size());
  if (entry == nullptr) return nullptr;
  char* cursor = reinterpret_cast<char*>(entry + 1);
  entry->id = id;
  entry->type = put(cursor, type);
  entry->message = put(cursor, message);
  entry->nested = nullptr;
  entry->frames = nullptr;
  entry->frame_count = 0;
  entry->truncated = 0;
  entry->skipped = 0;
  entry->mangled = true;
  entry->remote = false;
  entry->seen_before = false;
  return entry;
}

inline bool has_exception(const Node* node, std::uint64_t id) noexcept {
  for (const Detail* detail = node->details; detail != nullptr; detail = detail->next) {
    if (detail->kind == Detail::Kind::exception &&
        static_cast<const ExceptionDetail*>(detail)->id == id) {
      return true;
    }
  }
  return false;
}

inline void keep_stack(Node* node, ExceptionDetail* entry, void* const* frames,
                       StackTrace stack) noexcept {
  entry->truncated = stack.truncated;
  if (stack.count == 0) return;
  void* const memory = allocate(node, stack.count * sizeof(void*));
  if (memory == nullptr) {
    entry->truncated += stack.count;
    return;
  }
  std::memcpy(memory, frames, stack.count * sizeof(void*));
  entry->frames = static_cast<void* const*>(memory);
  entry->frame_count = stack.count;
}

inline void keep_stack_from(Node* node, ExceptionDetail* entry, const void* caller) noexcept {
  const std::size_t most = runtime()->settings().stack_frames;
  if (most == 0) return;
  void* frames[most_stack_frames];
  keep_stack(node, entry, frames, take_stack_trace(frames, most, caller));
}

/// The next exception of a chain: what it is nested in names it as its cause.
inline void append_nested(ExceptionDetail*& first, ExceptionDetail*& last,
                          ExceptionDetail* entry) noexcept {
  if (last != nullptr) last->nested = entry;
  if (first == nullptr) first = entry;
  last = entry;
}

/// An exception that somebody holds, and those nested in it. `caller`: where the stack begins,
/// unless the throw is known.
inline void record_cause(Node* node, const std::exception_ptr& exception,
                         const void* caller) noexcept {
  node->flags.fault = true;
  const std::uint32_t mark = mark_of(node);
  ExceptionDetail* first = nullptr;
  ExceptionDetail* last = nullptr;
  for_each_in_chain(exception, most_exceptions, [&](const Thrown& thrown) {
    const ExceptionNote own_note(thrown.object, thrown.type);
    const std::uint64_t id = own_note.id();
    if (first == nullptr && has_exception(node, id)) return false;
    const std::string_view type =
        thrown.type != nullptr ? std::string_view(thrown.type->name()) : std::string_view();
    ExceptionDetail* const entry = make_exception(node, id, type, thrown.message);
    if (entry == nullptr) return false;
    entry->skipped = thrown.skipped;
    const bool outermost = first == nullptr;
    append_nested(first, last, entry);
    if (!outermost) return true;
    ThrownNote* const note = thrown_note(id);
    entry->seen_before =
        own_note.recorded_in() == mark || (note != nullptr && note->recorded_in == mark);
    if (entry->seen_before) return false;
    if (note != nullptr) {
      keep_stack(node, entry, note->frames, note->stack);
      note->recorded_in = mark;
    } else {
      keep_stack_from(node, entry, caller);
    }
    own_note.set_recorded_in(mark);
    return true;
  });
  if (first != nullptr) link_detail(node, first, Detail::Kind::exception);
}

/// An exception that may never have been thrown.
inline void record_cause(Node* node, const std::exception& exception, const void* caller) noexcept {
  if (const std::exception_ptr current = handled(exception)) {
    record_cause(node, current, caller);
    return;
  }
  node->flags.fault = true;
#if defined(__cpp_rtti)
  const std::string_view type = typeid(exception).name();
  const auto* const holder = dynamic_cast<const std::nested_exception*>(&exception);
  const std::exception_ptr nested = holder != nullptr ? holder->nested_ptr() : nullptr;
#else
  const std::string_view type;
  const std::exception_ptr nested;
#endif
  ExceptionDetail* const entry =
      make_exception(node, random_id(thread_state), type, exception.what());
  if (entry == nullptr) return;
  keep_stack_from(node, entry, caller);
  ExceptionDetail* last = entry;
  if (nested) {
    for_each_in_chain(nested, most_exceptions - 1, [&](const Thrown& thrown) {
      const ExceptionNote note(thrown.object, thrown.type);
      ExceptionDetail* const inner = make_exception(
          node, note.id(),
          thrown.type != nullptr ? std::string_view(thrown.type->name()) : std::string_view(),
          thrown.message);
      if (inner == nullptr) return false;
      inner->skipped = thrown.skipped;
      last->nested = inner;
      last = inner;
      return true;
    });
  }
  link_detail(node, entry, Detail::Kind::exception);
}

inline void record_remote_cause(Node* node, std::string_view type,
                                std::string_view message) noexcept {
  node->flags.fault = true;
  ExceptionDetail* const entry = make_exception(node, random_id(thread_state), type, message);
  if (entry == nullptr) return;
  entry->mangled = false;
  entry->remote = true;
  link_detail(node, entry, Detail::Kind::exception);
}

/// What the throw hook noted of the exception that leaves `node` becomes its cause.
inline void record_noted_cause(Node* node, ThrownNote& note) noexcept {
  if (note.id == 0 || note.ticks < node->begin_ticks || has_exception(node, note.id)) return;
  const std::uint32_t mark = mark_of(node);
  const bool seen_before = note.recorded_in == mark;
  ExceptionDetail* first = nullptr;
  ExceptionDetail* last = nullptr;
  for (std::uint32_t at = 0; at < note.size;) {
    ThrownNote::Entry noted{};
    std::memcpy(&noted, note.texts + at, sizeof noted);
    const char* const texts = note.texts + at + sizeof noted;
    at += static_cast<std::uint32_t>(sizeof noted + noted.type_size + noted.message_size);
    ExceptionDetail* const entry = make_exception(node, noted.id, {texts, noted.type_size},
                                                  {texts + noted.type_size, noted.message_size});
    if (entry == nullptr) break;
    entry->skipped = noted.skipped;
    append_nested(first, last, entry);
    if (seen_before) break;
  }
  if (first == nullptr) return;
  first->seen_before = seen_before;
  if (note.cut) count(counters.strings_truncated);
  if (!seen_before) keep_stack(node, first, note.frames, note.stack);
  note.recorded_in = mark;
  link_detail(node, first, Detail::Kind::exception);
}

/// For destructors: whether an exception is on its way through, more than there were `before`; it
/// is recorded as the cause, as far as it is known. `node` may be null.
inline bool record_leaving_exception(Node* node, int before) noexcept {
  const int now = uncaught_exceptions(thread_state);
  if (__builtin_expect(static_cast<long>(now <= before), 1) != 0) return false;
  ThrownNotes* const notes = thread_state.thrown;
  if (node != nullptr && notes != nullptr && !notes->busy && now <= ThrownNotes::most) {
    record_noted_cause(node, notes->notes[now - 1]);
  }
  return true;
}

}  // namespace detail
XRAY_NAMESPACE_END
