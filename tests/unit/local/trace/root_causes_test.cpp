#include "local/trace/root_causes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "placed_trace.hpp"

namespace xrayd::local {
namespace {

using testing::HasSubstr;

std::string id_text(unsigned id) {
  std::string digits = std::to_string(id);
  return std::string(16 - digits.size(), '0') + digits;
}

struct Times {
  double start = 0;
  double end = 0;
};

// The members of a segment or subsegment, with `more` behind them.
std::string entity(const std::string& name, unsigned id, Times times,
                   const std::string& more = "") {
  return R"("name":")" + name + R"(","id":")" + id_text(id) + R"(","start_time":)" +
         std::to_string(times.start) + R"(,"end_time":)" + std::to_string(times.end) +
         (more.empty() ? "" : "," + more);
}

std::string child_of(unsigned parent) {
  return R"("parent_id":")" + id_text(parent) + '"';
}

std::string parts(const std::vector<std::string>& entities) {
  std::string text;
  for (const auto& members : entities) text += (text.empty() ? "{" : ",{") + members + "}";
  return R"("subsegments":[)" + text + "]";
}

std::string exception(const std::string& type, unsigned id = 0) {
  return R"("cause":{"exceptions":[{"type":")" + type + R"(","message":"m")" +
         (id == 0 ? "" : R"(,"id":")" + id_text(id) + '"') + "}]}";
}

// ---- failures --------------------------------------------------------------------------------

TEST(RootCauses, golden_a_failure_that_the_callers_did_not_hand_on) {
  PlacedTrace trace({
      entity("front", 1, {100, 102},
             parts({entity("back", 2, {100.25, 101.75}, R"("namespace":"remote")")})),
      entity("back", 3, {100.5, 107},
             child_of(2) + R"(,"fault":true,"cause":{"exceptions":[)" +
                 R"({"id":"00000000000000aa","type":"OwnedFailure","message":"it is ours"}]},)" +
                 parts({entity("DynamoDB", 4, {101, 102},
                               R"("namespace":"aws","error":true,"throttle":true)")})),
  });
  trace.find();
  EXPECT_EQ(trace.faults(), "back{back [OwnedFailure: it is ours]}");
  EXPECT_EQ(trace.errors(), "DynamoDB!{DynamoDB*}");
  EXPECT_EQ(trace.slow(), "front{front 1, back* 0.75} client");
}

TEST(RootCauses, a_trace_in_which_all_went_well_has_none) {
  PlacedTrace trace({entity("a", 1, {0, 1})});
  trace.find();
  EXPECT_EQ(trace.faults() + trace.errors() + trace.slow(), "");
}

TEST(RootCauses, a_path_goes_down_to_the_part_with_the_exception) {
  PlacedTrace trace({entity(
      "a", 1, {0, 9},
      R"("fault":true,)" + exception("Outer") + "," +
          parts({entity(
              "b", 2, {1, 2},
              R"("fault":true,)" +
                  parts({entity("c", 3, {1, 2}, R"("fault":true,)" + exception("Inner"))}))}))});
  EXPECT_EQ(trace.find().faults(), "a{a, b, c [Inner: m]} client");
  EXPECT_EQ(trace.errors(), "");
}

TEST(RootCauses, of_several_parts_that_failed_the_last_to_end_is_it) {
  PlacedTrace trace(
      {entity("a", 1, {0, 9},
              R"("error":true,)" +
                  parts({entity("b", 2, {1, 5}, R"("error":true,)" + exception("B")),
                         entity("c", 3, {2, 8}, R"("error":true,)" + exception("C")),
                         entity("d", 4, {3, 7}, R"("error":true,)" + exception("D")),
                         entity("fault", 5, {4, 9}, R"("fault":true,)" + exception("F"))}))});
  EXPECT_EQ(trace.find().errors(), "a{a, c [C: m]} client");
}

TEST(RootCauses, a_path_goes_on_in_the_service_that_was_called) {
  PlacedTrace trace({
      entity("a", 1, {0, 9},
             R"("fault":true,)" +
                 parts({entity("call", 2, {1, 8},
                               R"("namespace":"remote","fault":true,)" + exception("Caller"))})),
      entity("b", 3, {2, 7},
             child_of(2) + R"(,"fault":true,)" +
                 parts({entity("part", 4, {3, 6}, R"("fault":true,)" + exception("Callee"))})),
  });
  EXPECT_EQ(trace.find().faults(), "a{a, call*} > b{b, part [Callee: m]} client");
}

TEST(RootCauses, where_the_service_that_was_called_says_nothing_the_caller_does) {
  PlacedTrace trace({
      entity("a", 1, {0, 9},
             R"("fault":true,)" +
                 parts({entity("call", 2, {1, 8},
                               R"("namespace":"remote","fault":true,)" + exception("Caller"))})),
      entity("b", 3, {2, 7}, child_of(2) + R"(,"fault":true)"),
  });
  EXPECT_EQ(trace.find().faults(), "a{a, call* [Caller: m]} client");
}

TEST(RootCauses, exceptions_belong_to_the_caller_not_to_the_inferred_service) {
  PlacedTrace trace(
      {entity("a", 1, {0, 9},
              R"("fault":true,)" +
                  parts({entity("S3", 2, {1, 8},
                                R"("namespace":"aws","fault":true,)" + exception("E"))}))});
  EXPECT_EQ(trace.find().faults(), "a{a, S3* [E: m]} > S3!{S3*} client");
}

TEST(RootCauses, an_inferred_services_failure_comes_before_a_local_exception) {
  PlacedTrace trace(
      {entity("a", 1, {0, 9},
              R"("fault":true,)" + exception("Own") + "," +
                  parts({entity("S3", 2, {1, 2}, R"("namespace":"aws","fault":true)"),
                         entity("later", 3, {3, 8}, R"("fault":true,)" + exception("Local"))}))});
  EXPECT_EQ(trace.find().faults(), "a{a, S3*} > S3!{S3*} client");
}

TEST(RootCauses, flags_alone_make_no_cause) {
  PlacedTrace trace({entity("a", 1, {0, 9},
                            R"("fault":true,"error":true,"cause":{"exceptions":[]},)" +
                                parts({entity("b", 2, {1, 2}, R"("fault":true,"error":true)")}))});
  trace.find();
  EXPECT_EQ(trace.faults() + trace.errors(), "");
}

TEST(RootCauses, a_part_with_nothing_but_a_flag_hides_no_exception) {
  PlacedTrace trace({entity(
      "a", 1, {0, 9},
      R"("fault":true,)" + parts({entity("told", 2, {1, 2},
                                         R"("fault":true,)" + exception("E") + "," +
                                             parts({entity("x", 4, {1, 2}, R"("fault":true)")})),
                                  entity("flag", 3, {3, 8}, R"("fault":true)")}))});
  EXPECT_EQ(trace.find().faults(), "a{a, told [E: m]} client");
}

TEST(RootCauses, a_failed_part_of_a_segment_that_did_not_fail_is_none) {
  PlacedTrace trace({entity("a", 1, {0, 9},
                            parts({entity("b", 2, {1, 2}, R"("fault":true,)" + exception("E"))}))});
  EXPECT_EQ(trace.find().faults(), "");
}

TEST(RootCauses, failures_that_nobody_handed_on_are_causes_of_their_own) {
  PlacedTrace trace({
      entity("front", 1, {0, 9},
             R"("fault":true,)" + exception("Front") + "," +
                 parts({entity("b", 2, {1, 4}, R"("namespace":"remote")"),
                        entity("S3", 3, {0.5, 1}, R"("namespace":"aws","fault":true)"),
                        entity("local", 4, {5, 6},
                               parts({entity("SNS", 5, {5, 6},
                                             R"("namespace":"aws","fault":true)")}))})),
      entity("b", 6, {2, 3}, child_of(2) + R"(,"fault":true,)" + exception("Back")),
  });
  EXPECT_EQ(trace.find().faults(),
            "front{front, S3*} > S3!{S3*} client\n"
            "b{b [Back: m]}\n"
            "SNS!{SNS*}");
}

TEST(RootCauses, a_failure_that_was_handed_on_is_told_once) {
  PlacedTrace trace({
      entity("a", 1, {0, 9},
             parts({entity("b", 2, {1, 8}, R"("namespace":"remote","fault":true)")})),
      entity("b", 3, {2, 7},
             child_of(2) + R"(,"fault":true,)" +
                 parts({entity("c", 4, {3, 6}, R"("namespace":"remote","fault":true)")})),
      entity("c", 5, {4, 5}, child_of(4) + R"(,"fault":true,)" + exception("E")),
  });
  EXPECT_EQ(trace.find().faults(), "b{b, c*} > c{c [E: m]}");
}

TEST(RootCauses, a_segment_that_failed_for_several_reasons_has_one_cause) {
  PlacedTrace trace(
      {entity("a", 1, {0, 9},
              R"("fault":true,)" +
                  parts({entity("S3", 2, {1, 2}, R"("namespace":"aws","fault":true)"),
                         entity("SNS", 3, {3, 4}, R"("namespace":"aws","fault":true)")}))});
  EXPECT_EQ(trace.find().faults(), "a{a, SNS*} > SNS!{SNS*} client");
}

TEST(RootCauses, a_throttled_call_is_an_error_without_the_other_flag) {
  PlacedTrace trace({entity("a", 1, {0, 9}, R"("throttle":true,)" + exception("TooManyRequests"))});
  trace.find();
  EXPECT_EQ(trace.errors(), "a{a [TooManyRequests: m]} client");
  EXPECT_EQ(trace.faults(), "");
}

TEST(RootCauses, an_exceptions_id_as_the_cause_leads_to_the_part_that_has_it) {
  PlacedTrace trace(
      {entity("a", 1, {0, 9},
              R"("fault":true,"cause":"0000000000000077",)" +
                  parts({entity("wrong", 2, {1, 8}, R"("fault":true,)" + exception("Wrong", 66)),
                         entity("between", 3, {1, 4},
                                parts({entity("right", 4, {1, 3}, exception("Right", 77))}))}))});
  EXPECT_EQ(trace.find().faults(), "a{a, between, right [Right: m]} client");
}

TEST(RootCauses, an_exceptions_id_as_the_cause_may_lead_into_another_service) {
  PlacedTrace trace({
      entity("a", 1, {0, 9},
             R"("fault":true,"cause":"0000000000000077",)" +
                 parts({entity("call", 2, {1, 8}, R"("namespace":"remote")")})),
      entity("b", 3, {2, 7},
             child_of(2) + "," + parts({entity("part", 4, {3, 6}, exception("E", 77))})),
      entity("elsewhere", 5, {2, 7}, R"("fault":true,"cause":"0000000000000077")"),
  });
  EXPECT_EQ(trace.find().faults(), "a{a, call*} > b{b, part [E: m]} client");
}

TEST(RootCauses, an_id_as_the_cause_that_nobody_has_leads_nowhere) {
  PlacedTrace trace({entity("a", 1, {0, 9},
                            R"("fault":true,"cause":"0000000000000077",)" +
                                parts({entity("b", 2, {1, 2}, R"("fault":true,)" + exception("B")),
                                       entity("c", 3, {1, 2}, R"("cause":"no id")")}))});
  EXPECT_EQ(trace.find().faults(), "a{a, b [B: m]} client");
}

TEST(RootCauses, whatever_a_cause_is_it_does_no_harm) {
  for (const char* cause : {"1", "[]", "{}", "null", R"({"exceptions":1})", R"({"exceptions":[1]})",
                            R"({"exceptions":{"type":"E"}})"}) {
    PlacedTrace trace({entity("a", 1, {0, 9}, std::string(R"("fault":true,"cause":)") + cause)});
    EXPECT_EQ(trace.find().faults(), "") << cause;
  }
  PlacedTrace trace({entity("a", 1, {0, 9},
                            R"("fault":true,"cause":{"exceptions":[7,{"type":1,"message":[]},)"
                            R"({"message":"only"}]})")});
  EXPECT_EQ(trace.find().faults(), "a{a [: ] [: only]} client");
}

// ---- response times --------------------------------------------------------------------------

TEST(RootCauses, parts_that_take_more_than_half_of_the_time_are_followed) {
  const auto slow_part = [](double end) {
    return PlacedTrace({entity("a", 1, {0, 8}, parts({entity("b", 2, {0, end})}))}).find().slow();
  };
  EXPECT_EQ(slow_part(2), "");
  EXPECT_EQ(slow_part(4), "");
  EXPECT_EQ(slow_part(6), "a{a 1, b 0.75} client");
}

TEST(RootCauses, it_is_half_of_the_roots_time_at_every_depth) {
  PlacedTrace trace(
      {entity("a", 1, {0, 8},
              parts({entity("b", 2, {0, 6},
                            parts({entity("c", 3, {0, 5}, parts({entity("d", 4, {0, 4})}))}))}))});
  EXPECT_EQ(trace.find().slow(), "a{a 1, b 0.75, c 0.625} client");
}

TEST(RootCauses, of_slow_parts_side_by_side_the_last_to_end_was_waited_for) {
  PlacedTrace trace(
      {entity("a", 1, {0, 8}, parts({entity("longer", 2, {0, 6}), entity("later", 3, {2, 7})}))});
  EXPECT_EQ(trace.find().slow(), "a{a 1, later 0.625} client");
}

TEST(RootCauses, a_slow_service_that_answered_is_entered) {
  PlacedTrace trace({
      entity("a", 1, {0, 8}, parts({entity("call", 2, {1, 8}, R"("namespace":"remote")")})),
      // On a machine whose clock is behind.
      entity("b", 3, {-0.0, 6}, child_of(2) + "," + parts({entity("part", 4, {0, 5})})),
  });
  EXPECT_EQ(trace.find().slow(), "a{a 1, call* 0.875} > b{b 0.75, part 0.625} client");
}

TEST(RootCauses, a_slow_service_that_sent_nothing_is_inferred) {
  PlacedTrace trace(
      {entity("a", 1, {0, 8}, parts({entity("S3", 2, {1, 8}, R"("namespace":"aws")")}))});
  EXPECT_EQ(trace.find().slow(), "a{a 1, S3* 0.875} > S3!{S3* 0.875} client");
}

TEST(RootCauses, a_part_counts_as_far_as_it_was_waited_for) {
  PlacedTrace trace({entity("a", 1, {0, 8}, parts({entity("async", 2, {5, 100})}))});
  EXPECT_EQ(trace.find().slow(), "");
  PlacedTrace longer({entity("a", 1, {0, 8}, parts({entity("async", 2, {2, 100})}))});
  EXPECT_EQ(longer.find().slow(), "a{a 1, async 0.75} client");
}

TEST(RootCauses, times_are_unknown_while_the_root_is_in_progress_or_takes_none) {
  PlacedTrace open({R"("name":"a","id":"0000000000000001","start_time":0,"in_progress":true,)" +
                    parts({entity("b", 2, {0, 6})})});
  EXPECT_EQ(open.find().slow(), "");
  PlacedTrace none({entity("a", 1, {5, 5}, parts({entity("b", 2, {5, 5})}))});
  EXPECT_EQ(none.find().slow(), "");
  PlacedTrace backwards({entity("a", 1, {5, 4}, parts({entity("b", 2, {5, 4})}))});
  EXPECT_EQ(backwards.find().slow(), "");
}

// ---- limits ----------------------------------------------------------------------------------

TEST(RootCauses, segments_that_call_each_other_in_a_circle_are_walked_once) {
  const auto call = [](unsigned id) {
    return parts({entity("call", id, {0, 8}, R"("namespace":"remote","fault":true)")});
  };
  PlacedTrace trace({
      entity("a", 1, {0, 8}, child_of(4) + R"(,"fault":true,)" + exception("A") + "," + call(2)),
      entity("b", 3, {0, 8}, child_of(2) + R"(,"fault":true,)" + call(4)),
  });
  trace.find();
  EXPECT_EQ(trace.faults(), "a{a [A: m]} client");
  EXPECT_EQ(trace.slow(), "a{a 1, call* 1} > b{b 1, call* 1} client");
}

TEST(RootCauses, causes_that_lead_to_each_other_end) {
  PlacedTrace trace({entity(
      "a", 1, {0, 8},
      R"("fault":true,"cause":"0000000000000077",)" +
          parts({entity("b", 2, {0, 8},
                        R"("fault":true,)" + exception("B", 77) + "," +
                            parts({entity("c", 3, {0, 8},
                                          R"("fault":true,"cause":"0000000000000077")")}))}))});
  EXPECT_EQ(trace.find().faults(), "a{a, b [B: m]} client");
}

TEST(RootCauses, only_so_many_causes_and_exceptions_are_kept) {
  std::vector<std::string> documents{entity("root", 1, {0, 1})};
  for (unsigned i = 0; i < 2 * max_root_causes; ++i) {
    documents.push_back(entity("s" + std::to_string(i), 100 + i, {1.0 + i, 2.0 + i},
                               R"("fault":true,)" + exception("E")));
  }
  std::string many = R"("fault":true,"cause":{"exceptions":[{})";
  for (int i = 0; i < 30; ++i) many += ",{}";
  documents.push_back(entity("first", 2, {0.5, 0.6}, many + "]}"));
  PlacedTrace trace(documents);
  trace.find();
  ASSERT_EQ(trace.record.fault_causes.size(), max_root_causes);
  EXPECT_EQ(trace.record.fault_causes[0].services[0].path[0].exceptions.size(),
            max_root_cause_exceptions);
  EXPECT_THAT(trace.faults(), HasSubstr("s0{s0 [E: m]}\ns1{s1 [E: m]}\n"));
  EXPECT_TRUE(trace.record.truncated);
}

TEST(RootCauses, a_path_is_only_so_long) {
  std::string nested = entity("deepest", 900, {0, 8}, R"("fault":true,)" + exception("E"));
  for (unsigned i = 0; i < 200; ++i) {
    nested = entity("n", 600 - i, {0, 8}, R"("fault":true,)" + parts({nested}));
  }
  PlacedTrace trace({nested});
  trace.find();
  ASSERT_EQ(trace.record.fault_causes.size(), 1U);
  EXPECT_EQ(trace.record.fault_causes[0].services[0].path.size(), max_root_cause_entities);
  EXPECT_TRUE(trace.record.truncated);
  ASSERT_EQ(trace.record.response_time_causes.size(), 1U);
  EXPECT_EQ(trace.record.response_time_causes[0].services[0].path.size(), max_root_cause_entities);
}

TEST(RootCauses, texts_are_cut) {
  const std::string endless(5000, 'x');
  PlacedTrace trace({entity(endless, 1, {0, 9},
                            R"("fault":true,"cause":{"exceptions":[{"type":")" + endless +
                                R"(","message":")" + endless + R"("}]})")});
  RecordLimits limits;
  limits.text_characters = 300;
  trace.find(limits);
  const auto& found = trace.record.fault_causes.at(0).services.at(0).path.at(0);
  EXPECT_EQ(found.name.size(), max_name_characters);
  EXPECT_EQ(found.exceptions.at(0).name.size(), 300U);
  EXPECT_EQ(found.exceptions.at(0).message.size(), 300U);
}

