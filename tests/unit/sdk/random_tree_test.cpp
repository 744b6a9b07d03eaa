// Random trees of entities, recorded through the public API and read back: every entity must arrive
// once, below its parent, and say what was said of it, into however many documents it was divided.
#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "support/documents.hpp"

using support::Capture;
using support::Json;
using support::JsonValue;
using support::text_of;

namespace {

/// Bytes of the largest document that goes out with its header line as one datagram.
constexpr std::size_t largest_document = 64'480;
constexpr std::size_t most_annotations = 50;

/// What a document should say in one place. A string of JSON is compared as parsed.
struct JsonText {
  std::string text;
};
using Expected = std::variant<bool, std::int64_t, std::uint64_t, double, std::string, JsonText>;

/// One entity as the program meant it.
struct Meant {
  std::string id;
  std::string parent;  ///< id; empty for a segment
  std::string name;
  xray::Namespace name_space = xray::Namespace::local;
  bool error = false, fault = false, throttle = false;
  std::map<std::string, Expected> annotations;
  /// More annotations were added than are kept: which ones go is not promised.
  bool crowded = false;
  std::map<std::pair<std::string, std::string>, Expected> metadata;  ///< by namespace and key
  std::optional<int> status;
};

/// The same numbers from the same seed on every machine, which std's distributions don't promise.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  /// 0 to `sides` - 1.
  std::size_t roll(std::size_t sides) { return static_cast<std::size_t>(engine_() % sides); }
  bool one_in(std::size_t sides) { return roll(sides) == 0; }

 private:
  std::mt19937_64 engine_;
};

struct Fragment {
  std::string_view given, in_a_name, in_a_string;
};

/// Pieces of text, what a name keeps of them, and what a JSON string says in their place. None
/// begins with a byte that could continue the one before it.
constexpr std::array<Fragment, 16> fragments{{
    {"checkout", "checkout", "checkout"},
    {"a", "a", "a"},
    {" ", " ", " "},
    {"_.:/%&#=+-@9", "_.:/%&#=+-@9", "_.:/%&#=+-@9"},
    {"ü", "ü", "ü"},
    {"日本", "日本", "日本"},
    {"?|<>", "", "?|<>"},
    {"\"", "", "\""},
    {"\\", "", "\\"},
    {"\n\t\r", "", "\n\t\r"},
    {"\x01", "", "\x01"},
    {std::string_view("\0", 1), "", std::string_view("\0", 1)},
    {"\xF0\x9F\x98\x80", "", "\xF0\x9F\x98\x80"},
    {"\xff", "", "\xEF\xBF\xBD"},
    {"\xfe", "", "\xEF\xBF\xBD"},
    {"\xEF\xBF\xBD", "", "\xEF\xBF\xBD"},
}};

/// The first `most` characters of a text in UTF-8.
std::string first_characters(const std::string& text, std::size_t most) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (characters++ == most) return text.substr(0, i);
  }
  return text;
}

struct RandomText {
  std::string given, in_a_name, in_a_string;
};

RandomText random_text(Dice& dice, std::size_t most_fragments) {
  RandomText text;
  for (std::size_t left = dice.roll(most_fragments + 1); left > 0; --left) {
    const Fragment& fragment = fragments[dice.roll(fragments.size())];
    text.given += fragment.given;
    text.in_a_name += fragment.in_a_name;
    text.in_a_string += fragment.in_a_string;
  }
  return text;
}

