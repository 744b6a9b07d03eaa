// What it costs to have libcurl's calls traced, by calls that need no network: options, and a
// request that libcurl refuses at once, for want of a protocol that it may use; and by one that a
// server on loopback answers, over one connection.
//
//     bench_curl --benchmark_repetitions=7 --benchmark_report_aggregates_only=true
//
// `ns_each` is the CPU time of the calling thread a call. What tracing costs is the difference to
// `unpatched`; of a sampled call, less the subsegment that a program would write by hand:
// `failed_subsegment` and `answered_subsegment` say the same as ours, `empty_subsegment` nothing.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include <xray/xray.hpp>

#include "client_calls.hpp"

namespace {

using bench::How;
using bench::measure_calls_alone;
using bench::Patched;

/// Answers every request with 204, over as few connections as its client wants.
class Server {
 public:
  Server() : listening_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listening_, generic, size) != 0 || listen(listening_, 8) != 0 ||
        getsockname(listening_, generic, &size) != 0) {
      std::abort();
    }
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/path?query";
    // Ends with the process.
    std::thread([this] {
      while (true) serve(accept(listening_, nullptr, nullptr));
    }).detach();
  }

  [[nodiscard]] const char* url() const { return url_.c_str(); }

 private:
  static void serve(int connection) {
    constexpr std::string_view answer = "HTTP/1.1 204 No Content\r\n\r\n";
    char request[4096];
    while (recv(connection, request, sizeof request, 0) > 0) {  // one at a time, and small
      if (send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
    close(connection);
  }

  int listening_;
  std::string url_;
};

constexpr const char* nowhere = "http://service.example/path?query";

/// Set up for a request that fails before anything is sent, or for one to a server.
class Handle {
 public:
  explicit Handle(const char* url = nowhere) : handle_(curl_easy_init()) {
    set(CURLOPT_URL, url);
    if (url == nowhere) set(CURLOPT_PROTOCOLS_STR, "ftp");
    lines_ = curl_slist_append(lines_, "Accept: application/json");
    lines_ = curl_slist_append(lines_, "Content-Type: application/json");
    set(CURLOPT_HTTPHEADER, lines_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    curl_easy_cleanup(handle_);
    curl_slist_free_all(lines_);
  }

  template <typename Value>
  void set(CURLoption option, Value value) {
    benchmark::DoNotOptimize(curl_easy_setopt(handle_, option, value));
  }
  void add_line(const char* line) {
    lines_ = curl_slist_append(lines_, line);
    set(CURLOPT_HTTPHEADER, lines_);
  }
  void perform() { benchmark::DoNotOptimize(curl_easy_perform(handle_)); }

 private:
  CURL* handle_;
  curl_slist* lines_ = nullptr;
};

void perform(benchmark::State& state, How how) {
  const Patched patched("curl", how);
  Handle handle;
  measure_calls_alone(state, how, [&handle] { handle.perform(); });
}

void perform_answered(benchmark::State& state, How how) {
  static auto& server = *new Server;
  const Patched patched("curl", how);
  Handle handle(server.url());
  handle.perform();  // connects
  measure_calls_alone(state, how, [&handle] { handle.perform(); });
}

/// What libcurl itself takes for one more header.
void perform_answered_with_header(benchmark::State& state, How how) {
  static auto& server = *new Server;
  Handle handle(server.url());
  handle.add_line(
      "X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;"
      "Sampled=1");
  handle.perform();
  measure_calls_alone(state, how, [&handle] { handle.perform(); });
}

/// An option that does not matter to us, and two that do.
void set_timeout(benchmark::State& state, How how) {
  const Patched patched("curl", how);
  Handle handle;
  measure_calls_alone(state, how, [&handle] { handle.set(CURLOPT_TIMEOUT_MS, 500L); });
}

void set_post(benchmark::State& state, How how) {
  const Patched patched("curl", how);
  Handle handle;
  measure_calls_alone(state, how, [&handle] { handle.set(CURLOPT_POST, 1L); });
}

void set_url(benchmark::State& state, How how) {
  const Patched patched("curl", how);
  Handle handle;
  measure_calls_alone(state, how,
                      [&handle] { handle.set(CURLOPT_URL, "http://service.example/path"); });
}

void init_and_cleanup(benchmark::State& state, How how) {
  const Patched patched("curl", how);
  measure_calls_alone(state, how, [] { curl_easy_cleanup(curl_easy_init()); });
}

/// What a program would write by hand, at the least.
void empty_subsegment(benchmark::State& state, How how) {
  measure_calls_alone(state, how, [] {
    const xray::Subsegment subsegment("service.example", xray::Namespace::remote);
    benchmark::DoNotOptimize(&subsegment);
  });
}

void failed_subsegment(benchmark::State& state, How how) {
  measure_calls_alone(state, how, [] {
    xray::Subsegment subsegment("service.example", xray::Namespace::remote);
    xray::HttpRequest request;
    request.method = "GET";
    request.url = "http://service.example/path";
    subsegment.set_http_request(request);
    subsegment.add_remote_exception("CURLE_UNSUPPORTED_PROTOCOL", "Unsupported protocol");
    subsegment.add_metadata("total_ms", 0.017, "http");
  });
}

void answered_subsegment(benchmark::State& state, How how) {
  measure_calls_alone(state, how, [] {
    xray::Subsegment subsegment("127.0.0.1", xray::Namespace::remote);
    xray::HttpRequest request;
    request.method = "GET";
    request.url = "http://127.0.0.1:12345/path";
    subsegment.set_http_request(request);
    subsegment.set_http_response(204, 0);
    subsegment.add_metadata("reused_connection", true, "http");
    subsegment.add_metadata("first_byte_ms", 0.123, "http");
    subsegment.add_metadata("total_ms", 0.234, "http");
    subsegment.add_metadata("remote_ip", "127.0.0.1", "http");
  });
}

void add(const char* name, void (*function)(benchmark::State&, How)) {
  constexpr struct {
    const char* name;
    How how;
  } ways[] = {{"unpatched", How::unpatched},
              {"no_segment", How::no_segment},
              {"unsampled", How::unsampled},
              {"sampled", How::sampled}};
  for (const auto& way : ways) {
    benchmark::RegisterBenchmark((std::string(name) + "/" + way.name).c_str(), function, way.how)
        ->UseManualTime();
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::discard_documents();
  curl_global_init(CURL_GLOBAL_DEFAULT);
  add("perform", perform);
  add("perform_answered", perform_answered);
  add("set_timeout", set_timeout);
  add("set_post", set_post);
  add("set_url", set_url);
  add("init_and_cleanup", init_and_cleanup);
  benchmark::RegisterBenchmark("perform_answered/unpatched_with_header",
                               perform_answered_with_header, How::unpatched)
      ->UseManualTime();
  benchmark::RegisterBenchmark("empty_subsegment", empty_subsegment, How::sampled)->UseManualTime();
  benchmark::RegisterBenchmark("failed_subsegment", failed_subsegment, How::sampled)
      ->UseManualTime();
  benchmark::RegisterBenchmark("answered_subsegment", answered_subsegment, How::sampled)
      ->UseManualTime();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
