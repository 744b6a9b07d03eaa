// Log lines that name the trace they belong to.
#include <xray/spdlog.hpp>
#include <xray/xray.hpp>

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>
#include <memory>

namespace {

void check_stock(spdlog::logger& log, int order) {
  const xray::Subsegment subsegment("check-stock");
  log.info("stock of order {} checked", order);  // the subsegment's id
}

}  // namespace

int main() {
  // Synchronous: flags in the pattern.
  const auto log =
      std::make_shared<spdlog::logger>("orders", std::make_shared<spdlog::sinks::stdout_sink_mt>());
  log->set_formatter(xray::make_log_formatter("%-5l %J %v"));

  log->info("ready");  // no segment: no ids
  for (int order = 1; order <= 2; ++order) {
    const xray::Segment segment("orders");
    log->info("order {} received", order);
    check_stock(*log, order);
  }

  // Asynchronous: the ids are taken on the thread that logs, and are part of the message.
  spdlog::init_thread_pool(1024, 1);
  const auto in_the_background = spdlog::create_async<spdlog::sinks::stdout_sink_mt>("mail");
  in_the_background->set_pattern("%-5l %v");
  const auto mail = xray::with_log_fields(in_the_background);
  {
    const xray::Segment segment("mail");
    mail->warn("the mail server is slow");
  }
  spdlog::shutdown();

  xray::shutdown(std::chrono::seconds(2));
  return 0;
}
