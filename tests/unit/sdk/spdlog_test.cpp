#include <xray/spdlog.hpp>
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <spdlog/async.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <sstream>
#include <string>

#include "support/documents.hpp"

using support::Capture;

namespace {

struct Log {
  std::ostringstream text;
  std::shared_ptr<spdlog::sinks::ostream_sink_mt> sink =
      std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
  spdlog::logger logger{"test", sink};

  explicit Log(const std::string& pattern) {
    logger.set_formatter(xray::make_log_formatter(pattern));
  }
  std::string take() {
    std::string all = text.str();
    text.str("");
    if (!all.empty() && all.back() == '\n') all.pop_back();
    return all;
  }
};

}  // namespace

TEST(Spdlog, flags_give_the_fields_and_each_id_alone) {
  const Capture capture;
  Log log("%J|%K|%Q|%v");
  const xray::Segment segment("s");
  const xray::Subsegment subsegment("t");
  log.logger.info("text");
  const std::string trace = segment.trace_id().to_string();
  const std::string id = subsegment.id().to_string();
  EXPECT_EQ(log.take(),
            "AWS-XRAY-TRACE-ID: " + trace + "@" + id + "|" + trace + "|" + id + "|text");
}

TEST(Spdlog, flags_are_empty_without_a_segment) {
  const Capture capture;
  Log log("[%J][%K][%Q] %v");
  log.logger.info("text");
  EXPECT_EQ(log.take(), "[][][] text");
}

TEST(Spdlog, flags_survive_the_cloning_of_a_formatter_for_several_sinks) {
  const Capture capture;
  Log one("%v");
  Log two("%v");
  spdlog::logger logger("both", {one.sink, two.sink});
  logger.set_formatter(xray::make_log_formatter("%K"));
  const xray::Segment segment("s");
  logger.warn("text");
  EXPECT_EQ(one.take(), segment.trace_id().to_string().view());
  EXPECT_EQ(two.take(), segment.trace_id().to_string().view());
}

TEST(Spdlog, flags_join_a_formatter_that_has_others) {
  const Capture capture;
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  xray::add_log_flags(*formatter);
  formatter->set_pattern("%l %Q %v");
  Log log("%v");
  log.logger.set_formatter(std::move(formatter));
  const xray::Segment segment("s");
  log.logger.error("text");
  EXPECT_EQ(log.take(), "error " + segment.id().to_string().str() + " text");
}

TEST(Spdlog, asynchronous_loggers_format_where_no_segment_is_current) {
  const Capture capture;
  Log log("%J%v");
  {
    auto pool = std::make_shared<spdlog::details::thread_pool>(64, 1);
    const auto async = std::make_shared<spdlog::async_logger>("async", log.sink, pool);
    const xray::Segment segment("s");
    async->info("text");
    pool.reset();  // it ends when it has written; before the logger, which it shares
  }
  EXPECT_EQ(log.take(), "text");
}

TEST(Spdlog, with_log_fields_takes_them_on_the_thread_that_logs) {
  const Capture capture;
  Log log("%n %l %s %v");
  std::string expected;
  {
    auto pool = std::make_shared<spdlog::details::thread_pool>(64, 1);
    const auto async = std::make_shared<spdlog::async_logger>("async", log.sink, pool);
    const auto logger = xray::with_log_fields(async);
    {
      const xray::Segment segment("s");
      expected = "async warning here.cpp " + xray::log_fields().str() + " one 1\n";
      logger->log(spdlog::source_loc{"here.cpp", 7, "f"}, spdlog::level::warn, "one {}", 1);
    }
    expected += "async info  two";
    logger->info("two");
    logger->debug("not at this level");
    pool.reset();
  }
  EXPECT_EQ(log.take(), expected);
}
