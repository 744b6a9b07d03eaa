#include "app/doctor.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/aws_side.hpp"
#include "aws/sigv4.hpp"
#include "config/log.hpp"
#include "counter_row.hpp"
#include "forward/service_call.hpp"
#include "intake/udp_socket.hpp"
#include "startup_error.hpp"

namespace xrayd::app {
namespace {

using namespace std::chrono_literals;

/// Prints findings and remembers whether one of them was bad.
class Report {
 public:
  void good(std::string_view text) { print("ok  ", text); }
  void remark(std::string_view text) { print("note", text); }
  void bad(std::string_view text) {
    failed_ = true;
    print("BAD ", text);
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  static void print(std::string_view mark, std::string_view text) {
    const std::string line = std::string(mark) + "  " + log::printable(text) + "\n";
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
  }
  bool failed_ = false;
};

bool daemon_answers_at(const config::Address& address, const net::Network& network) {
  aws::Endpoint endpoint;
  endpoint.tls = false;
  endpoint.host = address.host.empty() ? "127.0.0.1" : address.host;
  endpoint.port = address.port;
  net::ClientSettings settings;
  settings.through_proxy = false;
  const auto client = network.client(settings);
  net::HttpRequest request;
  request.method = "GET";
  request.target = "/healthz";
  const net::HttpResult result = client->send(endpoint, request, 2s);
  return result.end == aws::RequestEnd::answered && result.response.status == 200;
}

void look_at_buffer(const intake::UdpSocket& socket, Report& report) {
  constexpr std::uint64_t comfortable = std::uint64_t{4} << 20U;
  const std::string granted =
      "socket buffer: the system grants " + std::to_string(socket.granted_buffer()) + " bytes";
  if (socket.granted_buffer() >= comfortable) {
    report.good(granted);
  } else {
    report.remark(granted + ", so bursts may be lost: sysctl -w net.core.rmem_max=4194304");
  }
}

void look_at_addresses(const config::Options& options, const net::Network& network,
                       Report& report) {
  const std::string udp = "udp " + config::to_string(options.udp);
  try {
    const intake::UdpSocket socket(options.udp);
    report.good(udp + " is free");
    look_at_buffer(socket, report);
  } catch (const StartupError& problem) {
    if (daemon_answers_at(options.tcp, network)) {
      report.good(udp + " is taken, and a daemon answers at tcp " + config::to_string(options.tcp));
    } else {
      report.bad(problem.what());
    }
  }
}

void look_at_service(const config::Options& options, const aws::Endpoint& endpoint,
                     aws::CredentialsSource& credentials, const net::Network& network,
                     Report& report) {
  constexpr std::string_view body = R"({"TraceSegmentDocuments":[]})";
  forward::AwsClock clock;
  const forward::Service service{endpoint, credentials, clock, "xrayd/" XRAYD_VERSION " doctor"};
  const std::string hash = aws::sha256_hex(body);
  const std::string id = forward::make_invocation_id();
  const auto client = network.client();
  forward::ServiceRequest request{"/TraceSegments", body, hash, id, 1, 1};
  forward::ServiceAnswer answer =
      call_service(service, *client, request, options.forward.request_timeout + 3s);
  if (answer.http.end == aws::RequestEnd::answered &&
      clock.correct(answer.http.response.header("Date"), answer.signed_for)) {
    report.remark("this machine's clock is minutes off AWS's; the daemon corrects for it");
    answer = call_service(service, *client, request, options.forward.request_timeout + 3s);
  }
  const int status = answer.http.response.status;
  if (answer.http.end != aws::RequestEnd::answered) {
    report.bad("X-Ray does not answer: " + answer.description());
  } else if (status == 200 || status == 400) {
    // A batch without segments is no proper one, but only who is let in is told so.
    report.good("X-Ray answers and takes the signature");
  } else {
    report.bad("X-Ray answers, but refuses: " + answer.description());
  }
}

/// Null if the first look found none; it takes some seconds where places don't answer.
std::shared_ptr<const aws::CredentialsLease> first_of(credentials::Keeper& keeper) {
  const auto deadline = std::chrono::steady_clock::now() + 15s;
  while (true) {
    const auto now = std::chrono::steady_clock::now();
    if (auto lease = keeper.newer_than(nullptr, std::min(now + 100ms, deadline))) return lease;
    CounterRows rows;
    keeper.report(rows);
    const bool looked = std::any_of(rows.begin(), rows.end(), [](const CounterRow& row) {
      return row.name == "xrayd_credentials_failures_total" && row.value > 0;
    });
    if (looked || now >= deadline) return nullptr;
  }
}

void look_at_aws(const config::Options& options, const net::Network& network, Report& report) {
  const std::string region = region_of(region_question(options, network));
  report.good("region: " + region);
  const aws::Endpoint endpoint = xray_endpoint(options, region);
  report.good("endpoint: " + endpoint.url());

  credentials::Keeper keeper(keeper_settings(options, network));
  keeper.start(region);
  const auto lease = first_of(keeper);
  if (!lease) {
    report.bad("credentials: " + keeper.trouble());
    return;
  }
  std::string found = "credentials: from " + lease->origin;
  if (lease->expires) {
    const auto left = std::chrono::duration_cast<std::chrono::minutes>(
        *lease->expires - std::chrono::system_clock::now());
    found += ", good for " + std::to_string(left.count()) + " minutes";
  }
  report.good(found);
  look_at_service(options, endpoint, keeper, network, report);
}

}  // namespace

int examine(const config::Options& options) {
  // What the parts have to say is said by the report.
  log::Settings silent;
  silent.file = "/dev/null";
  log::configure(silent);
  Report report;
  for (const config::Remark& remark : options.remarks) report.remark(remark.text);
  try {
    const net::Network network(network_settings(options));
    look_at_addresses(options, network, report);
    if (options.backend != config::BackendKind::local) look_at_aws(options, network, report);
  } catch (const StartupError& problem) {
    report.bad(problem.what());
  } catch (const aws::EndpointError& problem) {
    report.bad(problem.what());
  }
  std::fputs(report.failed() ? "something is missing\n" : "all is well\n", stdout);
  return report.failed() ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace xrayd::app