/// A scalar and what becomes of it; none where it is refused.
template <typename Add>
std::optional<Expected> random_scalar(Dice& dice, Add&& add) {
  switch (dice.roll(6)) {
    case 0: {
      const bool value = dice.one_in(2);
      add(value);
      return value;
    }
    case 1: {
      const auto value = static_cast<std::int64_t>(dice.bits());
      add(value);
      return value;
    }
    case 2: {
      const std::uint64_t value = dice.one_in(4) ? std::numeric_limits<std::uint64_t>::max()
                                                 : static_cast<std::uint64_t>(dice.bits() >> 1U);
      add(value);
      return value;
    }
    case 3: {
      const int value = static_cast<int>(dice.roll(1000)) - 500;
      add(value);
      return static_cast<std::int64_t>(value);
    }
    case 4: {
      const double value = std::ldexp(static_cast<double>(static_cast<std::int64_t>(dice.bits())),
                                      static_cast<int>(dice.roll(1000)) - 700);
      add(value);
      return value;
    }
    default: {
      constexpr std::array<double, 3> none{std::numeric_limits<double>::quiet_NaN(),
                                           std::numeric_limits<double>::infinity(),
                                           -std::numeric_limits<double>::infinity()};
      add(none[dice.roll(none.size())]);
      return std::nullopt;
    }
  }
}

void annotate(Dice& dice, xray::Entity& entity, Meant& meant) {
  static const std::array<std::string, 4> refused{"not allowed", "", "schlüssel",
                                                  std::string(501, 'k')};
  if (dice.one_in(8)) {
    entity.add_annotation(refused[dice.roll(refused.size())], 1);
    return;
  }
  // Few enough keys that the same one comes again.
  const std::string key = "key_" + std::to_string(dice.roll(9));
  if (dice.one_in(2)) {
    const RandomText text = dice.one_in(20) ? random_text(dice, 600) : random_text(dice, 6);
    entity.add_annotation(key, text.given);
    meant.annotations.insert_or_assign(key, first_characters(text.in_a_string, 1000));
  } else if (const auto value =
                 random_scalar(dice, [&](auto number) { entity.add_annotation(key, number); })) {
    meant.annotations.insert_or_assign(key, *value);
  }
}

void crowd_with_annotations(xray::Entity& entity, Meant& meant) {
  meant.crowded = true;
  for (int i = 0; i < 60; ++i) {
    const std::string key = "crowd_" + std::to_string(i);
    entity.add_annotation(key, i);
    meant.annotations.insert_or_assign(key, std::int64_t{i});
  }
}

void add_metadata(Dice& dice, xray::Entity& entity, Meant& meant) {
  static const std::array<std::pair<const char*, bool>, 8> json{{
      {"null", true},
      {" {\"a\":[1,2.5,{\"b\":\"\\u00e9\"}]} ", true},
      {"[]", true},
      {"-0.5e3", true},
      {"{\"a\":", false},
      {"nul", false},
      {"", false},
      {"[1] [2]", false},
  }};
  const RandomText key = random_text(dice, 3);
  const std::string name_space = dice.one_in(2) ? "default" : "shop";
  if (dice.one_in(20)) {
    entity.add_metadata(key.given, 1, "AWS.reserved");
    return;
  }
  Expected& place = meant.metadata[{name_space, key.in_a_string}];
  if (dice.one_in(3)) {
    const auto& [text, valid] = json[dice.roll(json.size())];
    entity.add_metadata(key.given, xray::Json(text), name_space);
    place = valid ? Expected(JsonText{text}) : Expected(std::string(text));
  } else if (dice.one_in(2)) {
    const RandomText text = dice.one_in(10) ? random_text(dice, 300) : random_text(dice, 6);
    entity.add_metadata(key.given, text.given, name_space);
    place = text.in_a_string;
  } else {
    double last = 0;
    const auto value = random_scalar(dice, [&](auto number) {
      last = static_cast<double>(number);
      entity.add_metadata(key.given, number, name_space);
    });
    place = value              ? *value
            : std::isnan(last) ? Expected(std::string("NaN"))
            : last > 0         ? Expected(std::string("Infinity"))
                               : Expected(std::string("-Infinity"));
  }
}

