// What `xrayd import` reads: segment documents, one a line, or answers of BatchGetTraces.
#pragma once

#include <cstddef>
#include <functional>
#include <istream>
#include <string>

namespace xrayd::commands {

struct InputItem {
  /// Where it is, or ends; from 1.
  std::size_t line = 1;
  /// May be a segment document.
  std::string document;
  /// Not empty: there is none, and why.
  std::string fault;
  /// From an answer of BatchGetTraces, which also has segments that X-Ray inferred.
  bool from_answer = false;
};

/// Calls `use` for each, in order. A line is a document; so is an object that begins with a brace
/// alone in its line, until it ends; an object whose first member is one of BatchGetTraces' answer
/// is such an answer, on however many lines. Blank lines count as none. What comes behind an object
/// that is broken or too large is passed over. Memory: some MiB, whatever the input.
void read_documents(std::istream& input, const std::function<void(InputItem&&)>& use);

}  // namespace xrayd::commands
