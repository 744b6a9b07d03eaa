#include "forward/upload_counters.hpp"

#include <gtest/gtest.h>

#include <string>

#include "fake_service.hpp"

namespace xrayd::forward {
namespace {

aws::RequestOutcome outcome(aws::RequestEnd end, int status = 0, std::string_view code = {}) {
  aws::RequestOutcome result;
  result.end = end;
  result.status = status;
  result.error_code = code;
  return result;
}

TEST(UploadCounters, each_end_of_a_request_has_its_class) {
  using aws::RequestEnd;
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::refused))), "refused");
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::cut))), "cut");
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::timed_out))), "timeout");
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::unknown_host))), "unknown_host");
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::not_trusted))), "not_trusted");
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::malformed_answer))), "malformed");
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::answered, 429))), "throttled");
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::answered, 400, "ThrottledException"))),
            "throttled");
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::answered, 400))), "4xx");
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::answered, 503))), "5xx");
  EXPECT_EQ(to_string(failure_class(outcome(RequestEnd::answered, 302))), "malformed");
}

TEST(UploadCounters, codes_of_rejected_documents_are_bounded_and_plain) {
  UploadCounters counters;
  for (int i = 0; i < 100; ++i) counters.rejected("Code" + std::to_string(i));
  counters.rejected("two words\"");
  counters.rejected("");
  CounterRows rows;
  counters.report(rows);
  int codes = 0;
  for (const CounterRow& row : rows) {
    if (row.name == "xrayd_forward_documents_rejected_total") ++codes;
  }
  EXPECT_EQ(codes, 17);
  EXPECT_EQ(row_sum(rows, "xrayd_forward_documents_rejected_total"), 102);
  EXPECT_EQ(row_sum(rows, "xrayd_forward_documents_rejected_total", "code=\"other\""), 86);
}

TEST(UploadCounters, telemetry_counts_what_was_lost_as_rejected) {
  UploadCounters counters;
  counters.sent(40);
  counters.rejected("X");
  counters.lost(FailureClass::status_4xx, 9);
  counters.failure(FailureClass::status_4xx);
  counters.failure(FailureClass::throttled);
  counters.failure(FailureClass::cut);
  counters.failure(FailureClass::timeout);
  const UploadTotals totals = counters.totals();
  EXPECT_EQ(totals.sent, 40U);
  EXPECT_EQ(totals.rejected, 10U);
  EXPECT_EQ(totals.status_4xx, 2U);
  EXPECT_EQ(totals.timeouts, 1U);
  EXPECT_EQ(totals.other, 1U);
}

}  // namespace
}  // namespace xrayd::forward