/// Says one thing about an entity.
void say_something(Dice& dice, xray::Entity& entity, Meant& meant) {
  switch (dice.roll(8)) {
    case 0:
      entity.set_fault();
      meant.fault = true;
      break;
    case 1:
      entity.set_error(false);
      meant.error = false;
      break;
    case 2:
      entity.set_throttle();
      meant.throttle = meant.error = true;
      break;
    case 3: {
      constexpr std::array<int, 5> statuses{200, 301, 404, 429, 503};
      meant.status = statuses[dice.roll(statuses.size())];
      entity.set_http_response(*meant.status);
      meant.error = meant.error || *meant.status / 100 == 4;
      meant.throttle = meant.throttle || *meant.status == 429;
      meant.fault = meant.fault || *meant.status / 100 == 5;
      break;
    }
    case 4:
    case 5:
      annotate(dice, entity, meant);
      break;
    default:
      add_metadata(dice, entity, meant);
      break;
  }
}

/// The handles of a thread's open subsegments, innermost last, and what was meant by each.
struct Open {
  xray::Subsegment handle;
  std::size_t meant;
};

std::string id_of(const xray::Entity& entity) {
  return std::string(entity.id().to_string().view());
}

/// Records about `size` subsegments on this thread below the current entity, whose id is `below`.
/// Some may stay open: they are returned. A deep tree nests deeper than a document may.
std::vector<Open> walk(Dice& dice, std::size_t size, std::string_view below, bool leave_some_open,
                       std::vector<Meant>& meant, bool deep = false) {
  std::vector<Open> open;
  std::size_t begun = 0;
  const std::size_t deepest = deep ? 400 : 60;
  while (begun < size || (!open.empty() && !leave_some_open)) {
    const std::size_t act = dice.roll(10);
    if (begun < size && (act < (deep ? 6U : 4U) || open.empty()) && open.size() < deepest) {
      Meant entity;
      const RandomText name = dice.one_in(50) ? random_text(dice, 300) : random_text(dice, 4);
      entity.name = first_characters(name.in_a_name, 200);
      if (entity.name.empty()) entity.name = "unnamed";
      entity.name_space = static_cast<xray::Namespace>(dice.roll(3));
      entity.parent = open.empty() ? std::string(below) : id_of(open.back().handle);
      xray::Subsegment handle(name.given, entity.name_space);
      entity.id = id_of(handle);
      if (dice.one_in(100)) crowd_with_annotations(handle, entity);
      meant.push_back(std::move(entity));
      open.push_back({std::move(handle), meant.size() - 1});
      ++begun;
      if (begun % 200 == 0) xray::flush(std::chrono::seconds(10));  // what leaves alone is queued
    } else if (open.empty()) {
      continue;
    } else if (act < 7) {
      Open& entity = open[dice.one_in(3) ? dice.roll(open.size()) : open.size() - 1];
      say_something(dice, entity.handle, meant[entity.meant]);
    } else {
      // Now and then an outer one ends before the inner ones.
      const std::size_t which = dice.one_in(10) ? dice.roll(open.size()) : open.size() - 1;
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
    }
    if (leave_some_open && begun == size) break;
  }
  return open;
}

/// One entity as it arrived.
struct Arrived {
  std::string parent;
  const JsonValue* value;
};

/// Puts the pieces together: enclosing entity or parent_id.
std::map<std::string, Arrived> assemble(const std::vector<Json>& documents,
                                        const std::string& trace_id) {
  std::map<std::string, Arrived> arrived;
  for (const Json& document : documents) {
    EXPECT_EQ(text_of(support::at(document, "trace_id")), trace_id);
    const bool piece = document.HasMember("parent_id");
    const auto type = document.FindMember("type");
    EXPECT_EQ(type != document.MemberEnd() ? text_of(type->value) : "", piece ? "subsegment" : "");
    std::vector<Arrived> waiting{
        {piece ? text_of(support::at(document, "parent_id")) : std::string(), &document}};
    while (!waiting.empty()) {
      const Arrived entity = waiting.back();
      waiting.pop_back();
      const std::string id = text_of(support::at(*entity.value, "id"));
      EXPECT_TRUE(arrived.emplace(id, entity).second) << id << " arrived twice";
      const auto children = entity.value->FindMember("subsegments");
      if (children == entity.value->MemberEnd()) continue;
      for (const JsonValue& child : children->value.GetArray()) {
        EXPECT_FALSE(child.HasMember("trace_id") || child.HasMember("parent_id"));
        waiting.push_back({id, &child});
      }
    }
  }
  return arrived;
}

