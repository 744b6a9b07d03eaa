#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <xray/impl/sampling/local_rules.hpp>
#include <xray/impl/sampling/local_sampler.hpp>

#include "support/allocations.hpp"

using xray::SamplingRequest;
using xray::detail::LocalRules;
using xray::detail::LocalRulesResult;
using xray::detail::LocalSampler;
using xray::detail::parse_local_rules;

namespace {

constexpr std::int64_t now = 1'700'000'000;
/// The ends of what chance can say: taken by every rate but 0, and by no rate but 1.
constexpr std::uint64_t lowest = 0;
constexpr std::uint64_t highest = ~std::uint64_t{0};

const std::string a_default = R"("default":{"fixed_target":1,"rate":0.05})";

/// A text of version 2 with such rules.
std::string with_rules(const std::string& rules) {
  return R"({"version":2,)" + a_default + R"(,"rules":[)" + rules + "]}";
}

/// A rule of version 2 with such other members.
std::string rule(const std::string& members) {
  return R"({"host":"*","http_method":"*","url_path":"*",)" + members + "}";
}

std::string error_of(const std::string& text) {
  const LocalRulesResult result = parse_local_rules(text);
  if (!result.error.empty()) {
    EXPECT_TRUE(result.rules.rules.empty());  // nothing of it is used
  }
  return result.error;
}

LocalRules rules_of(const std::string& text) {
  LocalRulesResult result = parse_local_rules(text);
  EXPECT_EQ(result.error, "");
  return std::move(result.rules);
}

SamplingRequest request_of(std::string_view host, std::string_view method, std::string_view path) {
  SamplingRequest request;
  request.host = host;
  request.method = method;
  request.path = path;
  return request;
}

}  // namespace

// What is read.

TEST(LocalRules, of_version_2_are_read) {
  const LocalRules rules = rules_of(R"({
    "version": 2,
    "rules": [
      {"description": "checks", "host": "a.example", "http_method": "GET", "url_path": "/ping",
       "fixed_target": 0, "rate": 0.25},
      {"host": "*", "http_method": "P*", "url_path": "/api/?", "fixed_target": 4294967295, "rate": 1}
    ],
    "default": {"fixed_target": 7, "rate": 0.125}
  })");
  ASSERT_EQ(rules.rules.size(), 2U);
  EXPECT_EQ(rules.rules[0].patterns.host, "a.example");
  EXPECT_EQ(rules.rules[0].patterns.method, "GET");
  EXPECT_EQ(rules.rules[0].patterns.path, "/ping");
  EXPECT_EQ(rules.rules[0].fixed_target, 0U);
  EXPECT_EQ(rules.rules[0].rate, 0.25);
  EXPECT_EQ(rules.rules[1].patterns.method, "P*");
  EXPECT_EQ(rules.rules[1].fixed_target, 4294967295U);
  EXPECT_EQ(rules.rules[1].rate, 1.0);
  EXPECT_EQ(rules.otherwise.fixed_target, 7U);
  EXPECT_EQ(rules.otherwise.rate, 0.125);
}

TEST(LocalRules, of_version_1_say_service_name_and_mean_the_host) {
  const LocalRules rules = rules_of(R"({"rules":[{"service_name":"a.example","http_method":"*",)"
                                    R"("url_path":"*","fixed_target":3,"rate":0}],)" +
                                    a_default + R"(,"version":1})");
  ASSERT_EQ(rules.rules.size(), 1U);
  EXPECT_EQ(rules.rules[0].patterns.host, "a.example");
  EXPECT_EQ(rules.rules[0].patterns.service_name, "*");
  EXPECT_EQ(rules.rules[0].fixed_target, 3U);
}

TEST(LocalRules, need_no_list_of_rules) {
  EXPECT_TRUE(rules_of(R"({"version":2,)" + a_default + "}").rules.empty());
  EXPECT_TRUE(rules_of(with_rules("")).rules.empty());
}

TEST(LocalRules, may_be_described_everywhere) {
  EXPECT_EQ(error_of(R"({"description":"ours","version":1,"default":{"description":"others",)"
                     R"("fixed_target":0,"rate":0}})"),
            "");
}

