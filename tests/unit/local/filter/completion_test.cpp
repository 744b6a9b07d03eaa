#include "local/filter/completion.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace xrayd::local {
namespace {

using Kind = FilterOffer::Kind;
using Texts = std::vector<std::string>;

// The bar stands for the cursor.
FilterCompletion completed(std::string text) {
  const std::size_t bar = text.find('|');
  text.erase(bar, 1);
  const auto characters = std::count_if(text.begin(), text.begin() + static_cast<long>(bar),
                                        [](char c) { return (c & 0xC0) != 0x80; });
  return complete_filter(text, static_cast<std::size_t>(characters));
}

// Offers in one word each: their texts, or `<kind of>`.
Texts offers(const std::string& text) {
  Texts all;
  for (const FilterOffer& offer : completed(text).offers) {
    constexpr const char* kinds[] = {"keyword", "op",      "connective",     "value", "service",
                                     "type",    "account", "annotation_key", "group"};
    const std::string asked = std::string("<") + kinds[static_cast<std::size_t>(offer.kind)] +
                              (offer.of.empty() ? ">" : " " + offer.of + ">");
    all.push_back(offer.text.empty() ? asked : offer.text);
  }
  return all;
}

bool has(const Texts& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

TEST(FilterCompletions, an_empty_bar_takes_any_keyword) {
  const Texts all = offers("|");
  for (const char* word : {"ok", "http.url", "service(", "edge(", "annotation.", "NOT", "json",
                           "rootcause.fault.entity", "group.name", "coldstart"}) {
    EXPECT_TRUE(has(all, word)) << word;
  }
  for (const char* word : {"coverage", "first", "AND", "}", "source.annotation."}) {
    EXPECT_FALSE(has(all, word)) << word;
  }
}

TEST(FilterCompletions, words_are_completed_in_any_case) {
  EXPECT_EQ(offers("HTTP.U|"), Texts({"http.url", "http.useragent"}));
  EXPECT_EQ(offers("ok AND resp|"), Texts({"responsetime"}));
  EXPECT_EQ(offers("rootcause.fault.e|"),
            Texts({"rootcause.fault.entity", "rootcause.fault.exception"}));
  EXPECT_EQ(offers("ok an|"), Texts({"AND", "annotation.", "annotation["}));
  EXPECT_EQ(offers("xyz|"), Texts());
}

TEST(FilterCompletions, the_whole_word_is_replaced) {
  const auto completion = completed("user = \"J\xc3\xb6\" AND fau|lt = true");
  EXPECT_EQ(completion.begin, 16U);
  EXPECT_EQ(completion.end, 21U);
  EXPECT_EQ(completion.typed, "fau");

  const auto empty = completed("ok AND |fault");
  EXPECT_EQ(empty.begin, 7U);
  EXPECT_EQ(empty.end, 7U);
}

TEST(FilterCompletions, operators_are_those_of_the_keyword) {
  const Texts texts = offers("http.url |");
  EXPECT_EQ(Texts(texts.begin(), texts.begin() + 7),
            Texts({"=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH", "AND", "OR"}));
  EXPECT_EQ(offers("http.url beg|"), Texts({"BEGINSWITH"}));
  EXPECT_FALSE(has(offers("duration |"), "CONTAINS"));
  EXPECT_TRUE(has(offers("duration |"), "<="));
  EXPECT_TRUE(has(offers("annotation.a |"), "CONTAINS"));
  EXPECT_EQ(offers("json |"), Texts({"=", "!="}));
  EXPECT_EQ(offers("json = |"), Texts({"#["}));
}

TEST(FilterCompletions, values_are_those_of_the_keyword) {
  EXPECT_EQ(offers("fault = |"), Texts({"true", "false"}));
  EXPECT_EQ(offers("fault = f|"), Texts({"false"}));
  EXPECT_EQ(offers("http.status >= |"), Texts({"<value http.status>"}));
  EXPECT_EQ(offers("http.method = |"), Texts({"<value http.method>"}));
  EXPECT_EQ(offers("annotation.age = 2|"), Texts({"<value annotation[\"age\"]>"}));
  EXPECT_EQ(offers("group.arn = |"), Texts({"<group group.arn>"}));
  EXPECT_EQ(offers("type = AWS::Dy|"), Texts({"<type type>"}));
  EXPECT_EQ(completed("type = AWS::Dy|").typed, "AWS::Dy");
}

TEST(FilterCompletions, within_quotation_marks_only_the_store_knows) {
  const auto completion = completed("user = \"al|ice\" AND ok");
  EXPECT_EQ(completion.begin, 7U);
  EXPECT_EQ(completion.end, 14U);
  EXPECT_EQ(completion.typed, "al");
  ASSERT_EQ(completion.offers.size(), 1U);
  EXPECT_EQ(completion.offers[0], (FilterOffer{Kind::value, "", "user"}));

  EXPECT_EQ(offers("service(\"a|"), Texts({"<service>"}));
  EXPECT_EQ(completed("service(\"a|").end, 10U);
  EXPECT_EQ(offers("fault = \"|"), Texts());
}

TEST(FilterCompletions, services_and_their_ids) {
  EXPECT_EQ(offers("service(|"), Texts({")", "<service>", "id("}));
  EXPECT_EQ(offers("edge(\"a\", |"), Texts({")", "<service>", "id("}));
  EXPECT_EQ(offers("edge(\"a\"|"), Texts({","}));
  EXPECT_EQ(offers("service(id(|"), Texts({"name:", "type:", "account.id:"}));
  EXPECT_EQ(offers("service(id(type: \"x\", |"), Texts({"name:", "account.id:"}));
  EXPECT_EQ(offers("service(id(name|"), Texts({"name:"}));
  EXPECT_EQ(offers("service(id(name |"), Texts({":"}));
  EXPECT_EQ(offers("service(id(name: |"), Texts({"<service>"}));
  EXPECT_EQ(offers("service(id(type: \"|"), Texts({"<type>"}));
  EXPECT_EQ(offers("service(id(account.id: |"), Texts({"<account>"}));
  EXPECT_EQ(offers("service(id(type: \"x\" |"), Texts({")", ","}));
  EXPECT_EQ(offers("service(\"a\") |").front(), "{");
}

TEST(FilterCompletions, blocks_take_keywords_of_their_own) {
  const Texts in_edge = offers("edge(,) { |");
  EXPECT_TRUE(has(in_edge, "source.annotation."));
  EXPECT_TRUE(has(in_edge, "index"));
  EXPECT_FALSE(has(in_edge, "service("));
  EXPECT_EQ(offers("rootcause.responsetime.entity { c|"), Texts({"coverage"}));
  EXPECT_EQ(offers("rootcause.fault.entity { c|"), Texts());
  EXPECT_TRUE(has(offers("service() { fault |"), "}"));
  EXPECT_TRUE(has(offers("(fault |"), ")"));
  EXPECT_FALSE(has(offers("fault |"), ")"));
}

TEST(FilterCompletions, keys_of_annotations) {
  const auto completion = completed("ok Annotation.ga|me = 1");
  EXPECT_EQ(completion.begin, 14U);
  EXPECT_EQ(completion.end, 18U);
  EXPECT_EQ(completion.typed, "ga");
  ASSERT_EQ(completion.offers.size(), 1U);
  EXPECT_EQ(completion.offers[0], (FilterOffer{Kind::annotation_key, "", ""}));
  EXPECT_EQ(offers("annotation.|"), Texts({"<annotation_key>"}));
  EXPECT_EQ(offers("annotation[|"), Texts({"<annotation_key>"}));
  EXPECT_EQ(offers("annotation[\"a.|"), Texts({"<annotation_key>"}));
  EXPECT_EQ(offers("annotation[\"a\"|"), Texts({"]"}));
  EXPECT_EQ(offers("edge() { source.annotation.a|"), Texts({"<annotation_key>"}));
  EXPECT_EQ(offers("source.annotation.a|"), Texts());
}

TEST(FilterCompletions, behind_something_wrong_there_are_none) {
  EXPECT_EQ(offers("duration = = |"), Texts());
  EXPECT_EQ(offers("what = \"x\" AND |"), Texts());
  EXPECT_EQ(offers("ok) |"), Texts());
}

TEST(FilterCompletions, cursors_beyond_the_end_are_at_the_end) {
  EXPECT_EQ(complete_filter("faul", 1000).typed, "faul");
  EXPECT_EQ(complete_filter("", 5).begin, 0U);
  EXPECT_TRUE(complete_filter(std::string(100'000, '('), 100'000).offers.empty());
}

}  // namespace
}  // namespace xrayd::local
