#include "intake/datagram.hpp"

#include <gtest/gtest.h>

#include <string>

namespace xrayd::intake {
namespace {

using namespace std::string_literals;

TEST(Datagram, the_body_is_what_follows_the_first_newline_byte_for_byte) {
  for (const std::string& body :
       {R"({"a":1})"s, "not json"s, "{}\n{}"s, "T1Sabc"s, "\n"s, "\xff\x00\xfe"s}) {
    const std::string datagram = "{\"format\": \"json\", \"version\": 1}\n" + body;
    const Datagram parts = split_datagram(datagram);
    EXPECT_EQ(parts.refusal, Refusal::none) << body;
    EXPECT_EQ(parts.body, body);
  }
}

TEST(Datagram, headers_that_mean_json_version_1_are_taken) {
  for (const char* header :
       {R"({"format":"json","version":1})", R"({"format":"JSON","version":1})",
        R"({"Format":"json","VERSION":1})", R"( { "version" : 1 , "format" : "json" }   )",
        "{\"format\":\"json\",\"version\":1}\r", R"({"format":"json","version":1}            )",
        R"({"x":[{"version":2}],"format":"json","version":1})",
        R"({"version":2,"format":"xml","format":"json","version":1})"}) {
    EXPECT_EQ(split_datagram(header + "\n{}"s).refusal, Refusal::none) << header;
  }
}

TEST(Datagram, other_headers_are_refused) {
  for (const char* header : {"",
                             "garbage",
                             "{}",
                             "[]",
                             "1",
                             "null",
                             R"("json")",
                             R"({"format":"json","version":2})",
                             R"({"format":"json","version":"1"})",
                             R"({"format":"json","version":1.0})",
                             R"({"format":"json","version":1e0})",
                             R"({"format":"json","version":-1})",
                             R"({"format":"json","version":18446744073709551617})",
                             R"({"format":"json"})",
                             R"({"version":1})",
                             R"({"format":"xml","version":1})",
                             R"({"format":1,"version":1})",
                             R"({"format":"json","version":1)",
                             R"({"format":"json","version":1} x)",
                             R"([{"format":"json","version":1}])",
                             R"({"a":{"format":"json","version":1}})",
                             R"({"format":"json","version":1,"version":2})",
                             R"({"format":"json","version":1,"version":[1]})",
                             "{\"format\":\"js\xffon\",\"version\":1}"}) {
    const Datagram parts = split_datagram(header + "\n{}"s);
    EXPECT_EQ(parts.refusal, Refusal::bad_header) << header;
    EXPECT_TRUE(parts.body.empty());
  }
}

TEST(Datagram, a_header_with_something_behind_a_nul_is_refused) {
  EXPECT_EQ(split_datagram("{\"format\":\"json\",\"version\":1}\0x\n{}"s).refusal,
            Refusal::bad_header);
}

TEST(Datagram, a_header_nested_as_deep_as_a_datagram_allows_is_refused) {
  EXPECT_EQ(split_datagram(std::string(65'000, '[') + "\n{}").refusal, Refusal::bad_header);
  EXPECT_EQ(split_datagram("{\"a\":" + std::string(32'000, '[') + std::string(32'000, ']') +
                           ",\"format\":\"json\",\"version\":1}\n{}")
                .refusal,
            Refusal::bad_header);
}

TEST(Datagram, missing_parts_have_their_own_reasons) {
  EXPECT_EQ(split_datagram("").refusal, Refusal::empty);
  EXPECT_EQ(split_datagram("{\"format\":\"json\",\"version\":1}").refusal, Refusal::missing_header);
  EXPECT_EQ(split_datagram("{\"format\":\"json\",\"version\":1}\n").refusal, Refusal::empty_body);
  EXPECT_EQ(split_datagram("\n{}").refusal, Refusal::bad_header);
}

}  // namespace
}  // namespace xrayd::intake
