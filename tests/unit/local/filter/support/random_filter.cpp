#include "support/random_filter.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "support/vocabulary.hpp"

namespace xrayd::local::test {
namespace {

using Words = std::vector<std::string_view>;

struct Words4 {
  Words booleans;
  Words numbers;
  Words texts;
  Words annotations;
};

const Words4& of_traces() {
  static const Words4 words = {
      {"ok", "error", "fault", "throttle", "partial", "coldstart"},
      {"responsetime", "duration", "http.status"},
      {"http.url", "http.method", "http.useragent", "http.clientip", "user", "name", "type",
       "message", "availabilityzone", "instance.id", "resource.arn", "account.id"},
      {"annotation"}};
  return words;
}

const Words4& of_services() {
  static const Words4 words = [] {
    Words4 all = of_traces();
    for (const char* word : {"inferred", "first", "last", "remote", "root"}) {
      all.booleans.emplace_back(word);
    }
    all.numbers.emplace_back("index");
    return all;
  }();
  return words;
}

const Words4& of_edges() {
  static const Words4 words = [] {
    Words4 all = of_services();
    all.annotations.emplace_back("source.annotation");
    all.annotations.emplace_back("destination.annotation");
    return all;
  }();
  return words;
}

const Words4& of_causes(std::string_view cause, std::string_view part) {
  static const Words4 services = {{"inferred", "first", "last", "remote", "root"},
                                  {"index"},
                                  {"name", "type", "account.id"},
                                  {}};
  static const Words4 entities = {{"inferred", "first", "last", "remote"}, {"index"}, {"name"}, {}};
  static const Words4 slow = {
      {"inferred", "first", "last", "remote"}, {"index", "coverage"}, {"name"}, {}};
  static const Words4 exceptions = {{"first", "last"}, {"index"}, {"name", "message"}, {}};
  if (part == "service") return services;
  if (part == "exception") return exceptions;
  return cause == "responsetime" ? slow : entities;
}

std::string text(std::string_view keyword, std::mt19937& random) {
  if (keyword == "name") return std::string(one_of(names, random));
  if (keyword == "type") return std::string(one_of(types, random));
  if (keyword == "account.id") return std::string(one_of(accounts, random));
  return std::string(one_of(texts, random));
}

double number(std::string_view keyword, std::mt19937& random) {
  if (keyword == "http.status") return one_of(statuses, random);
  return one_of(numbers, random);
}

void compare_number(NaiveFilter& filter, std::mt19937& random) {
  filter.op = one_of(Words{"=", "!=", "<", "<=", ">", ">="}, random);
  filter.value = number(filter.keyword, random);
}

void compare_text(NaiveFilter& filter, std::mt19937& random) {
  filter.op = one_of(Words{"=", "=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH"}, random);
  filter.value = text(filter.keyword, random);
}

void compare_boolean(NaiveFilter& filter, std::mt19937& random) {
  filter.op = one_of(Words{"=", "!="}, random);
  filter.value = one_in(2, random);
}

NaiveFilter predicate(const Words4& words, std::mt19937& random) {
  NaiveFilter filter;
  const bool alone = one_in(4, random);
  for (;;) {
    const auto kind = random() % 4;
    const Words& list = kind == 0   ? words.booleans
                        : kind == 1 ? words.numbers
                        : kind == 2 ? words.texts
                                    : words.annotations;
    if (list.empty()) continue;
    filter.keyword = one_of(list, random);
    const auto type = kind == 3 ? random() % 3 : kind;
    if (kind == 3) filter.key = one_of(keys, random);
    if (alone || (kind == 0 && one_in(2, random))) return filter;
    if (type == 0) compare_boolean(filter, random);
    if (type == 1) compare_number(filter, random);
    if (type == 2) compare_text(filter, random);
    return filter;
  }
}

NaiveNode node(std::mt19937& random) {
  NaiveNode node;
  if (!one_in(3, random)) node.name = one_of(names, random);
  if (one_in(4, random)) node.type = one_of(types, random);
  if (one_in(6, random)) node.account = one_of(accounts, random);
  return node;
}

NaiveFilter some(const Words4& words, bool of_trace, std::size_t depth, std::mt19937& random);

NaiveFilter entity(std::size_t depth, std::mt19937& random) {
  NaiveFilter filter;
  const Words4* words = nullptr;
  switch (random() % 3) {
    case 0:
      filter.kind = NaiveFilter::Kind::service;
      filter.source = node(random);
      words = &of_services();
      break;
    case 1:
      filter.kind = NaiveFilter::Kind::edge;
      filter.source = one_in(2, random) ? NaiveNode{} : node(random);
      filter.target = one_in(2, random) ? NaiveNode{} : node(random);
      words = &of_edges();
      break;
    default:
      filter.kind = NaiveFilter::Kind::cause;
      filter.cause = one_of(Words{"fault", "error", "responsetime"}, random);
      filter.part = one_of(Words{"service", "entity", "exception"}, random);
      words = &of_causes(filter.cause, filter.part);
      break;
  }
  if (!one_in(5, random)) filter.children.push_back(some(*words, false, depth, random));
  return filter;
}

NaiveFilter some(const Words4& words, bool of_trace, std::size_t depth, std::mt19937& random) {
  const auto child = [&] { return some(words, of_trace, depth - 1, random); };
  NaiveFilter filter;
  switch (depth == 0 ? 3 + random() % 3 : random() % 6) {
    case 0:
    case 1:
      filter.kind = one_in(2, random) ? NaiveFilter::Kind::all : NaiveFilter::Kind::any;
      for (std::size_t i = 2 + random() % 2; i > 0; --i) filter.children.push_back(child());
      return filter;
    case 2:
      filter.kind = NaiveFilter::Kind::negation;
      filter.children.push_back(child());
      return filter;
    case 3:
      if (of_trace) return entity(depth == 0 ? 0 : depth - 1, random);
      break;
    default:
      break;
  }
  return predicate(words, random);
}

}  // namespace

NaiveFilter random_filter(std::mt19937& random) {
  return some(of_traces(), true, random() % 4, random);
}

}  // namespace xrayd::local::test
