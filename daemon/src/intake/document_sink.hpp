// The one interface between intake and what becomes of documents (local store; later, forwarding).
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

namespace xrayd::intake {

/// Takes the documents that intake accepted.
class DocumentSink {
 public:
  DocumentSink() = default;
  DocumentSink(const DocumentSink&) = delete;
  DocumentSink& operator=(const DocumentSink&) = delete;
  virtual ~DocumentSink() = default;

  /// Takes the bodies of one burst of datagrams, in order of arrival; each is what followed the
  /// header line, byte for byte, and is valid only during the call. Called from intake's thread: it
  /// must not block on disk or network. A sink that is full drops its oldest documents and counts
  /// them.
  virtual void accept(std::span<const std::string_view> bodies) noexcept = 0;

  /// False when a source that can make its senders wait should. What is accepted all the same is
  /// taken as ever. From any thread.
  [[nodiscard]] virtual bool has_room() const noexcept { return true; }

  /// The longest body that the sink can make use of, in bytes; always the same.
  [[nodiscard]] virtual std::size_t longest_body() const noexcept {
    return std::numeric_limits<std::size_t>::max();
  }
};

}  // namespace xrayd::intake