bool says(const JsonValue& value, const Expected& expected) {
  if (const auto* truth = std::get_if<bool>(&expected)) {
    return value.IsBool() && value.GetBool() == *truth;
  }
  if (const auto* integer = std::get_if<std::int64_t>(&expected)) {
    return value.IsInt64() && value.GetInt64() == *integer;
  }
  if (const auto* natural = std::get_if<std::uint64_t>(&expected)) {
    return value.IsUint64() && value.GetUint64() == *natural;
  }
  if (const auto* number = std::get_if<double>(&expected)) {
    return value.IsNumber() && value.GetDouble() == *number;
  }
  if (const auto* text = std::get_if<std::string>(&expected)) {
    return value.IsString() && text_of(value) == *text;
  }
  Json parsed;
  parsed.Parse(std::get<JsonText>(expected).text.c_str());
  return value == parsed;
}

bool flag(const JsonValue& entity, const char* name) {
  const auto member = entity.FindMember(name);
  return member != entity.MemberEnd() && member->value.IsTrue();
}

void expect_values(const JsonValue& entity, const Meant& meant) {
  EXPECT_EQ(text_of(support::at(entity, "name")), meant.name);
  const auto name_space = entity.FindMember("namespace");
  EXPECT_EQ(name_space != entity.MemberEnd() ? text_of(name_space->value) : "local",
            meant.name_space == xray::Namespace::aws      ? "aws"
            : meant.name_space == xray::Namespace::remote ? "remote"
                                                          : "local");
  EXPECT_EQ(flag(entity, "error"), meant.error);
  EXPECT_EQ(flag(entity, "fault"), meant.fault);
  EXPECT_EQ(flag(entity, "throttle"), meant.throttle);
  EXPECT_EQ(entity.HasMember("http"), meant.status.has_value());
  if (meant.status && entity.HasMember("http")) {
    EXPECT_EQ(support::at(support::at(entity["http"], "response"), "status").GetInt(),
              *meant.status);
  }

  const auto annotations = entity.FindMember("annotations");
  std::size_t size = 0;
  if (annotations != entity.MemberEnd()) {
    size = annotations->value.MemberCount();
    for (const auto& annotation : annotations->value.GetObject()) {
      const auto place = meant.annotations.find(text_of(annotation.name));
      ASSERT_NE(place, meant.annotations.end()) << text_of(annotation.name);
      EXPECT_TRUE(says(annotation.value, place->second)) << place->first;
    }
  }
  EXPECT_EQ(size, meant.crowded ? most_annotations : meant.annotations.size());

  size = 0;
  const auto metadata = entity.FindMember("metadata");
  if (metadata != entity.MemberEnd()) {
    for (const auto& space : metadata->value.GetObject()) {
      for (const auto& entry : space.value.GetObject()) {
        ++size;
        const auto place = meant.metadata.find({text_of(space.name), text_of(entry.name)});
        ASSERT_NE(place, meant.metadata.end()) << text_of(entry.name);
        EXPECT_TRUE(says(entry.value, place->second))
            << text_of(space.name) << ' ' << text_of(entry.name);
      }
    }
  }
  EXPECT_EQ(size, meant.metadata.size());
}

void expect_tree(Capture& capture, const std::vector<Meant>& meant, const std::string& trace_id) {
  for (const std::string& text : capture.texts()) EXPECT_LE(text.size(), largest_document);
  const std::vector<Json> documents = capture.documents();
  const auto arrived = assemble(documents, trace_id);
  EXPECT_EQ(arrived.size(), meant.size());
  for (const Meant& entity : meant) {
    const auto place = arrived.find(entity.id);
    ASSERT_NE(place, arrived.end()) << entity.name << " did not arrive";
    EXPECT_EQ(place->second.parent, entity.parent) << entity.name;
    expect_values(*place->second.value, entity);
    if (testing::Test::HasFailure()) return;  // the first one tells enough
  }
}

