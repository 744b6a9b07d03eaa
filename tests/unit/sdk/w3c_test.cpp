#include <xray/trace_header.hpp>

#include <gtest/gtest.h>

#include <string>

using xray::Sampling;
using xray::TraceHeader;

namespace {

const std::string traceparent = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
constexpr const char* xray_form =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

bool is_read(const std::string& text) {
  return TraceHeader::parse_w3c(text).trace_id().valid();
}

std::string kept_of(const std::string& tracestate) {
  return std::string(TraceHeader::parse_w3c(traceparent, tracestate).tracestate());
}

}  // namespace

TEST(W3c, traceparent_says_the_same_as_the_x_ray_header_both_ways) {
  EXPECT_EQ(TraceHeader::parse_w3c(traceparent).to_string(), xray_form);
  EXPECT_EQ(TraceHeader::parse(xray_form).traceparent(), traceparent);
}

TEST(W3c, the_flag_is_always_a_decision) {
  const auto sampling = [](const char* flags) {
    return TraceHeader::parse_w3c(traceparent.substr(0, 53) + flags).sampling();
  };
  EXPECT_EQ(sampling("01"), Sampling::sampled);
  EXPECT_EQ(sampling("00"), Sampling::not_sampled);
  EXPECT_EQ(sampling("03"), Sampling::sampled);
  EXPECT_EQ(sampling("fe"), Sampling::not_sampled);
}

TEST(W3c, the_flag_of_what_is_not_sampled_or_not_decided_is_not_set) {
  auto header = TraceHeader::parse(xray_form);
  for (const Sampling sampling : {Sampling::not_sampled, Sampling::unknown, Sampling::requested}) {
    header.set_sampling(sampling);
    EXPECT_EQ(header.traceparent(), traceparent.substr(0, 53) + "00");
  }
}

TEST(W3c, a_trace_id_without_a_time_in_it_survives) {
  const std::string random = "00-ffffffffffffffff0000000000000001-0000000000000001-01";
  EXPECT_EQ(TraceHeader::parse_w3c(random).traceparent(), random);
  EXPECT_EQ(TraceHeader::parse_w3c(random).trace_id().to_string(),
            "1-ffffffff-ffffffff0000000000000001");
}

