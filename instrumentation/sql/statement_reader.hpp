// How the sanitiser moves on: what it reads stays as it is, becomes a literal, or is dropped.
#pragma once

#include <cstddef>
#include <string_view>

#include <xray/config.hpp>

#include "sql/bounded_text.hpp"
#include "sql/quoting.hpp"
#include "sql/statement_output.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

/// What stays as it is gathers in a run (`run_` to `at_`) and is copied at once. A run never begins
/// with a space.
class StatementReader {
 protected:
  StatementReader(std::string_view text, BoundedText& out) noexcept : text_(text), out_(out) {}

  [[nodiscard]] char peek(std::size_t ahead) const noexcept { return at(text_, at_ + ahead); }
  [[nodiscard]] bool run_is_empty() const noexcept { return run_ == at_; }

  void flush_to(std::size_t end) noexcept {
    out_.text(text_.substr(run_, end - run_));
    run_ = end;
  }
  void flush() noexcept { flush_to(at_); }

  /// Goes on at `end`; what lies between is shown no more.
  void skip_to(std::size_t end) noexcept { at_ = run_ = end; }

  void literal_to(std::size_t end) noexcept {
    flush();
    out_.literal();
    skip_to(end);
  }

  /// Nobody knows where this ends: it all goes.
  void swallow_rest() noexcept { literal_to(text_.size()); }

  void literal_or_rest(std::size_t end) noexcept {
    if (end == no_end) {
      swallow_rest();
    } else {
      literal_to(end);
    }
  }

  /// A name in quotes, which stays.
  void keep_to(std::size_t end) noexcept {
    if (end == no_end) {
      swallow_rest();
    } else {
      at_ = end;
    }
  }

  void comment_to(std::size_t end) noexcept {
    if (end == no_end) {
      swallow_rest();
      return;
    }
    flush();
    out_.space();
    skip_to(end);
  }

  std::string_view text_;
  StatementOutput out_;
  std::size_t at_ = 0;
  std::size_t run_ = 0;
};

}  // namespace sql
XRAY_NAMESPACE_END
