// GetServiceGraph.
#include "questions_fixture.hpp"

namespace xrayd::local::api {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

constexpr const char* ten_minutes = R"("StartTime":1699999800,"EndTime":1700000400)";

class GetServiceGraph : public QuestionsFixture {
 protected:
  /// A request to a service on EC2 that asked a table and told a topic about it.
  void put_shop(std::uint64_t n, double start, const std::string& more = "") {
    traces_.put(segment_document(
        memory_trace_id(n), 1, "shop", start, start + 1.5,
        R"(,"origin":"AWS::EC2::Instance")" + more + R"(,"subsegments":[)" +
            R"({"id":"00000000000000a1","name":"DynamoDB","namespace":"aws",)" +
            times(start + 0.25, start + 0.5) +
            R"("aws":{"operation":"UpdateItem","table_name":"carts"}},)" +
            R"({"id":"00000000000000a2","name":"SNS","namespace":"aws",)" +
            times(start + 0.5, start + 1) +
            R"("aws":{"operation":"Publish","topic_arn":"arn:aws:sns:x:1:orders"},"error":true}])"));
  }

  [[nodiscard]] std::string graph(const std::string& members) {
    return ask(get_service_graph, "{" + members + "}");
  }
  [[nodiscard]] std::string refused(const std::string& members) {
    return refusal(get_service_graph, "{" + members + "}");
  }
  /// The service's own JSON; a test fails where there is none.
  [[nodiscard]] static std::string service(const std::string& body, const std::string& name,
                                           const std::string& type) {
    for (int i = 0;; ++i) {
      const auto one = at(body, "Services/" + std::to_string(i));
      if (one == "(absent)") break;
      if (at(one, "Name") == '"' + name + '"' && at(one, "Type") == type) return one;
    }
    ADD_FAILURE() << "no " << name << " in " << body;
    return "{}";
  }

 private:
  [[nodiscard]] static std::string times(double start, double end) {
    return R"("start_time":)" + std::to_string(memory_epoch + start) + R"(,"end_time":)" +
           std::to_string(memory_epoch + end) + ",";
  }
};

TEST_F(GetServiceGraph, nothing_is_an_empty_graph_of_the_time_asked_for) {
  EXPECT_EQ(graph(ten_minutes), R"({"StartTime":1699999800.0,"EndTime":1700000400.0,"Services":[],)"
                                R"("ContainsOldGroupVersions":false,"NextToken":null})");
}

// The guide's sample: a client, a service on EC2, a table and a topic.
TEST_F(GetServiceGraph, is_shaped_as_the_guides_sample) {
  put_shop(1, 2);
  put_shop(2, 4);
  const auto body = graph(ten_minutes);
  EXPECT_EQ(at(body, "StartTime"), "1700000002.0");
  EXPECT_EQ(at(body, "EndTime"), "1700000004.0");
  EXPECT_EQ(each(body, "Services", "Name").size(), 4U);

  const auto client = service(body, "shop", R"("client")");
  EXPECT_EQ(at(client, "State"), R"("unknown")");
  EXPECT_EQ(at(client, "SummaryStatistics"), "null");
  EXPECT_EQ(at(client, "Root"), "null");
  EXPECT_EQ(at(client, "Edges/1"), "(absent)");
  EXPECT_EQ(at(client, "Edges/0/Aliases"), "[]");
  EXPECT_EQ(at(client, "Edges/0/SummaryStatistics/TotalCount"), "2");
  EXPECT_EQ(at(client, "Edges/0/SummaryStatistics/TotalResponseTime"), "3.0");

  const auto shop = service(body, "shop", R"("AWS::EC2::Instance")");
  EXPECT_EQ(at(client, "Edges/0/ReferenceId"), at(shop, "ReferenceId"));
  EXPECT_EQ(at(shop, "State"), R"("active")");
  EXPECT_EQ(at(shop, "Root"), "true");
  EXPECT_EQ(at(shop, "Names"), R"(["shop"])");
  EXPECT_EQ(at(shop, "AccountId"), R"("000000000000")");
  EXPECT_EQ(at(shop, "StartTime"), "1700000002.0");
  EXPECT_EQ(at(shop, "EndTime"), "1700000005.0");
  EXPECT_EQ(at(shop, "SummaryStatistics"),
            R"({"OkCount":2,"ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},)"
            R"("FaultStatistics":{"OtherCount":0,"TotalCount":0},"TotalCount":2,)"
            R"("TotalResponseTime":3.0})");
  EXPECT_EQ(at(shop, "Edges/2"), "(absent)");

  const auto table = service(body, "carts", R"("AWS::DynamoDB::Table")");
  EXPECT_EQ(at(table, "State"), R"("unknown")");
  EXPECT_EQ(at(table, "Root"), "null");
  EXPECT_EQ(at(table, "Edges"), "[]");
  EXPECT_EQ(at(table, "SummaryStatistics/TotalResponseTime"), "0.5");

  const auto topic = service(body, "arn:aws:sns:x:1:orders", R"("AWS::SNS")");
  EXPECT_EQ(at(topic, "SummaryStatistics/ErrorStatistics"),
            R"({"ThrottleCount":0,"OtherCount":2,"TotalCount":2})");
  EXPECT_EQ(at(topic, "SummaryStatistics/OkCount"), "0");
}