TEST(LocalRules, are_read_however_a_number_is_written) {
  const LocalRules rules =
      rules_of(R"({"version":2.0,"default":{"fixed_target":5e1,"rate":1E-18}})");
  EXPECT_EQ(rules.otherwise.fixed_target, 50U);
  EXPECT_EQ(rules.otherwise.rate, 1e-18);
  EXPECT_EQ(rules_of(R"({"version":2,"default":{"fixed_target":-0,"rate":-0.0}})").otherwise.rate,
            0);
}

TEST(LocalRules, are_read_with_as_many_digits_as_there_are) {
  const auto rate_of = [](const std::string& number) {
    return rules_of(R"({"version":2,"default":{"fixed_target":0,"rate":)" + number + "}}")
        .otherwise.rate;
  };
  EXPECT_NEAR(rate_of("0." + std::string(600, '0') + "5"), 0, 1e-300);
  EXPECT_NEAR(rate_of("0." + std::string(600, '5')), 5.0 / 9, 1e-15);
  EXPECT_NEAR(rate_of("5" + std::string(200, '0') + "e-201"), 0.5, 1e-15);
  EXPECT_NEAR(rate_of("0.5e-999999999"), 0, 1e-300);
}

TEST(LocalRules, are_read_behind_a_byte_order_mark) {
  EXPECT_EQ(error_of("\xEF\xBB\xBF" + with_rules("")), "");
}

TEST(LocalRules, without_a_text_are_one_a_second_and_five_percent) {
  const LocalRules rules;
  EXPECT_TRUE(rules.rules.empty());
  EXPECT_EQ(rules.otherwise.fixed_target, 1U);
  EXPECT_EQ(rules.otherwise.rate, 0.05);
}

// What is refused, and with which words.

TEST(LocalRules, that_are_not_json_are_refused_with_line_and_column) {
  EXPECT_EQ(error_of(""), "not JSON, line 1, column 1: The document is empty.");
  EXPECT_EQ(error_of("{\n  \"version\": 2,\n  \"d\xC3\xA9\": nil}"),
            "not JSON, line 3, column 10: Invalid value.");
  EXPECT_EQ(error_of(with_rules("") + "}").substr(0, 9), "not JSON,");
  EXPECT_EQ(error_of(R"({"version":1e999})").substr(0, 9), "not JSON,");
  EXPECT_EQ(error_of("{\"version\":2,\"default\":\"\xFF\"}").substr(0, 9), "not JSON,");
}

TEST(LocalRules, end_at_no_nul_character) {
  std::string text = with_rules("");
  const std::string column = std::to_string(text.size() + 1);
  text += '\0';
  EXPECT_EQ(error_of(text + "{"), "not JSON, line 1, column " + column + ": a NUL character");
}

TEST(LocalRules, of_more_than_a_megabyte_are_refused) {
  std::string text = with_rules("");
  text.resize(std::size_t{1} << 20U, ' ');
  EXPECT_EQ(error_of(text), "");
  EXPECT_EQ(error_of(text + ' '), "the rules have more than 1048576 bytes");
}

TEST(LocalRules, nested_without_need_are_refused) {
  EXPECT_EQ(error_of(std::string(std::size_t{1} << 20U, '[')),
            "nested deeper than 16, line 1, column 17");
  std::string objects;
  for (int i = 0; i < 20; ++i) objects += "{\"a\":";
  EXPECT_EQ(error_of(objects).substr(0, 21), "nested deeper than 16");
}

TEST(LocalRules, must_be_an_object) {
  EXPECT_EQ(error_of("[]"), "the rules are an array, not an object");
  EXPECT_EQ(error_of("null"), "the rules are null, not an object");
  EXPECT_EQ(error_of("\"x\""), "the rules are \"x\", not an object");
}

TEST(LocalRules, must_be_of_a_known_version) {
  EXPECT_EQ(error_of("{" + a_default + "}"), "version is missing: 1 and 2 are known");
  for (const std::string version : {"0", "3", "-1", "1.5", "\"2\"", "null", "true"}) {
    EXPECT_EQ(error_of("{\"version\":" + version + "," + a_default + "}"),
              "version is " + version + ", not 1 or 2");
  }
  EXPECT_EQ(error_of(R"({"version":[2],)" + a_default + "}"), "version is an array, not 1 or 2");
}

