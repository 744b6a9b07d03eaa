#include "clients/curl/trace_headers.hpp"

#include <xray/propagation.hpp>

#include "aws/text.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {
namespace {

// libcurl takes a line without a value for the wish not to send a header of that name.
char nothing[] = "X-Amzn-Trace-Id:";
constexpr char end_of_line = '\0';

bool is_line_of(std::string_view line, std::string_view name) noexcept {
  return line.size() > name.size() &&
         instrumentation::equal_ignoring_case(line.substr(0, name.size()), name) &&
         (line[name.size()] == ':' || line[name.size()] == ';');
}

}  // namespace

bool has_trace_header(const Slist* list) noexcept {
  for (; list != nullptr; list = list->next) {
    if (list->data == nullptr) continue;
    const char first = instrumentation::lower(list->data[0]);
    if (first != 'x' && first != 't') continue;
    const std::string_view line(list->data);
    if (is_line_of(line, trace_header_name) || is_line_of(line, traceparent_name)) return true;
  }
  return false;
}

void TraceHeaders::add(std::string_view name, std::string_view value) noexcept {
  if (count_ == nodes_.size()) return;
  const std::size_t begin = text_.size();
  text_.append(name);
  text_.append(": ");
  text_.append(value);
  if (!text_.append({&end_of_line, 1})) return;
  nodes_[count_++].data = const_cast<char*>(text_.data() + begin);
}

bool TraceHeaders::write(const TraceHeader& header) noexcept {
  count_ = 0;
  text_ = {};
  inject(header, [this](std::string_view name, std::string_view value) { add(name, value); });
  return count_ != 0;
}

Slist* TraceHeaders::in_front_of(Slist* users) noexcept {
  for (std::size_t i = 0; i + 1 < count_; ++i) nodes_[i].next = &nodes_[i + 1];
  nodes_[count_ - 1].next = users;
  return nodes_.data();
}

void TraceHeaders::silence() noexcept {
  for (Slist& node : nodes_) node.data = nothing;
}

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
