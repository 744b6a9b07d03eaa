#include "local/live/live_traces.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store_fixture.hpp"

namespace xrayd::local {
namespace {

using namespace std::chrono_literals;

class LiveTracesTest : public testing::Test {
 protected:
  LiveTraces::Counts add(const std::vector<std::string>& texts) {
    std::vector<SegmentDocument> documents;
    std::vector<std::string_view> views(texts.begin(), texts.end());
    for (const auto& text : texts) documents.push_back(document_of(text));
    return live_.add(std::move(documents), journals_.append(0, views), 0, now_,
                     [this](const TraceId&) { return stored_before_; });
  }

  std::vector<std::uint64_t> due(Pressure pressure = Pressure::none,
                                 std::size_t max_documents = 1000) {
    std::vector<std::uint64_t> ids;
    for (const auto& trace : live_.due(now_, pressure, max_documents, 1U << 20U)) {
      ids.push_back(trace.id.low());
    }
    return ids;
  }

  void store_all() {
    const auto traces = live_.due(now_, Pressure::everything, 1000, 1U << 20U);
    std::vector<StoredMoment> moments;
    for (const auto& trace : traces) moments.push_back({&trace, trace.record, 0});
    live_.stored(moments, now_);
  }

  Kept keep(const LiveTrace& trace) {
    return live_.keep(trace, {std::make_shared<TraceRecord>(), nullptr, 0});
  }

  using Ids = std::vector<std::uint64_t>;

  TemporaryDirectory directory_;
  Journals journals_{directory_.path(), 1};
  LiveTraces live_{{100'000, 2s, 30s, 0s}, journals_};
  LiveTraces::Clock::time_point now_{};
  bool stored_before_ = false;
};

TEST_F(LiveTracesTest, whole_traces_are_due_when_they_are_quiet) {
  add({segment_text(test_trace_id(1), 1)});
  now_ += 1s;
  add({segment_text(test_trace_id(2), 1)});
  add({subsegment_text(test_trace_id(1), 2, 1)});
  EXPECT_EQ(due(), Ids{});
  now_ += 2s;
  EXPECT_EQ(due(), (Ids{2, 1}));
}

TEST_F(LiveTracesTest, others_are_due_when_they_are_old) {
  add({open_segment_text(test_trace_id(1), 1)});
  add({subsegment_text(test_trace_id(2), 2, 1)});
  add({segment_text(test_trace_id(3), 1), open_segment_text(test_trace_id(3), 2)});
  now_ += 29s;
  EXPECT_EQ(due(), Ids{});
  add({segment_text(test_trace_id(1), 1)});
  now_ += 1s;
  EXPECT_EQ(due(), (Ids{1, 2, 3}));
}

TEST_F(LiveTracesTest, under_pressure_the_oldest_go_whole_ones_first) {
  add({open_segment_text(test_trace_id(1), 1)});
  add({segment_text(test_trace_id(2), 1)});
  add({segment_text(test_trace_id(3), 1)});
  EXPECT_EQ(due(Pressure::memory), (Ids{2, 3}));
  EXPECT_EQ(due(Pressure::memory, 1), Ids{2});
  EXPECT_EQ(due(Pressure::journals, 2), (Ids{1, 2}));
  EXPECT_EQ(due(Pressure::everything), (Ids{2, 3, 1}));
}

TEST_F(LiveTracesTest, few_wait_for_company) {
  LiveTraces patient({100'000, 2s, 30s, 5s}, journals_);
  std::vector<SegmentDocument> documents;
  documents.push_back(document_of(segment_text(test_trace_id(1), 1)));
  const std::string_view text = documents[0].text;
  const auto journal = journals_.append(0, {&text, 1});
  patient.add(std::move(documents), journal, 0, now_, [](const TraceId&) { return false; });
  now_ += 6s;
  EXPECT_TRUE(patient.due(now_, Pressure::none, 10, 10).empty());
  now_ += 1s;
  EXPECT_EQ(patient.due(now_, Pressure::none, 10, 10).size(), 1U);
}

TEST_F(LiveTracesTest, what_comes_while_a_trace_is_written_stays) {
  add({segment_text(test_trace_id(1), 1), open_segment_text(test_trace_id(1), 2)});
  const auto writing = live_.due(now_, Pressure::everything, 10, 1000);
  add({segment_text(test_trace_id(1), 2), segment_text(test_trace_id(1), 3)});
  const StoredMoment moment{&writing.at(0), nullptr, 0};
  live_.stored({&moment, 1}, now_);
  const auto rest = live_.find(test_trace_id(1));
  ASSERT_TRUE(rest);
  EXPECT_TRUE(rest->maybe_stored);
  EXPECT_EQ(rest->revision, 1);
  ASSERT_EQ(rest->documents.size(), 2U);
  EXPECT_EQ(rest->documents[0].document->id, 2U);
  EXPECT_TRUE(rest->documents[0].counted);
  EXPECT_EQ(rest->documents[1].document->id, 3U);
  store_all();
  EXPECT_EQ(live_.traces(), 0U);
  EXPECT_EQ(live_.bytes(), 0U);
}

TEST_F(LiveTracesTest, journals_go_as_their_documents_are_stored_or_not_kept) {
  add({open_segment_text(test_trace_id(1), 1)});
  add({segment_text(test_trace_id(1), 1)});  // takes the place of what the first journal has
  add({segment_text(test_trace_id(1), 1)});  // not kept
  EXPECT_EQ(journals_.files(), 1U);
  store_all();
  EXPECT_EQ(journals_.files(), 0U);
}

TEST_F(LiveTracesTest, counts_leave_to_the_store_what_only_it_knows) {
  const auto fresh = add({segment_text(test_trace_id(1), 1), segment_text(test_trace_id(1), 1)});
  EXPECT_EQ(fresh.stored, 1);
  EXPECT_EQ(fresh.duplicates, 1);
  stored_before_ = true;
  const auto late = add({segment_text(test_trace_id(2), 1), segment_text(test_trace_id(2), 1)});
  EXPECT_EQ(late.stored, 0);
  EXPECT_EQ(late.duplicates, 1);
  EXPECT_FALSE(live_.find(test_trace_id(2))->documents.at(0).counted);
}

TEST_F(LiveTracesTest, a_record_is_kept_until_the_trace_changes) {
  add({segment_text(test_trace_id(1), 1)});
  keep(*live_.find(test_trace_id(1)));
  EXPECT_TRUE(live_.find(test_trace_id(1))->record);
  const auto before = *live_.find(test_trace_id(1));
  add({subsegment_text(test_trace_id(1), 2, 1)});
  EXPECT_FALSE(live_.find(test_trace_id(1))->record);
  keep(before);
  EXPECT_FALSE(live_.find(test_trace_id(1))->record);
}

TEST_F(LiveTracesTest, memory_is_bounded_by_those_who_heed_it) {
  EXPECT_TRUE(live_.has_room());
  for (std::uint64_t n = 0; n < 100 && live_.has_room(); ++n) {
    add({segment_text(test_trace_id(n), 1, ballast(1000))});
  }
  EXPECT_FALSE(live_.has_room());
  EXPECT_TRUE(live_.crowded());
  store_all();
  EXPECT_TRUE(live_.has_room());
  EXPECT_FALSE(live_.crowded());
}

}  // namespace
}  // namespace xrayd::local