TEST(LocalRules, with_keys_that_mean_nothing_are_refused) {
  EXPECT_EQ(error_of(R"({"version":2,"rule":[],)" + a_default + "}"),
            "\"rule\" is not a key that is known here");
  EXPECT_EQ(error_of(with_rules(rule(R"("fixed_target":1,"rate":0,"Rate":1)"))),
            "rule 1: \"Rate\" is not a key that is known here");
  EXPECT_EQ(error_of(R"({"version":2,"default":{"fixed_target":1,"rate":0,"reservoir":1}})"),
            "default: \"reservoir\" is not a key that is known here");
}

TEST(LocalRules, with_a_key_twice_are_refused) {
  EXPECT_EQ(error_of(R"({"version":2,"version":2,)" + a_default + "}"),
            "version stands there twice");
  EXPECT_EQ(error_of(R"({"version":2,)" + a_default + "," + a_default + "}"),
            "default stands there twice");
  EXPECT_EQ(error_of(with_rules(rule(R"("fixed_target":1,"rate":0,"rate":1)"))),
            "rule 1: rate stands there twice");
  EXPECT_EQ(error_of(R"({"version":2,"default":{"fixed_target":1,"rate":0,"rate":0}})"),
            "default: rate stands there twice");
}

TEST(LocalRules, must_have_a_default) {
  EXPECT_EQ(error_of(R"({"version":2,"rules":[]})"), "default is missing");
  EXPECT_EQ(error_of(R"({"version":2,"default":null})"), "default is null, not an object");
  EXPECT_EQ(error_of(R"({"version":2,"default":{"rate":0}})"), "default: fixed_target is missing");
  EXPECT_EQ(error_of(R"({"version":2,"default":{"fixed_target":0}})"), "default: rate is missing");
  EXPECT_EQ(error_of(R"({"version":2,"default":{"fixed_target":-2,"rate":0}})"),
            "default: fixed_target is -2, not a whole number of 0 or more");
  EXPECT_EQ(error_of(R"({"version":2,"default":{"fixed_target":0,"rate":5}})"),
            "default: rate is 5, not a number of 0 to 1");
  EXPECT_EQ(error_of(R"({"version":2,"default":{"fixed_target":0,"rate":0,"description":[]}})"),
            "default: description is an array, not a string");
}

TEST(LocalRules, must_not_have_a_default_that_asks_for_something) {
  for (const char* const key : {"host", "service_name", "http_method", "url_path"}) {
    EXPECT_EQ(error_of(R"({"version":2,"default":{"fixed_target":1,"rate":0,")" + std::string(key) +
                       R"(":"*"}})"),
              "default: " + std::string(key) +
                  " has no place here: this is for whatever no rule matches");
  }
}

TEST(LocalRules, must_be_a_list_of_objects) {
  EXPECT_EQ(error_of(R"({"version":2,"rules":{},)" + a_default + "}"),
            "rules is an object, not an array");
  EXPECT_EQ(error_of(R"({"version":2,"rules":null,)" + a_default + "}"),
            "rules is null, not an array");
  EXPECT_EQ(error_of(with_rules(rule(R"("fixed_target":1,"rate":0)") + ",7")),
            "rule 2 is 7, not an object");
}

TEST(LocalRules, must_say_all_that_they_ask_for) {
  const std::string amounts = R"("fixed_target":1,"rate":0)";
  EXPECT_EQ(error_of(with_rules(R"({"http_method":"*","url_path":"*",)" + amounts + "}")),
            "rule 1: host is missing");
  EXPECT_EQ(error_of(with_rules(R"({"host":"*","url_path":"*",)" + amounts + "}")),
            "rule 1: http_method is missing");
  EXPECT_EQ(error_of(with_rules(R"({"host":"*","http_method":"*",)" + amounts + "}")),
            "rule 1: url_path is missing");
  EXPECT_EQ(error_of(R"({"version":1,"rules":[{"http_method":"*","url_path":"*",)" + amounts +
                     "}]," + a_default + "}"),
            "rule 1: service_name is missing");
  EXPECT_EQ(error_of(with_rules(rule(R"("rate":0)"))), "rule 1: fixed_target is missing");
  EXPECT_EQ(error_of(with_rules(rule(R"("fixed_target":0)"))), "rule 1: rate is missing");
}