void expect_nothing_lost(const xray::Statistics& before) {
  const auto after = xray::statistics();
  EXPECT_EQ(after.dropped_queue_full, before.dropped_queue_full);
  EXPECT_EQ(after.dropped_too_large, before.dropped_too_large);
  EXPECT_EQ(after.dropped_no_memory, before.dropped_no_memory);
  EXPECT_EQ(after.metadata_truncated, before.metadata_truncated);
}

/// Most trees are small, some large.
std::size_t random_size(Dice& dice, std::size_t largest) {
  return dice.one_in(8) ? 1 + dice.roll(largest) : 1 + dice.roll(60);
}

Meant segment_meant(const xray::Segment& segment) {
  Meant meant;
  meant.id = id_of(segment);
  meant.name = "checkout";
  return meant;
}

}  // namespace

TEST(RandomTree, of_one_thread_arrives_as_it_was_meant) {
  for (std::uint64_t seed = 1; seed <= 24 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    Capture capture;
    const auto before = xray::statistics();
    std::vector<Meant> meant;
    std::string trace_id;
    {
      std::vector<Open> left_open;
      xray::Segment segment("checkout");
      trace_id = segment.trace_id().to_string();
      meant.push_back(segment_meant(segment));
      const std::string segment_id = meant[0].id;
      for (std::size_t i = dice.roll(8); i > 0; --i) say_something(dice, segment, meant[0]);
      const bool deep = seed % 6 == 1;
      const std::size_t size = seed == 1 ? 3000 : deep ? 600 : random_size(dice, 1500);
      left_open = walk(dice, size, segment_id, seed % 3 == 0, meant, deep);
      segment.end();
      // What is open still says more, and ends in any order.
      while (!left_open.empty()) {
        const std::size_t which = dice.roll(left_open.size());
        say_something(dice, left_open[which].handle, meant[left_open[which].meant]);
        left_open.erase(left_open.begin() + static_cast<std::ptrdiff_t>(which));
      }
    }
    expect_tree(capture, meant, trace_id);
    expect_nothing_lost(before);
  }
}

TEST(RandomTree, of_several_threads_arrives_as_it_was_meant) {
  for (std::uint64_t seed = 101; seed <= 110 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    Capture capture;
    const auto before = xray::statistics();
    std::vector<Meant> meant;
    std::string trace_id;
    const std::size_t count = 2 + dice.roll(5);
    std::vector<std::vector<Meant>> meant_there(count);
    std::vector<std::thread> threads;
    {
      xray::Segment segment("checkout");
      trace_id = segment.trace_id().to_string();
      meant.push_back(segment_meant(segment));
      const std::string segment_id = meant[0].id;
      std::vector<Open> own = walk(dice, 5, segment_id, true, meant);
      // Some of the threads work below the segment, some below what this thread has open; all of
      // those stay open until the threads have ended, the segment itself not always.
      const xray::Context context = xray::current_context();
      const std::string below = own.empty() ? segment_id : id_of(own.back().handle);
      for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back([&there = meant_there[i], &context, &below, seed, i] {
          Dice own_dice(seed * 1000 + i);
          const xray::ContextScope scope(context);
          walk(own_dice, random_size(own_dice, 600), below, i % 2 == 0, there);
        });
      }
      std::vector<Open> more = walk(dice, 20, below, false, meant);
      if (seed % 2 == 0) segment.end();
      for (std::thread& thread : threads) thread.join();
    }
    for (auto& there : meant_there) {
      std::move(there.begin(), there.end(), std::back_inserter(meant));
    }
    expect_tree(capture, meant, trace_id);
    expect_nothing_lost(before);
  }
}
