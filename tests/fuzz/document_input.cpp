// Any text as what is to be imported: read to its end, in bounded pieces, each on a line that there
// is.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands/document_input.hpp"
#include "local/document/segment_document.hpp"

namespace {

using xrayd::commands::InputItem;

void expect(bool condition) {
  if (!condition) std::abort();
}

std::vector<InputItem> read(std::string_view text) {
  std::istringstream input{std::string(text)};
  std::vector<InputItem> items;
  xrayd::commands::read_documents(input,
                                  [&](InputItem&& item) { items.push_back(std::move(item)); });
  return items;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines = static_cast<std::size_t>(1 + std::count(text.begin(), text.end(), '\n'));
  std::size_t last = 1;
  for (const InputItem& item : read(text)) {
    expect(item.line >= last && item.line <= lines);
    last = item.line;
    expect(item.fault.empty() || item.document.empty());
    // A document in an answer is a text with escapes: never longer than what it was written as.
    expect(item.document.size() <= size);
    expect(item.from_answer || item.document.size() <= xrayd::local::max_document_bytes + 1);
  }
  return 0;
}
