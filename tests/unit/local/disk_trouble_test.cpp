// A disk that takes nothing more: played by a limit on the size of files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "local/backend.hpp"
#include "temporary_directory.hpp"
#include "test_documents.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(DiskTrouble, is_told_and_over_when_there_is_room_again) {
  const TemporaryDirectory directory;
  BackendSettings settings;
  settings.data_dir = directory.path() / "data";
  const auto backend = Backend::open(settings);
  const std::string blob(50000, 'x');
  const auto large = [&](std::uint64_t n) {
    return segment_text(test_trace_id(n), 1, R"(,"metadata":{"a":{"b":")" + blob + "\"}}");
  };
  {
    const FileSizeLimit limit(60000);
    const auto answer = backend->call("/TraceSegments", put_body({large(1), large(2), large(3)}));
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.error_type, "InternalFailure");
    EXPECT_THAT(backend->trouble(), StartsWith("the store takes no writes: "));
    EXPECT_THAT(answer.body, HasSubstr("the store takes no writes"));
    // Where the store lies is nobody's business but the log's.
    EXPECT_THAT(backend->trouble(), Not(HasSubstr(directory.path().string())));
    EXPECT_THAT(answer.body, Not(HasSubstr(directory.path().string())));
    EXPECT_GE(counter(*backend, "xrayd_store_commit_errors_total"), 1);
    const auto text = large(4);
    const std::string_view body = text;
    backend->accept({&body, 1});
    // Reads go on.
    EXPECT_EQ(backend->call("/TraceSummaries", R"({"StartTime":0,"EndTime":1})").status, 200);
  }
  for (int i = 0; i < 1000 && !backend->trouble().empty(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(backend->trouble(), "");
  EXPECT_EQ(backend->call("/TraceSegments", put_body({large(5)})).status, 200);
  backend->drain(5s);
  const auto answer =
      backend->call("/Traces", R"({"TraceIds":[")" + test_trace_id(4).to_string() + "\"]}");
  EXPECT_NE(answer.body.find(test_trace_id(4).to_string()), std::string::npos);
  // What was answered with an error doesn't turn up later.
  EXPECT_EQ(counter(*backend, "xrayd_store_traces"), 2);
  EXPECT_EQ(counter(*backend, R"(xrayd_documents_dropped_total{reason="store_failed"})"), 3);
}

TEST(DiskTrouble, requests_that_fail_leave_nothing_behind) {
  const TemporaryDirectory directory;
  BackendSettings settings;
  settings.data_dir = directory.path() / "data";
  const auto backend = Backend::open(settings);
  const std::string blob(50000, 'x');
  const auto large = [&](std::uint64_t n) {
    return segment_text(test_trace_id(n), 1, R"(,"metadata":{"a":{"b":")" + blob + "\"}}");
  };
  constexpr std::uint64_t requests = 4;
  {
    const FileSizeLimit limit(60000);
    const auto text = large(1000);
    const std::string_view body = text;
    backend->accept({&body, 1});
    for (std::uint64_t n = 0; n < requests; ++n) {
      EXPECT_EQ(backend->call("/TraceSegments", put_body({large(n)})).status, 500);
    }
  }
  backend->drain(5s);
  EXPECT_EQ(counter(*backend, R"(xrayd_documents_dropped_total{reason="store_failed"})"),
            static_cast<std::int64_t>(requests));
  EXPECT_EQ(counter(*backend, "xrayd_documents_received_total"),
            static_cast<std::int64_t>(requests) + 1);
  EXPECT_EQ(counter(*backend, "xrayd_documents_stored_total"), 1);
}

}  // namespace
}  // namespace xrayd::local