TEST(RootCauses, what_is_not_in_the_record_is_not_walked) {
  PlacedTrace trace({
      entity("a", 1, {0, 9},
             R"("fault":true,)" + exception("A") + "," +
                 parts({entity("call", 2, {1, 8}, R"("namespace":"remote","fault":true)")})),
      entity("b", 3, {2, 7}, child_of(2) + R"(,"fault":true,)" + exception("B")),
  });
  trace.record.segments.resize(1);
  trace.find();
  EXPECT_EQ(trace.faults(), "a{a [A: m]} client");
  trace.places.segment.resize(1);
  trace.places.callee.clear();
  trace.places.callee_entity.clear();
  EXPECT_EQ(trace.find().faults(), "a{a [A: m]} client");
  trace.record.segments.clear();
  trace.find();
  EXPECT_EQ(trace.faults() + trace.errors() + trace.slow(), "");
}

TEST(RootCauses, finding_again_replaces_what_was_found) {
  PlacedTrace trace({entity(
      "a", 1, {0, 8},
      R"("fault":true,"error":true,)" + exception("A") + "," + parts({entity("b", 2, {0, 6})}))});
  const auto all = [&] { return trace.faults() + trace.errors() + trace.slow(); };
  const auto once = (trace.find(), all());
  EXPECT_EQ((trace.find(), all()), once);
  EXPECT_NE(once, "");
}

}  // namespace
}  // namespace xrayd::local
