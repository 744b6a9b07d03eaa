#include "backlog/batch.hpp"

#include <gtest/gtest.h>

#include "backlog_test_tools.hpp"

namespace xrayd::backlog {
namespace {

TEST(Batch, some_of_its_documents_make_a_request_of_their_own) {
  Backlog backlog(roomy());
  offer(backlog, {R"({"a":"\"1"})", "T1S\n", "three", "{}"});
  backlog.close();
  auto batch = backlog.take(at_once());
  ASSERT_TRUE(batch);
  batch->attempts = 3;

  const Batch some = select(*batch, {1, 3});
  EXPECT_EQ(some.body, R"({"TraceSegmentDocuments":["T1S\n","{}"]})");
  ASSERT_EQ(some.documents.size(), 2U);
  EXPECT_EQ(some.document(0), R"(T1S\n)");
  EXPECT_EQ(some.document(1), "{}");
  EXPECT_EQ(some.attempts, 3);
  EXPECT_EQ(some.begun, batch->begun);
  EXPECT_EQ(select(*batch, {0, 1, 2, 3}).body, batch->body);
  backlog.done(std::move(*batch));
}

TEST(Batch, documents_that_go_back_alone_wait_alone) {
  Backlog backlog(roomy());
  offer(backlog, numbered(50));
  auto batch = backlog.take(at_once());
  ASSERT_TRUE(batch);
  Batch throttled = select(*batch, {7, 9});
  backlog.done(std::move(*batch));
  EXPECT_EQ(backlog.waiting(), 0U);
  backlog.put_back(std::move(throttled));
  EXPECT_EQ(backlog.waiting(), 2U);
  const auto wanted = numbered(50);
  EXPECT_EQ(drain(backlog), (std::vector<std::string>{wanted[7], wanted[9]}));
  EXPECT_EQ(backlog.waiting(), 0U);
  EXPECT_EQ(counter(backlog, "xrayd_queue_bytes"), 0);
}

}  // namespace
}  // namespace xrayd::backlog
