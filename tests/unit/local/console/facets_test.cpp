// Facets.
#include "local/console/facets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <variant>

#include "local/console/facet_filter.hpp"
#include "local/console/facets_json.hpp"
#include "memory_traces.hpp"
#include "random_traces.hpp"
#include "trace_documents.hpp"

namespace xrayd::local {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::array<Facet, facet_count> all_facets = {
    Facet::service,     Facet::annotation,         Facet::outcome,
    Facet::http_status, Facet::http_method,        Facet::http_url,
    Facet::user,        Facet::resource_arn,       Facet::fault_cause,
    Facet::error_cause, Facet::response_time_cause};

/// `2 detail value [filter]`
std::vector<std::string> told(const FacetsAnswer& answer, Facet facet, std::size_t most = 20) {
  std::vector<std::string> lines;
  for (const auto& value : answer.counter.top(facet, most)) {
    lines.push_back(std::to_string(value.count) + " " + value.detail + " " + value.value + " [" +
                    value.filter + "]");
  }
  return lines;
}

Filter filter_of(const std::string& expression) {
  auto parsed = Filter::parse(expression, [](std::string_view) { return std::nullopt; });
  if (const auto* error = std::get_if<FilterError>(&parsed)) {
    throw std::runtime_error(expression + ": " + error->message);
  }
  return std::get<Filter>(std::move(parsed));
}

class Facets : public testing::Test {
 protected:
  void put(std::uint64_t n, const std::string& more = "", const std::string& name = "shop") {
    traces_.put(segment_document(memory_trace_id(n), 1, name, static_cast<double>(n),
                                 static_cast<double>(n) + 1, more));
  }
  [[nodiscard]] FacetsAnswer count(const std::string& expression = "",
                                   std::size_t scanned = 10'000) const {
    FacetsQuery query;
    query.end = 2e9;
    query.filter = filter_of(expression);
    query.scanned = scanned;
    return count_facets(traces_, query);
  }

