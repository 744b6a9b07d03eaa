// Hands documents to two sinks: what `--backend both` means to intake.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "intake/document_sink.hpp"

namespace xrayd::app {

/// Each sink takes every document; one that is full drops and counts by itself, the other's copy
/// stays. Both must outlive this.
class TeeSink final : public intake::DocumentSink {
 public:
  TeeSink(DocumentSink& first, DocumentSink& second) : first_(first), second_(second) {}

  void accept(std::span<const std::string_view> bodies) noexcept override {
    first_.accept(bodies);
    second_.accept(bodies);
  }
  [[nodiscard]] bool has_room() const noexcept override {
    return first_.has_room() && second_.has_room();
  }
  /// What either can use; the other one counts what is too long for it.
  [[nodiscard]] std::size_t longest_body() const noexcept override {
    return std::max(first_.longest_body(), second_.longest_body());
  }

 private:
  DocumentSink& first_;
  DocumentSink& second_;
};

}  // namespace xrayd::app
