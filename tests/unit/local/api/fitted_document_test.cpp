// Documents of retrieved traces are never too long.
#include "local/api/fitted_document.hpp"

#include <gtest/gtest.h>

#include "questions_fixture.hpp"

namespace xrayd::local::api {
namespace {

TEST(FittedDocument, leaves_alone_what_is_short_enough) {
  const std::string document = R"({"id": "1", "metadata": {"a": 1}})";
  EXPECT_EQ(fitted_document(document, document.size()), document);
}

TEST(FittedDocument, leaves_out_what_only_people_read_first) {
  const std::string document =
      R"({"id":"1","metadata":{"a":"xxxxxxxxxx"},"subsegments":[{"id":"2","metadata":{}}],)"
      R"("cause":{"exceptions":[{"message":"m","stack":["s"]}]}})";
  EXPECT_EQ(fitted_document(document, document.size() - 1),
            R"({"id":"1","subsegments":[{"id":"2"}],)"
            R"("cause":{"exceptions":[{"message":"m","stack":["s"]}]}})");
  EXPECT_EQ(fitted_document(document, 90),
            R"({"id":"1","subsegments":[{"id":"2"}],"cause":{"exceptions":[{"message":"m"}]}})");
  EXPECT_EQ(fitted_document(document, 50), R"({"id":"1","subsegments":[{"id":"2"}]})");
  EXPECT_EQ(fitted_document(document, 20), R"({"id":"1"})");
}

TEST(FittedDocument, keeps_at_least_who_it_is_and_when) {
  const std::string document = R"({"id":"1","name":")" + std::string(5000, 'n') +
                               R"(","start_time":1.5,"end_time":2.5,"user":")" +
                               std::string(5000, 'u') + "\"}";
  EXPECT_EQ(fitted_document(document, 1000), R"({"id":"1","name":")" + std::string(200, 'n') +
                                                 R"(","start_time":1.5,"end_time":2.5})");
  EXPECT_EQ(
      fitted_document(R"({"traceId":"a","spanId":"b","name":"n","kind":2,"startTimeUnixNano":"1",)"
                      R"("attributes":[{"key":"k","value":{"stringValue":")" +
                          std::string(500, 'v') + "\"}}]}",
                      100),
      R"({"traceId":"a","spanId":"b","name":"n","kind":2,"startTimeUnixNano":"1"})");
}

TEST(FittedDocument, what_is_no_json_becomes_an_empty_object) {
  EXPECT_EQ(fitted_document("no json at all", 5), "{}");
}

}  // namespace
}  // namespace xrayd::local::api
