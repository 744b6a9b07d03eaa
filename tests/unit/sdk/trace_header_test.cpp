#include <xray/trace_header.hpp>

#include <gtest/gtest.h>

#include <string>

using xray::Sampling;
using xray::TraceHeader;

namespace {
constexpr const char* root = "1-5759e988-bd862e3fe1be46a994272793";

std::string again(const std::string& text) {
  return TraceHeader::parse(text).to_string();
}
}  // namespace

TEST(TraceHeader, the_usual_header_comes_out_as_it_went_in) {
  const std::string text =
      "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  const TraceHeader header = TraceHeader::parse(text);
  EXPECT_EQ(header.trace_id().to_string(), root);
  EXPECT_EQ(header.parent_id().to_string(), "53995c3f42cd8ad8");
  EXPECT_EQ(header.sampling(), Sampling::sampled);
  EXPECT_EQ(header.to_string(), text);
}

TEST(TraceHeader, order_case_and_blanks_do_not_matter) {
  EXPECT_EQ(
      again("  SAMPLED = 0 ; parent=53995C3F42CD8AD8;root=1-5759e988-bd862e3fe1be46a994272793 "),
      "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0");
}

TEST(TraceHeader, a_question_mark_is_neither_yes_nor_no) {
  EXPECT_EQ(TraceHeader::parse("Sampled=?").sampling(), Sampling::requested);
  EXPECT_EQ(TraceHeader::parse("Sampled=2").sampling(), Sampling::unknown);
  EXPECT_EQ(TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793").sampling(),
            Sampling::unknown);
}

TEST(TraceHeader, self_is_dropped_and_unknown_keys_travel_on_in_order) {
  EXPECT_EQ(
      again("Self=1-67891234-12456789abcdef012345678;Root=1-5759e988-bd862e3fe1be46a994272793;"
            "Lineage=a87bd80c:1|68fd508a:5;Sampled=1;App=x"),
      "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1;Lineage=a87bd80c:1|68fd508a:5;App=x");
}

TEST(TraceHeader, a_bad_root_restarts_the_trace_and_keeps_the_decision) {
  const TraceHeader header = TraceHeader::parse("Root=1-oops;Parent=53995c3f42cd8ad8;Sampled=0");
  EXPECT_FALSE(header.trace_id().valid());
  EXPECT_FALSE(header.parent_id().valid());
  EXPECT_EQ(header.sampling(), Sampling::not_sampled);
}

TEST(TraceHeader, of_duplicate_keys_the_last_counts) {
  EXPECT_EQ(TraceHeader::parse("Sampled=0;Sampled=1").sampling(), Sampling::sampled);
}

TEST(TraceHeader, of_two_roots_the_last_counts_even_if_it_is_bad) {
  EXPECT_EQ(again("Root=1-11111111-222222222222222222222222;"
                  "Root=1-5759e988-bd862e3fe1be46a994272793"),
            "Root=1-5759e988-bd862e3fe1be46a994272793");
  EXPECT_EQ(again("Root=1-5759e988-bd862e3fe1be46a994272793;root=1-oops"), "");
  EXPECT_EQ(again("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Parent=oops"),
            "Root=1-5759e988-bd862e3fe1be46a994272793");
}

TEST(TraceHeader, a_key_the_sdk_does_not_know_may_come_twice) {
  EXPECT_EQ(again("Lineage=1:2;App=x;Lineage=3:4"), "Lineage=1:2;App=x;Lineage=3:4");
}

TEST(TraceHeader, a_blank_behind_each_semicolon_loses_nothing) {
  EXPECT_EQ(
      again("Root=1-5759e988-bd862e3fe1be46a994272793; Parent=53995c3f42cd8ad8; Sampled=1; "
            "Lineage=1:2"),
      "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:2");
}

