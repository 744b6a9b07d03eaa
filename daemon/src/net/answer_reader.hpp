// An HTTP/1.1 answer out of the bytes that came, wherever they came from.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "net/http_client.hpp"

namespace xrayd::net {

/// What the answer is to, for that decides whether a body follows.
enum class AnswerTo { request, head_request, tunnel };

/// Limits: 16 KB of header lines, `longest_body`. Interim answers (1xx) are passed over.
class AnswerReader {
 public:
  enum class State { more, done, malformed };

  AnswerReader(std::size_t longest_body, AnswerTo kind);
  AnswerReader(const AnswerReader&) = delete;
  AnswerReader& operator=(const AnswerReader&) = delete;
  ~AnswerReader();

  /// Where the next bytes go, never empty; then commit() what came.
  [[nodiscard]] std::span<char> room();
  /// After anything but `more`, nothing further may come.
  State commit(std::size_t size);
  /// The stream has ended: done if that is how this answer ends, otherwise it was cut (`more`).
  [[nodiscard]] State end();

  /// Whether a byte of the answer came.
  [[nodiscard]] bool has_begun() const;
  /// Whether bytes came after the answer.
  [[nodiscard]] bool has_rest() const;
  /// Whether another request may follow on the connection: the answer allows it, and nothing came
  /// after it.
  [[nodiscard]] bool keep_alive() const;
  /// Why it is malformed; nothing of the answer's text is in it.
  [[nodiscard]] std::string problem() const;
  /// The answer once it is done; once.
  [[nodiscard]] HttpResponse take();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xrayd::net