TEST(LocalRules, must_ask_in_strings) {
  const std::string amounts = R"("fixed_target":1,"rate":0)";
  EXPECT_EQ(
      error_of(with_rules(R"({"host":null,"http_method":"*","url_path":"*",)" + amounts + "}")),
      "rule 1: host is null, not a string");
  EXPECT_EQ(
      error_of(with_rules(R"({"host":"*","http_method":["GET"],"url_path":"*",)" + amounts + "}")),
      "rule 1: http_method is an array, not a string");
  EXPECT_EQ(error_of(with_rules(R"({"host":"*","http_method":"*","url_path":{},)" + amounts + "}")),
            "rule 1: url_path is an object, not a string");
  EXPECT_EQ(error_of(with_rules(rule(amounts + R"(,"description":1.5)"))),
            "rule 1: description is 1.5, not a string");
}

TEST(LocalRules, must_not_mix_the_versions) {
  EXPECT_EQ(error_of(with_rules(rule(R"("service_name":"*","fixed_target":1,"rate":0)"))),
            "rule 1: service_name belongs to version 1; in version 2 it is host");
  EXPECT_EQ(error_of(R"({"version":1,"rules":[)" + rule(R"("fixed_target":1,"rate":0)") + "]," +
                     a_default + "}"),
            "rule 1: host belongs to version 2; in version 1 it is service_name");
}

TEST(LocalRules, must_have_a_whole_fixed_target) {
  for (const std::string value : {"-1", "-0.5", "1.5", "1e-3", "\"1\"", "null", "true"}) {
    EXPECT_EQ(error_of(with_rules(rule(R"("rate":0,"fixed_target":)" + value))),
              "rule 1: fixed_target is " + (value == "1e-3" ? "0.001" : value) +
                  ", not a whole number of 0 or more");
  }
  EXPECT_EQ(error_of(with_rules(rule(R"("rate":0,"fixed_target":4294967296)"))),
            "rule 1: fixed_target is 4294967296, more than 4294967295");
  EXPECT_EQ(error_of(with_rules(rule(R"("rate":0,"fixed_target":1e300)"))),
            "rule 1: fixed_target is 1e300, more than 4294967295");
}

TEST(LocalRules, must_have_a_rate_of_zero_to_one) {
  for (const std::string value : {"-0.1", "-1", "1.001", "2", "\"0.5\"", "null"}) {
    EXPECT_EQ(error_of(with_rules(rule(R"("fixed_target":0,"rate":)" + value))),
              "rule 1: rate is " + value + ", not a number of 0 to 1");
  }
}

TEST(LocalRules, at_fault_are_named_by_number_and_description) {
  const std::string good = rule(R"("fixed_target":0,"rate":0,"description":"good")");
  EXPECT_EQ(
      error_of(with_rules(good + "," + good + "," +
                          rule(R"("fixed_target":-1,"rate":0,"description":"health checks")"))),
      "rule 3 (\"health checks\"): fixed_target is -1, not a whole number of 0 or more");
}

TEST(LocalRules, are_quoted_on_one_line_and_in_part) {
  EXPECT_EQ(
      error_of(with_rules(rule(R"("rate":2,"fixed_target":0,"description":"a\nb\u009bc\u00e9")"))),
      "rule 1 (\"a?b?c\xC3\xA9\"): rate is 2, not a number of 0 to 1");
  const std::string error =
      error_of(R"({"version":")" + std::string(1000, 'v') + R"(",)" + a_default + "}");
  EXPECT_LT(error.size(), 100U);
  EXPECT_NE(error.find("vvv...\""), std::string::npos) << error;
}

// What they decide.