  MemoryTraces traces_;
};

TEST_F(Facets, of_nothing_are_empty_and_complete) {
  const auto answer = count();
  for (const auto facet : all_facets) EXPECT_THAT(told(answer, facet), IsEmpty());
  EXPECT_EQ(answer.scanned, 0U);
  EXPECT_TRUE(answer.complete);
}

TEST_F(Facets, count_traces_by_what_they_have) {
  put(1, R"(,"origin":"AWS::EC2::Instance","user":"ann","annotations":{"size":3,"kind":"a \"b\""},)"
         R"("http":{"request":{"method":"GET","url":"http://x/"},"response":{"status":500}},)"
         R"("fault":true,"resource_arn":"arn:x")");
  put(2, R"(,"user":"ann","annotations":{"size":3,"ok":true},)"
         R"("http":{"request":{"method":"GET"},"response":{"status":200}})");
  put(3, R"(,"user":"bob","error":true,"throttle":true)");
  const auto answer = count();
  EXPECT_EQ(answer.matched, 3U);
  EXPECT_THAT(told(answer, Facet::service),
              ElementsAre(R"(2  shop [service("shop")])",
                          "1 AWS::EC2::Instance shop [service(id(name: \"shop\", type: "
                          "\"AWS::EC2::Instance\"))]"));
  EXPECT_THAT(told(answer, Facet::annotation),
              ElementsAre("2 size 3 [annotation[size] = 3]",
                          R"(1 kind "a \"b\"" [annotation[kind] = "a \"b\""])",
                          "1 ok true [annotation[ok] = true]"));
  EXPECT_THAT(told(answer, Facet::outcome),
              ElementsAre("1  fault [fault]", "1  ok [ok]", "1  throttle [throttle]"));
  EXPECT_THAT(told(answer, Facet::http_status),
              ElementsAre("1  200 [http.status = 200]", "1  500 [http.status = 500]"));
  EXPECT_THAT(told(answer, Facet::http_method), ElementsAre(R"(2  GET [http.method = "GET"])"));
  EXPECT_THAT(told(answer, Facet::http_url),
              ElementsAre(R"(1  http://x/ [http.url = "http://x/"])"));
  EXPECT_THAT(told(answer, Facet::user),
              ElementsAre(R"(2  ann [user = "ann"])", R"(1  bob [user = "bob"])"));
  EXPECT_THAT(told(answer, Facet::resource_arn),
              ElementsAre(R"(1  arn:x [resource.arn = "arn:x"])"));
}

TEST_F(Facets, tell_where_failures_began) {
  put(1, R"(,"fault":true,"cause":{"exceptions":[{"id":"00000000000000ee","type":"Timeout",)"
         R"("message":"late"}]})");
  EXPECT_THAT(told(count(), Facet::fault_cause), testing::SizeIs(1));
  const auto cause = count().counter.top(Facet::fault_cause, 1).at(0);
  EXPECT_EQ(cause.value, "shop (Timeout)");
  EXPECT_EQ(count(cause.filter).matched, 1U);
}

TEST_F(Facets, a_trace_counts_once_however_often_it_has_something) {
  for (EntityId id = 1; id <= 3; ++id) {
    traces_.put(segment_document(memory_trace_id(1), id, "shop", 0, 1, R"(,"user":"ann")"));
  }
  EXPECT_THAT(told(count(), Facet::user), ElementsAre(R"(1  ann [user = "ann"])"));
}

TEST_F(Facets, a_filter_narrows_them_and_what_was_looked_at_is_told) {
  put(1, R"(,"user":"ann","fault":true)");
  put(2, R"(,"user":"bob")");
  const auto answer = count("fault");
  EXPECT_THAT(told(answer, Facet::user), ElementsAre(R"(1  ann [user = "ann"])"));
  EXPECT_EQ(answer.scanned, 2U);
  EXPECT_EQ(answer.matched, 1U);
}

TEST_F(Facets, are_of_the_newest_traces_where_there_are_too_many) {
  for (std::uint64_t n = 0; n < 50; ++n) put(n, R"(,"user":"u)" + std::to_string(n / 25) + '"');
  traces_.slow_after = 10;
  const auto answer = count("", 25);
  EXPECT_EQ(answer.scanned, 25U);
  EXPECT_FALSE(answer.complete);
  EXPECT_THAT(told(answer, Facet::user), ElementsAre(R"(25  u1 [user = "u1"])"));
  EXPECT_TRUE(count("", 51).complete);
  EXPECT_EQ(count("", 51).scanned, 50U);
}

TEST_F(Facets, stop_in_time_but_not_before_the_first_page) {
  for (std::uint64_t n = 0; n < 50; ++n) put(n);
  traces_.slow_after = 10;
  FacetsQuery query;
  query.end = 2e9;
  query.deadline = std::chrono::steady_clock::time_point::min();
  const auto answer = count_facets(traces_, query);
  EXPECT_EQ(answer.scanned, 10U);
  EXPECT_FALSE(answer.complete);
}

TEST_F(Facets, list_the_most_frequent_first_and_no_more_than_wanted) {
  for (std::uint64_t n = 0; n < 30; ++n) put(n, R"(,"user":"u)" + std::to_string(n) + '"');
  put(40, R"(,"user":"u7")");
  EXPECT_THAT(
      told(count(), Facet::user, 3),
      ElementsAre(R"(2  u7 [user = "u7"])", R"(1  u0 [user = "u0"])", R"(1  u1 [user = "u1"])"));
  EXPECT_EQ(count().counter.values(Facet::user), 30U);
}

TEST_F(Facets, have_bounded_memory) {
  FacetCounter counter;
  TraceRecord record;
  record.segments.resize(1);
  std::string user;
  for (std::size_t n = 0; n < FacetCounter::max_values + 10; ++n) {
    user = std::to_string(n);
    record.segments[0].user = user;
    counter.add(record);
  }
  EXPECT_EQ(counter.values(Facet::user), FacetCounter::max_values);
  EXPECT_EQ(counter.top(Facet::user, FacetCounter::max_values + 10).size(),
            FacetCounter::max_values);
}

// The filter of each value, asked for, finds as many traces as the facet says.
TEST_F(Facets, their_filters_find_what_they_count) {
  // Traces of one test id each: put under ids of their own.
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    const auto own = memory_trace_id(1000 + seed).to_string();
    for (auto document : random_trace(seed)) {
      const auto id = trace_of_tests.to_string();
      for (auto at = document.find(id); at != std::string::npos; at = document.find(id)) {
        document.replace(at, id.size(), own);
      }
      traces_.put(document);
    }
  }
  put(100,
      R"(,"annotations":{"a.b":"x","n":-1.5e-7,"t":"\\\"","big":123456789012}, "user":"ä\u0001")");
  put(101, R"(,"fault":true,"cause":{"exceptions":[{"id":"00000000000000ee","type":"E\"1"}]})");
  const auto answer = count();
  ASSERT_GT(answer.matched, 20U);
  std::size_t tried = 0;
  for (const auto facet : all_facets) {
    for (const auto& value : answer.counter.top(facet, 20)) {
      const auto found = static_cast<std::int64_t>(count(value.filter).matched);
      if (facet == Facet::service && value.detail.empty()) {
        EXPECT_GE(found, value.count) << value.filter;
      } else {
        EXPECT_EQ(found, value.count) << value.filter;
      }
      ++tried;
    }
  }
  EXPECT_GT(tried, 20U);
}