TEST(W3c, traceparent_is_not_written_without_both_ids) {
  EXPECT_TRUE(TraceHeader().traceparent().empty());
  EXPECT_TRUE(TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793").traceparent().empty());
}

TEST(W3c, blanks_around_a_traceparent_do_not_matter) {
  EXPECT_TRUE(is_read(" \t" + traceparent + "\t "));
}

TEST(W3c, a_malformed_traceparent_gives_an_empty_header) {
  EXPECT_FALSE(is_read(""));
  EXPECT_FALSE(is_read("00"));
  for (std::size_t size = 0; size < traceparent.size(); ++size) {
    EXPECT_FALSE(is_read(traceparent.substr(0, size))) << size;
  }
  for (const std::size_t dash : {2U, 35U, 52U}) {
    std::string bad = traceparent;
    bad[dash] = '_';
    EXPECT_FALSE(is_read(bad)) << bad;
  }
  for (std::size_t i = 0; i < traceparent.size(); ++i) {
    for (const char c : {'g', 'A', ' ', '\0', '\xff'}) {
      std::string bad = traceparent;
      bad[i] = c;
      EXPECT_FALSE(is_read(bad)) << i << " " << bad;
    }
  }
  EXPECT_FALSE(is_read("00-00000000000000000000000000000000-53995c3f42cd8ad8-01"));
  EXPECT_FALSE(is_read("00-5759e988bd862e3fe1be46a994272793-0000000000000000-01"));
}

TEST(W3c, version_00_is_exact_a_later_one_may_go_on_and_ff_is_none) {
  EXPECT_FALSE(is_read(traceparent + "-more"));
  EXPECT_FALSE(is_read("ff" + traceparent.substr(2)));
  EXPECT_TRUE(is_read("01" + traceparent.substr(2)));
  EXPECT_TRUE(is_read("cc" + traceparent.substr(2) + "-what-the-future-will-be-like"));
  EXPECT_FALSE(is_read("cc" + traceparent.substr(2) + ".what-the-future-will-be-like"));
  EXPECT_EQ(TraceHeader::parse_w3c("cc" + traceparent.substr(2) + "-x").traceparent(), traceparent);
}

TEST(W3c, tracestate_travels_in_order_without_blanks_and_empty_members) {
  EXPECT_EQ(kept_of("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"),
            "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
  EXPECT_EQ(kept_of(" ,a=1 ,\t b=2,, tenant@vendor/x*-_=v w ,"), "a=1,b=2,tenant@vendor/x*-_=v w");
  EXPECT_EQ(kept_of(""), "");
}

TEST(W3c, tracestate_is_dropped_where_it_is_not_well_formed) {
  for (const char* bad : {"a", "a=1,b", "=1", "a=", "A=1", "a b=1", "a=1=2", "a=1\r\nSet-Cookie: x",
                          "a=\x01", "a=\x7f", "a=\xc3\xa9"}) {
    EXPECT_EQ(kept_of(bad), "") << bad;
  }
  EXPECT_EQ(kept_of(std::string(256, 'k') + "=" + std::string(255, 'v')).size(), 512U);
  EXPECT_EQ(kept_of(std::string(257, 'k') + "=1"), "");
  EXPECT_EQ(kept_of("k=" + std::string(257, 'v')), "");
  EXPECT_EQ(kept_of("a=1," + std::string(10'000, ' ')), "");
}

TEST(W3c, tracestate_has_32_members_at_most) {
  std::string members = "k0=v";
  for (int i = 1; i < 32; ++i) members += ",k" + std::to_string(i) + "=v";
  EXPECT_EQ(kept_of(members), members);
  EXPECT_EQ(kept_of(members + ",one=more"), "");
}

TEST(W3c, a_long_tracestate_is_cut_at_a_member_long_ones_first) {
  const std::string big = "big=" + std::string(200, 'b');
  std::string small;
  for (int i = 10; i < 30; ++i) small += ",k" + std::to_string(i) + "=" + std::string(16, 'v');
  const std::string all_small = small.substr(1);
  ASSERT_LE(all_small.size(), TraceHeader::tracestate_capacity);
  EXPECT_EQ(kept_of(big + small), all_small);

  std::string many = "k10=" + std::string(96, 'v');
  for (int i = 11; i < 20; ++i) many += ",k" + std::to_string(i) + "=" + std::string(96, 'v');
  EXPECT_EQ(kept_of(many), many.substr(0, 5 * 101 - 1));
}

TEST(W3c, tracestate_is_dropped_with_its_traceparent) {
  EXPECT_EQ(TraceHeader::parse_w3c("00-nonsense", "a=1").tracestate(), "");
}

TEST(W3c, a_tracestate_that_is_set_is_checked_like_one_that_is_read) {
  TraceHeader header = TraceHeader::parse_w3c(traceparent, "a=1");
  header.set_tracestate("b=2 , c=3");
  EXPECT_EQ(header.tracestate(), "b=2,c=3");
  header.set_tracestate(header.tracestate().substr(4));
  EXPECT_EQ(header.tracestate(), "c=3");
  header.set_tracestate("b=2\n");
  EXPECT_EQ(header.tracestate(), "");
}

TEST(W3c, a_valid_root_wins_over_traceparent_with_all_it_says) {
  const auto header = TraceHeader::parse("Root=1-11111111-222222222222222222222222;Lineage=1:2",
                                         traceparent, "a=1");
  EXPECT_EQ(header.to_string(), "Root=1-11111111-222222222222222222222222;Lineage=1:2");
  EXPECT_EQ(header.sampling(), Sampling::unknown);
  EXPECT_EQ(header.tracestate(), "") << "it belongs to the other trace";
}

TEST(W3c, tracestate_is_kept_where_both_headers_name_one_trace) {
  const auto header = TraceHeader::parse(
      "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=00000000000000aa;Sampled=0", traceparent,
      "a=1");
  EXPECT_EQ(header.to_string(),
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=00000000000000aa;Sampled=0");
  EXPECT_EQ(header.tracestate(), "a=1");
}

TEST(W3c, without_a_valid_root_traceparent_counts_with_its_decision) {
  for (const char* text :
       {"", "Lineage=1:2", "Sampled=0;Lineage=1:2", "Root=1-oops;Parent=1;Sampled=?"}) {
    const auto header = TraceHeader::parse(text, traceparent, "a=1");
    EXPECT_EQ(header.trace_id().to_string(), "1-5759e988-bd862e3fe1be46a994272793") << text;
    EXPECT_EQ(header.parent_id().to_string(), "53995c3f42cd8ad8") << text;
    EXPECT_EQ(header.sampling(), Sampling::sampled) << text;
    EXPECT_EQ(header.tracestate(), "a=1") << text;
  }
  EXPECT_EQ(TraceHeader::parse("Lineage=1:2", traceparent).extras(), "Lineage=1:2");
}

TEST(W3c, without_either_the_decision_of_the_x_ray_header_stays) {
  const auto header = TraceHeader::parse("Sampled=0", "00-nonsense", "a=1");
  EXPECT_FALSE(header.trace_id().valid());
  EXPECT_EQ(header.sampling(), Sampling::not_sampled);
  EXPECT_EQ(header.tracestate(), "");
}