TEST(LocalSampler, takes_the_first_of_each_second_and_of_the_others_the_rate) {
  LocalSampler sampler(rules_of(R"({"version":2,"default":{"fixed_target":2,"rate":0.25}})"));
  const SamplingRequest request;
  const std::uint64_t quarter = std::uint64_t{1} << 62U;
  for (const std::int64_t second : {now, now + 1, now + 60}) {
    EXPECT_TRUE(sampler.decide_at(request, second, highest).sampled);
    EXPECT_TRUE(sampler.decide_at(request, second, highest).sampled);
    EXPECT_FALSE(sampler.decide_at(request, second, highest).sampled);
    EXPECT_FALSE(sampler.decide_at(request, second, quarter).sampled);
    EXPECT_TRUE(sampler.decide_at(request, second, quarter - 1).sampled);
    EXPECT_TRUE(sampler.decide_at(request, second, lowest).sampled);
  }
}

TEST(LocalSampler, lets_the_first_rule_in_the_order_of_the_text_decide) {
  LocalSampler sampler(rules_of(R"({"version":2,"rules":[
      {"host":"*","http_method":"*","url_path":"/ping","fixed_target":0,"rate":0},
      {"host":"shop.example","http_method":"GET","url_path":"*","fixed_target":0,"rate":1},
      {"host":"*","http_method":"*","url_path":"*","fixed_target":0,"rate":0}],
      "default":{"fixed_target":1000,"rate":1}})"));
  const auto decided = [&](std::string_view host, std::string_view method, std::string_view path) {
    return sampler.decide_at(request_of(host, method, path), now, now).sampled;
  };
  EXPECT_FALSE(decided("shop.example", "GET", "/ping"));
  EXPECT_TRUE(decided("shop.example", "GET", "/cart"));
  EXPECT_TRUE(decided("SHOP.example", "get", "/cart"));
  EXPECT_FALSE(decided("shop.example", "POST", "/cart"));
  EXPECT_FALSE(decided("www.example", "GET", "/cart"));
}

TEST(LocalSampler, gives_every_rule_a_fixed_target_of_its_own) {
  LocalSampler sampler(rules_of(R"({"version":2,"rules":[
      {"host":"a","http_method":"*","url_path":"*","fixed_target":1,"rate":0},
      {"host":"b","http_method":"*","url_path":"*","fixed_target":2,"rate":0}],
      "default":{"fixed_target":3,"rate":0}})"));
  const auto sampled = [&](const char* host) {
    int count = 0;
    for (int i = 0; i < 10; ++i) {
      count += sampler.decide_at(request_of(host, "GET", "/"), now, lowest).sampled ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(sampled("b"), 2);
  EXPECT_EQ(sampled("a"), 1);
  EXPECT_EQ(sampled("c"), 3);
}

TEST(LocalSampler, names_no_rule) {
  LocalSampler sampler{LocalRules()};
  const xray::SamplingDecision decision = sampler.decide_at(SamplingRequest(), now, lowest);
  EXPECT_TRUE(decision.sampled);
  EXPECT_TRUE(decision.rule_name.empty());
  EXPECT_FALSE(decision.observed);
}

TEST(LocalSampler, eight_threads_get_exactly_the_fixed_target_of_a_second) {
  constexpr int target = 100;
  constexpr std::int64_t seconds = 20;
  LocalSampler sampler(rules_of(R"({"version":2,"rules":[{"host":"h","http_method":"*",)"
                                R"("url_path":"*","fixed_target":100,"rate":0}],)"
                                R"("default":{"fixed_target":0,"rate":0}})"));
  std::vector<std::atomic<int>> sampled(seconds);
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      const SamplingRequest request = request_of("h", "GET", "/");
      for (std::int64_t second = 0; second < seconds; ++second) {
        ++ready;
        while (ready.load() < 8 * (second + 1)) std::this_thread::yield();
        for (int i = 0; i < 200; ++i) {
          if (sampler.decide_at(request, now + second, lowest).sampled) {
            ++sampled[static_cast<std::size_t>(second)];
          }
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::atomic<int>& count : sampled) EXPECT_EQ(count.load(), target);
}

// The generator is fixed, and so is what comes out. The bound is five standard deviations.
TEST(LocalSampler, samples_five_percent_by_default_beyond_the_first) {
  LocalSampler sampler{LocalRules()};
  std::mt19937_64 generator(20'260'103);
  constexpr int rounds = 200'000;
  int sampled = 0;
  for (int i = 0; i < rounds; ++i) {
    sampled += sampler.decide_at(SamplingRequest(), now, generator()).sampled ? 1 : 0;
  }
  EXPECT_NEAR(sampled - 1, rounds * 0.05, 5 * std::sqrt(rounds * 0.05 * 0.95));
}

TEST(LocalSampler, decides_without_memory) {
  LocalSampler sampler(rules_of(with_rules(rule(R"("fixed_target":1,"rate":0.5)"))));
  (void)sampler.decide(SamplingRequest());  // seeds the generator
  const SamplingRequest request = request_of("shop.example", "GET", "/cart");
  const auto before = support::allocations();
  for (int i = 0; i < 1000; ++i) (void)sampler.decide(request);
  EXPECT_EQ(support::allocations(), before);
}

// What other SDKs got wrong.

// Ruby's takes from the default's at every request, also where a rule matched.
TEST(LocalSampler, does_not_use_up_the_defaults_fixed_target_where_a_rule_matched) {
  LocalSampler sampler(rules_of(R"({"version":2,"rules":[
      {"host":"*","http_method":"*","url_path":"/ping","fixed_target":0,"rate":0}],
      "default":{"fixed_target":1,"rate":0}})"));
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(sampler.decide_at(request_of("h", "GET", "/ping"), now, lowest).sampled);
  }
  EXPECT_TRUE(sampler.decide_at(request_of("h", "GET", "/cart"), now, lowest).sampled);
}