TEST_F(Facets, are_written_with_all_facets_and_their_members) {
  put(1, R"(,"origin":"AWS::EC2::Instance","annotations":{"size":3},"user":"ann")");
  put(2);
  const auto text = facets_json(count());
  EXPECT_THAT(
      text, testing::StartsWith(R"({"Scanned":2,"Matched":2,"Complete":true,"Facets":{"Service":{)"
                                R"("Values":[{"Name":"shop","Type":null,"Count":1,)"
                                R"x("Filter":"service(\"shop\")"},{"Name":"shop",)x"
                                R"("Type":"AWS::EC2::Instance","Count":1,"Filter":)"));
  EXPECT_THAT(text,
              testing::HasSubstr(R"("Annotation":{"Values":[{"Value":"3","Key":"size","Count":1,)"
                                 R"("Filter":"annotation[size] = 3"}],"Distinct":1})"));
  EXPECT_THAT(text, testing::HasSubstr(R"("User":{"Values":[{"Value":"ann","Count":1,)"
                                       R"("Filter":"user = \"ann\""}],"Distinct":1})"));
  for (const auto* name : {"Outcome", "HttpStatus", "HttpMethod", "HttpURL", "ResourceARN",
                           "FaultRootCause", "ErrorRootCause", "ResponseTimeRootCause"}) {
    EXPECT_THAT(text, testing::HasSubstr('"' + std::string(name) + R"(":{"Values":[)"));
  }
}

TEST_F(Facets, take_no_more_memory_however_long_the_texts_are) {
  FacetCounter counter;
  const std::string end(100'000, 'u');
  std::vector<std::string> urls;
  for (int n = 0; n < 1000; ++n) urls.push_back(std::to_string(n) + end);
  for (const auto& url : urls) {
    TraceRecord record;
    record.segments.emplace_back();
    record.root_segment = 0;
    record.segments[0].http.url = url;
    counter.add(record);
  }
  EXPECT_GT(counter.values(Facet::http_url), 10U);
  EXPECT_LT(counter.values(Facet::http_url) * 3 * end.size(), 2 * FacetCounter::max_bytes);
}

}  // namespace
}  // namespace xrayd::local