TEST_F(GetServiceGraph, has_what_readers_rely_on) {
  put_shop(1, 0);
  traces_.put(segment_document(memory_trace_id(2), 1, "slow", 1, -1));
  const auto body = graph(ten_minutes);
  for (int i = 0; at(body, "Services/" + std::to_string(i)) != "(absent)"; ++i) {
    const auto one = at(body, "Services/" + std::to_string(i));
    EXPECT_EQ(at(one, "ReferenceId"), std::to_string(i));
    EXPECT_THAT(at(one, "Edges"), StartsWith("["));
    EXPECT_NE(at(one, "Name"), "null");
    EXPECT_NE(at(one, "StartTime"), "null");
    EXPECT_NE(at(one, "EndTime"), "null");
    EXPECT_THAT(at(one, "Type"), testing::Not("(absent)"));
    const bool has_figures = at(one, "SummaryStatistics") != "null";
    EXPECT_TRUE(has_figures || at(one, "Edges") != "[]") << one;
  }
}

TEST_F(GetServiceGraph, takes_whole_minutes_that_the_time_touches) {
  put_shop(1, 30);
  EXPECT_NE(at(graph(R"("StartTime":1700000031,"EndTime":1700000031.5)"), "Services"), "[]");
  EXPECT_EQ(at(graph(R"("StartTime":1700000160,"EndTime":1700000220)"), "Services"), "[]");
}

TEST_F(GetServiceGraph, of_a_group_has_the_traces_that_its_filter_takes) {
  groups_["big"] = "annotation.size > 5";
  groups_["arn:aws:xray:us-east-1:000000000000:group/big/1"] = "annotation.size > 5";
  put_shop(1, 0, R"(,"annotations":{"size":9})");
  put_shop(2, 1, R"(,"annotations":{"size":2})");
  for (const auto* group : {R"(,"GroupName":"big")",
                            R"(,"GroupARN":"arn:aws:xray:us-east-1:000000000000:group/big/1")"}) {
    const auto body = graph(std::string(ten_minutes) + group);
    EXPECT_EQ(at(service(body, "shop", R"("AWS::EC2::Instance")"), "SummaryStatistics/TotalCount"),
              "1");
    EXPECT_EQ(at(body, "ContainsOldGroupVersions"), "false");
  }
  const auto everything = graph(std::string(ten_minutes) + R"(,"GroupName":"Default")");
  EXPECT_EQ(everything, graph(ten_minutes));
}

TEST_F(GetServiceGraph, of_a_group_reads_all_pages) {
  groups_["shops"] = R"(service("shop"))";
  for (std::uint64_t n = 0; n < 50; ++n) put_shop(n, static_cast<double>(n));
  traces_.slow_after = 7;
  const auto body = graph(std::string(ten_minutes) + R"(,"GroupName":"shops")");
  EXPECT_EQ(at(service(body, "shop", R"("AWS::EC2::Instance")"), "SummaryStatistics/TotalCount"),
            "50");
}

TEST_F(GetServiceGraph, of_a_group_that_lacks_traces_for_lack_of_time_is_counted) {
  groups_["shops"] = R"(service("shop"))";
  for (std::uint64_t n = 0; n < 50; ++n) put_shop(n, static_cast<double>(n));
  const std::string of_group = std::string(ten_minutes) + R"(,"GroupName":"shops")";
  (void)graph(of_group);
  EXPECT_EQ(sums_cut_, 0);
  traces_.slow_after = 7;
  time_for_sums_ = {};
  EXPECT_EQ(at(service(graph(of_group), "shop", R"("AWS::EC2::Instance")"),
               "SummaryStatistics/TotalCount"),
            "7");
  EXPECT_EQ(sums_cut_, 1);
}

TEST_F(GetServiceGraph, refuses_what_makes_no_sense) {
  EXPECT_EQ(refused(std::string(ten_minutes) + R"(,"GroupName":"none")"),
            invalid("Group not found"));
  EXPECT_EQ(refused(std::string(ten_minutes) + R"(,"GroupName":"a","GroupARN":"b")"),
            invalid("Specify either GroupName or GroupARN, but not both"));
  EXPECT_EQ(refused(std::string(ten_minutes) + R"(,"NextToken":"x")"),
            invalid("NextToken is currently not supported"));
  EXPECT_EQ(refused(R"("StartTime":2,"EndTime":1)"),
            invalid("End time cannot be earlier than start time"));
  EXPECT_EQ(refused(R"("StartTime":2)"),
            not_valid("Value null at 'endTime' failed to satisfy constraint: Member must not be "
                      "null"));
  EXPECT_EQ(refused(std::string(ten_minutes) + R"(,"GroupName":"")"),
            not_valid("Value '' at 'groupName' failed to satisfy constraint: Member must have "
                      "length greater than or equal to 1"));
  EXPECT_THAT(refused(std::string(ten_minutes) + R"(,"GroupName":1)"),
              StartsWith("400 SerializationException: "));
}

TEST_F(GetServiceGraph, if_strict_six_hours) {
  const std::string long_time = R"("StartTime":1700000000,"EndTime":1700021601)";
  EXPECT_THAT(refused(long_time), StartsWith("200"));
  strict_ = true;
  EXPECT_EQ(refused(long_time), invalid("Time range cannot be longer than 6 hours"));
  EXPECT_THAT(refused(R"("StartTime":1700000000,"EndTime":1700021600)"), StartsWith("200"));
}

TEST_F(GetServiceGraph, odd_times_are_answered) {
  EXPECT_EQ(at(graph(R"("StartTime":-1e300,"EndTime":1e300)"), "Services"), "[]");
}

}  // namespace
}  // namespace xrayd::local::api