// Node's takes a request of unknown host for the first rule's, whatever its method and path.
TEST(LocalSampler, an_unknown_host_does_not_make_up_for_another_path) {
  LocalSampler sampler(rules_of(R"({"version":2,"rules":[
      {"host":"shop.example","http_method":"GET","url_path":"/ping","fixed_target":0,"rate":0}],
      "default":{"fixed_target":0,"rate":1}})"));
  EXPECT_FALSE(sampler.decide_at(request_of("", "GET", "/ping"), now, lowest).sampled);
  EXPECT_TRUE(sampler.decide_at(request_of("", "GET", "/cart"), now, lowest).sampled);
  EXPECT_TRUE(sampler.decide_at(request_of("", "POST", "/ping"), now, lowest).sampled);
}

// Node's compares paths with their query.
TEST(LocalSampler, the_query_is_no_part_of_the_path) {
  LocalSampler sampler(rules_of(R"({"version":2,"rules":[
      {"host":"*","http_method":"*","url_path":"/ping","fixed_target":0,"rate":0}],
      "default":{"fixed_target":0,"rate":1}})"));
  EXPECT_FALSE(sampler.decide_at(request_of("h", "GET", "/ping?at=1"), now, lowest).sampled);
}

// Java's takes what is unknown for an empty text, which only `*` matches.
TEST(LocalSampler, what_is_unknown_counts_as_matched) {
  LocalSampler sampler(rules_of(R"({"version":2,"rules":[
      {"host":"shop.example","http_method":"GET","url_path":"/ping","fixed_target":0,"rate":0}],
      "default":{"fixed_target":0,"rate":1}})"));
  EXPECT_FALSE(sampler.decide_at(SamplingRequest(), now, lowest).sampled);
}

// Ruby's and .NET's compare with <=, and sample at rate 0 now and then.
TEST(LocalSampler, a_rate_of_zero_never_samples_and_of_one_always) {
  LocalSampler never(rules_of(R"({"version":2,"default":{"fixed_target":0,"rate":0}})"));
  LocalSampler always(rules_of(R"({"version":2,"default":{"fixed_target":0,"rate":1}})"));
  for (const std::uint64_t chance : {lowest, highest}) {
    EXPECT_FALSE(never.decide_at(SamplingRequest(), now, chance).sampled);
    EXPECT_TRUE(always.decide_at(SamplingRequest(), now, chance).sampled);
  }
}

// Of Go's and Java's first versions: a pattern that tried every star in turn.
TEST(LocalSampler, no_pattern_and_no_path_take_for_ever) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "*a";
  LocalSampler sampler(rules_of(
      with_rules(R"({"host":"*","http_method":"*","fixed_target":0,"rate":0,"url_path":")" +
                 pattern + "b\"}")));
  const std::string path(4000, 'a');
  EXPECT_TRUE(sampler.decide_at(request_of("h", "GET", path), now, lowest).sampled);
}