TEST(TraceHeader, empty_parts_and_parts_without_a_value_do_not_spoil_the_rest) {
  EXPECT_EQ(again(";;Root=1-5759e988-bd862e3fe1be46a994272793;hello;=x; = ;Parent;Sampled=1;;"),
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1");
  EXPECT_EQ(again("Sampled=;Empty=;Twice=a=b"), "Empty=;Twice=a=b");
}

TEST(TraceHeader, the_case_of_a_key_is_canonical_for_ours_and_left_alone_for_others) {
  EXPECT_EQ(again("rOOT=1-5759E988-BD862E3FE1BE46A994272793;lineAGE=aB:1;sELF=1-2-3"),
            "Root=1-5759e988-bd862e3fe1be46a994272793;lineAGE=aB:1");
}

// Go's and Python's SDKs send these for what they don't sample.
TEST(TraceHeader, ids_of_all_zeros_are_none) {
  const TraceHeader header = TraceHeader::parse(
      "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0");
  EXPECT_FALSE(header.trace_id().valid());
  EXPECT_EQ(header.to_string(), "Sampled=0");
}

TEST(TraceHeader, roots_of_another_shape_restart_the_trace) {
  for (const char* text :
       {"Root=", "Root=1", "Root=1--", "Root=2-5759e988-bd862e3fe1be46a994272793",
        "Root=1-5759e988bd862e3fe1be46a994272793", "Root=1-5759e988-bd862e3fe1be46a99427279",
        "Root=1-5759e988-bd862e3fe1be46a9942727933", "Root=1-5759e98g-bd862e3fe1be46a994272793",
        "Root=\"1-5759e988-bd862e3fe1be46a994272793\""}) {
    const TraceHeader header =
        TraceHeader::parse(std::string(text) + ";Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:2");
    EXPECT_EQ(header.to_string(), "Sampled=1;Lineage=1:2") << text;
  }
}

TEST(TraceHeader, no_more_is_read_than_a_header_can_be_and_no_part_is_halved) {
  const std::string head = "Root=1-5759e988-bd862e3fe1be46a994272793";
  // The last part ends where reading does, then one byte beyond it.
  const std::string tail = ";Sampled=1";
  const std::string filler(TraceHeader::longest_text - head.size() - tail.size(), ';');
  EXPECT_EQ(again(head + filler + tail), head + tail);
  EXPECT_EQ(again(head + filler + tail + ";Sampled=0"), head + tail);
  EXPECT_EQ(again(head + filler + tail + "0"), head);
  EXPECT_EQ(again(head + ";" + filler + tail), head);
  EXPECT_EQ(again(std::string(20'000, 'x') + ";" + head), "");
}

TEST(TraceHeader, text_that_is_no_header_gives_an_empty_one) {
  for (const char* text : {"", ";", ";;;", "=", "=x", "hello", "Root", "Root=", "\xff\xfe"}) {
    EXPECT_TRUE(again(text).empty()) << text;
  }
}

TEST(TraceHeader, extras_are_bounded_and_whole) {
  std::string text = "Root=1-5759e988-bd862e3fe1be46a994272793";
  for (int i = 0; i < 200; ++i) text += ";key" + std::to_string(i) + "=value";
  const TraceHeader header = TraceHeader::parse(text);
  EXPECT_LE(header.extras().size(), TraceHeader::extras_capacity);
  EXPECT_GT(header.extras().size(), TraceHeader::extras_capacity - 20);
  EXPECT_EQ(header.extras().substr(header.extras().size() - 6), "=value");
  EXPECT_EQ(again(header.to_string().str()), header.to_string().str());
}

TEST(TraceHeader, a_line_end_can_not_be_smuggled_through) {
  EXPECT_TRUE(TraceHeader::parse("a=b\r\nSet-Cookie: x=y").extras().empty());
  EXPECT_TRUE(TraceHeader::parse(std::string("a=\0b", 4)).extras().empty());
}

TEST(TraceHeader, a_copy_owns_its_text) {
  TraceHeader copy;
  {
    const std::string text = "Lineage=1:2";
    const TraceHeader original = TraceHeader::parse(text);
    copy = original;
  }
  EXPECT_EQ(copy.extras(), "Lineage=1:2");
}
