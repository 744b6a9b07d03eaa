#include "local/otlp/stack_trace.hpp"

#include <charconv>
#include <optional>
#include <system_error>

#include "ascii.hpp"

namespace xrayd::local {
namespace {

constexpr auto nowhere = std::string_view::npos;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == nowhere) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// The digits at the front.
std::int64_t leading_number(std::string_view text) {
  std::int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} && number > 0 ? number : 0;
}

// `path:12:7` and `path:12`.
void read_place(std::string_view place, StackFrame& frame) {
  frame.path = place;
  for (int numbers = 0; numbers < 2; ++numbers) {
    const std::size_t colon = frame.path.rfind(':');
    if (colon == nowhere || colon + 1 == frame.path.size()) return;
    const std::string_view number = frame.path.substr(colon + 1);
    if (number.find_first_not_of("0123456789") != nowhere) return;
    frame.line = leading_number(number);
    frame.path = frame.path.substr(0, colon);
  }
}

// `in /src/a.cs:line 12` behind .NET's function.
std::optional<StackFrame> dotnet_frame(std::string_view rest) {
  constexpr std::string_view in = ") in ";
  constexpr std::string_view line = ":line ";
  const std::size_t at = rest.find(in);
  if (at == nowhere) return std::nullopt;
  StackFrame frame;
  frame.label = rest.substr(0, at + 1);
  frame.path = rest.substr(at + in.size());
  if (const std::size_t number = frame.path.rfind(line); number != nowhere) {
    frame.line = leading_number(frame.path.substr(number + line.size()));
    frame.path = frame.path.substr(0, number);
  }
  return frame;
}

// `at function(place)` of Java, PHP's `at`, `at function (place)` and `at place` of JavaScript.
StackFrame at_frame(std::string_view rest) {
  if (const auto frame = dotnet_frame(rest)) return *frame;
  StackFrame frame;
  const std::size_t open = rest.rfind('(');
  if (open != nowhere && rest.ends_with(')')) {
    frame.label = trimmed(rest.substr(0, open));
    read_place(rest.substr(open + 1, rest.size() - open - 2), frame);
  } else {
    read_place(rest, frame);
  }
  return frame;
}

// `File "a.py", line 12, in function`
StackFrame python_frame(std::string_view rest) {
  StackFrame frame;
  const std::size_t quote = rest.find('"');
  frame.path = rest.substr(0, quote);
  constexpr std::string_view line = ", line ";
  if (const std::size_t at = rest.find(line); at != nowhere) {
    frame.line = leading_number(rest.substr(at + line.size()));
  }
  constexpr std::string_view in = ", in ";
  if (const std::size_t at = rest.rfind(in); at != nowhere)
    frame.label = rest.substr(at + in.size());
  return frame;
}

// `#0 /src/a.php(12): function()`
std::optional<StackFrame> php_frame(std::string_view line) {
  const std::size_t blank = line.find(' ');
  if (blank == nowhere || blank < 2 || !is_digit(line[1])) return std::nullopt;
  const std::string_view rest = line.substr(blank + 1);
  StackFrame frame;
  const std::size_t close = rest.find("): ");
  const std::size_t open = close == nowhere ? nowhere : rest.rfind('(', close);
  if (open == nowhere) {
    frame.label = rest;
  } else {
    frame.path = rest.substr(0, open);
    frame.line = leading_number(rest.substr(open + 1));
    frame.label = rest.substr(close + 3);
  }
  return frame;
}

class Parser {
 public:
  std::vector<PrintedException> parse(std::string_view text) {
    exceptions_.emplace_back();
    std::string_view before;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view whole = text.substr(0, end);
      text.remove_prefix(end == nowhere ? text.size() : end + 1);
      read_line(whole, before);
      before = trimmed(whole);
    }
    return std::move(exceptions_);
  }

 private:
  void read_line(std::string_view whole, std::string_view before) {
    constexpr std::string_view at = "at ";
    constexpr std::string_view file = "File \"";
    const std::string_view line = trimmed(whole);
    if (line.starts_with(at)) {
      add(at_frame(line.substr(at.size())));
    } else if (line.starts_with(file)) {
      add(python_frame(line.substr(file.size())));
    } else if (line.starts_with('#')) {
      if (const auto frame = php_frame(line)) add(*frame);
    } else if (line.starts_with("Caused by: ")) {
      begin_cause(line.substr(line.find(':') + 2));
    } else if (whole.starts_with('\t') && line.find(".go:") != nowhere) {
      // Go: the function, and where it is in the line below.
      StackFrame frame;
      read_place(line.substr(0, line.find(" +")), frame);
      frame.label = before;
      add(frame);
    }
  }

  void begin_cause(std::string_view text) {
    if (exceptions_.size() > max_causes) return;
    PrintedException cause;
    const std::size_t colon = text.find(": ");
    cause.type = text.substr(0, colon);
    if (colon != nowhere) cause.message = text.substr(colon + 2);
    exceptions_.push_back(std::move(cause));
  }

  void add(const StackFrame& frame) {
    auto& exception = exceptions_.back();
    if (exception.frames.size() < max_stack_frames) {
      exception.frames.push_back(frame);
    } else {
      ++exception.skipped;
    }
  }

  std::vector<PrintedException> exceptions_;
};

}  // namespace

std::vector<PrintedException> read_stack_trace(std::string_view text) {
  return Parser().parse(text);
}

}  // namespace xrayd::local
