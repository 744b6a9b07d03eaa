// A program that traces, for tests of the way to the daemon. Takes the daemon's address and a name
// of 16 hexadecimal digits for its traces; obeys lines on standard input and answers each by one:
//   record FIRST COUNT   records COUNT segments; the i-th has the trace id 1-TIME-NAME<i in 8
//   digits> flush MILLISECONDS   1 or 0 statistics           documents_sent, dropped_queue_full,
//   dropped_send_failed
#include <xray/xray.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

std::string trace_id(const std::string& time_and_name, unsigned number) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%08x", number);
  return "1-" + time_and_name + digits;
}

void record(const std::string& time_and_name, unsigned first, unsigned count) {
  const std::string text(700, 'x');
  for (unsigned i = first; i < first + count; ++i) {
    xray::Segment segment(
        "traced-program",
        xray::TraceHeader::parse("Root=" + trace_id(time_and_name, i) + ";Sampled=1"));
    segment.add_annotation("text", text);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  xray::Configuration configuration;
  configuration.daemon_address = argv[1];
  configuration.queue_capacity = 32768;
  if (const auto problem = xray::configure(configuration)) {
    std::cerr << problem.message << '\n';
    return 2;
  }
  std::string word;
  while (std::cin >> word) {
    if (word == "record") {
      unsigned first = 0;
      unsigned count = 0;
      std::cin >> first >> count;
      record(argv[2], first, count);
      std::cout << "recorded" << std::endl;
    } else if (word == "flush") {
      long milliseconds = 0;
      std::cin >> milliseconds;
      std::cout << xray::flush(std::chrono::milliseconds(milliseconds)) << std::endl;
    } else if (word == "statistics") {
      const xray::Statistics statistics = xray::statistics();
      std::cout << statistics.documents_sent << ' ' << statistics.dropped_queue_full << ' '
                << statistics.dropped_send_failed << std::endl;
    } else {
      return 2;
    }
  }
  return 0;
}
