#include <xray/impl/symbols.hpp>
#include <xray/xray.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/allocations.hpp"
#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::JsonValue;
using support::text_of;

namespace {

const JsonValue& exceptions_of(const JsonValue& entity) {
  return at(at(entity, "cause"), "exceptions");
}

/// What an entity's cause refers to, if it is a reference.
std::string reference_of(const JsonValue& entity) {
  return text_of(at(entity, "cause"));
}

bool has_label(const JsonValue& exception, const std::string& part) {
  const auto& stack = at(exception, "stack");
  return std::any_of(stack.Begin(), stack.End(), [&part](const JsonValue& frame) {
    return text_of(at(frame, "label")).find(part) != std::string::npos;
  });
}

std::exception_ptr chain_of(int length) {
  std::exception_ptr error = std::make_exception_ptr(std::runtime_error("0"));
  for (int i = 1; i < length; ++i) {
    try {
      try {
        std::rethrow_exception(error);
      } catch (...) {
        std::throw_with_nested(std::runtime_error(std::to_string(i)));
      }
    } catch (...) {
      error = std::current_exception();
    }
  }
  return error;
}

__attribute__((noinline)) void record_here(xray::Entity& entity) {
  entity.add_exception(std::make_exception_ptr(std::runtime_error("x")));
  __asm__ volatile("");  // not a tail call
}

__attribute__((noinline)) void record_deep_down(xray::Entity& entity, int depth) {
  if (depth == 0) {
    record_here(entity);
  } else {
    record_deep_down(entity, depth - 1);
  }
  __asm__ volatile("");
}

struct Untellable {
  int number = 0;
};

class OddBases : public Untellable, public virtual std::runtime_error {
 public:
  OddBases() : std::runtime_error("behind a virtual base") {}
};

class Ambiguous : public std::runtime_error, public std::logic_error {
 public:
  Ambiguous() : std::runtime_error("left"), std::logic_error("right") {}
};

}  // namespace

TEST(Cause, has_the_stack_from_the_caller_on_with_readable_names) {
  Capture capture;
  {
    xray::Segment segment("s");
    record_here(segment);
  }
  const auto document = capture.document();
  const auto& stack = at(exceptions_of(document)[0], "stack");
  ASSERT_GE(stack.Size(), 2U);
  EXPECT_THAT(
      text_of(at(stack[0], "label")),
      testing::MatchesRegex(R"(\(anonymous namespace\)::record_here\(xray::v[0-9_]+::Entity&\))"));
  EXPECT_NE(text_of(at(stack[0], "path")).find("unit_sdk"), std::string::npos);
  EXPECT_FALSE(stack[0].HasMember("line"));
  EXPECT_TRUE(has_label(exceptions_of(document)[0], "main"));
}

TEST(Cause, has_no_frames_of_the_sdk_itself) {
  Capture capture;
  {
    const xray::Segment segment("s");
    EXPECT_THROW(xray::capture("c",
                               [] {
                                 xray::capture("d", [](xray::Subsegment& subsegment) {
                                   record_here(subsegment);
                                   throw std::runtime_error("y");
                                 });
                               }),
                 std::runtime_error);
  }
  const auto document = capture.document();
  const auto& recorded = exceptions_of(*find_subsegment(document, "d"));
  ASSERT_EQ(recorded.Size(), 2U);
  const auto& stack = at(recorded[0], "stack");
  ASSERT_GE(stack.Size(), 2U);
  for (const JsonValue& frame : stack.GetArray()) {
    const std::string label = text_of(at(frame, "label"));
    EXPECT_EQ(label.find("decltype(auto) xray::v0::capture"), std::string::npos) << label;
    EXPECT_NE(label.substr(0, 8), "xray::v0") << label;
  }
}

TEST(Cause, stack_is_capped_and_the_rest_counted) {
  Capture capture;
  {
    xray::Segment segment("s");
    record_deep_down(segment, 100);
  }
  const auto document = capture.document();
  const auto& exception = exceptions_of(document)[0];
  EXPECT_EQ(at(exception, "stack").Size(), 32U);
  EXPECT_GE(at(exception, "truncated").GetInt(), 70);
}

TEST(Cause, stack_may_be_left_off) {
  IN_A_FRESH_PROCESS({
    xray::Configuration configuration;
    configuration.stack_frames = 0;
    ASSERT_FALSE(xray::configure(configuration));
    Capture capture;
    {
      xray::Segment segment("s");
      record_here(segment);
    }
    const auto document = capture.document();
    EXPECT_FALSE(exceptions_of(document)[0].HasMember("stack"));
    EXPECT_FALSE(exceptions_of(document)[0].HasMember("truncated"));
  });
}

TEST(Cause, too_many_stack_frames_are_a_named_error) {
  IN_A_FRESH_PROCESS({
    xray::Configuration configuration;
    configuration.stack_frames = 65;
    configuration.log = [](std::string_view) {};
    const auto result = xray::configure(configuration);
    EXPECT_EQ(result.error, xray::ConfigureError::bad_stack_frames);
    EXPECT_NE(result.message.find("stack_frames is 65"), std::string::npos);
  });
}

TEST(Cause, recording_allocates_nothing_in_the_steady_state) {
  Capture capture;
  const auto error = chain_of(3);
  const auto record = [&error] {
    xray::Segment segment("s");
    segment.add_exception(error);
    segment.add_remote_exception("Throttled", "slow down");
  };
  for (int i = 0; i < 100; ++i) record();
  xray::flush(std::chrono::seconds(10));
  const auto before = support::allocations();
  for (int i = 0; i < 5; ++i) record();
  EXPECT_EQ(support::allocations() - before, 0U);
}

TEST(Cause, of_a_called_service_is_marked_remote) {
  Capture capture;
  {
    const xray::Segment segment("s");
    xray::Subsegment call("DynamoDB", xray::Namespace::aws);
    call.add_remote_exception("ResourceNotFoundException", "no such table");
  }
  const auto document = capture.document();
  const auto& call = *find_subsegment(document, "DynamoDB");
  EXPECT_TRUE(at(call, "fault").GetBool());
  const auto& exception = exceptions_of(call)[0];
  EXPECT_TRUE(at(exception, "remote").GetBool());
  EXPECT_EQ(text_of(at(exception, "type")), "ResourceNotFoundException");
  EXPECT_EQ(text_of(at(exception, "message")), "no such table");
  EXPECT_FALSE(exception.HasMember("stack"));
}

TEST(Cause, remote_types_are_taken_as_they_are) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_remote_exception("i", "not demangled to int");
  }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(exceptions_of(document)[0], "type")), "i");
}

TEST(Cause, exception_seen_before_is_referred_to_by_its_id) {
  Capture capture;
  try {
    xray::Segment segment("s");
    try {
      xray::capture("outer",
                    [] { xray::capture("inner", [] { throw std::runtime_error("once"); }); });
    } catch (const std::exception& error) {
      segment.add_exception(error);
      throw;
    }
  } catch (const std::runtime_error&) {
  }
  const auto document = capture.document();
  const std::string id = text_of(at(exceptions_of(*find_subsegment(document, "inner"))[0], "id"));
  EXPECT_EQ(id.size(), 16U);
  EXPECT_EQ(reference_of(*find_subsegment(document, "outer")), id);
  EXPECT_EQ(reference_of(document), id);
}

TEST(Cause, exception_told_twice_to_one_entity_is_recorded_once) {
  Capture capture;
  {
    xray::Segment segment("s");
    const auto error = std::make_exception_ptr(std::runtime_error("x"));
    segment.add_exception(error);
    segment.add_exception(error);
  }
  const auto document = capture.document();
  EXPECT_EQ(exceptions_of(document).Size(), 1U);
}

TEST(Cause, later_exception_at_the_same_address_is_another_one) {
  Capture capture;
  std::vector<const void*> addresses;
  {
    const xray::Segment segment("s");
    for (int i = 0; i < 20; ++i) {
      try {
        xray::capture("attempt", [] { throw std::runtime_error("refused"); });
      } catch (const std::exception& error) {
        addresses.push_back(&error);
      }
    }
  }
  std::sort(addresses.begin(), addresses.end());
  // Otherwise this would test nothing. (The address sanitizer does not reuse memory at once.)
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_NE(std::adjacent_find(addresses.begin(), addresses.end()), addresses.end());
#endif
  const auto document = capture.document();
  std::vector<std::string> ids;
  for (const JsonValue& attempt : at(document, "subsegments").GetArray()) {
    ASSERT_TRUE(at(attempt, "cause").IsObject());
    ids.push_back(text_of(at(exceptions_of(attempt)[0], "id")));
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids.size(), 20U);
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST(Cause, reference_stays_within_its_trace_record) {
  Capture capture;
  const auto error = std::make_exception_ptr(std::runtime_error("kept"));
  for (int i = 0; i < 3; ++i) {
    xray::Segment segment("s");
    segment.add_exception(error);
  }
  for (const auto& document : capture.documents()) {
    EXPECT_TRUE(at(document, "cause").IsObject());
    EXPECT_EQ(text_of(at(exceptions_of(document)[0], "message")), "kept");
  }
}

TEST(Cause, exception_shared_by_threads_is_recorded_in_each_segment) {
  Capture capture;
  const auto error = std::make_exception_ptr(std::runtime_error("shared"));
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([error] {
      for (int i = 0; i < 50; ++i) {
        xray::Segment segment("s");
        segment.add_exception(error);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 200U);
  for (const auto& document : documents) EXPECT_TRUE(at(document, "cause").IsObject());
}

TEST(Cause, exception_from_another_thread_keeps_what_it_says) {
  Capture capture;
  {
    xray::Segment segment("s");
    auto work = std::async(std::launch::async, [] { throw std::out_of_range("over there"); });
    try {
      work.get();
    } catch (...) {
      segment.add_exception(std::current_exception());
    }
  }
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(exceptions_of(document)[0], "message")), "over there");
}

TEST(Cause, of_several_exceptions_is_told_in_full) {
  Capture capture;
  {
    xray::Segment segment("s");
    const auto error = std::make_exception_ptr(std::runtime_error("first"));
    xray::Subsegment("t").add_exception(error);
    segment.add_exception(error);
    segment.add_exception(std::make_exception_ptr(std::runtime_error("second")));
  }
  const auto document = capture.document();
  const auto& exceptions = exceptions_of(document);
  ASSERT_EQ(exceptions.Size(), 2U);
  EXPECT_EQ(text_of(at(exceptions[0], "message")), "first");
  EXPECT_EQ(text_of(at(exceptions[0], "id")),
            text_of(at(exceptions_of(*find_subsegment(document, "t"))[0], "id")));
  EXPECT_EQ(text_of(at(exceptions[1], "message")), "second");
}

TEST(Cause, long_chain_keeps_where_it_began_and_counts_what_it_skips) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_exception(chain_of(100));
  }
  const auto document = capture.document();
  const auto& exceptions = exceptions_of(document);
  ASSERT_EQ(exceptions.Size(), 16U);
  for (rapidjson::SizeType i = 0; i < 15; ++i) {
    EXPECT_EQ(text_of(at(exceptions[i], "message")), std::to_string(99 - i));
    EXPECT_EQ(text_of(at(exceptions[i], "cause")), text_of(at(exceptions[i + 1], "id")));
    EXPECT_FALSE(exceptions[i].HasMember("skipped"));
  }
  EXPECT_EQ(text_of(at(exceptions[15], "message")), "0");
  EXPECT_EQ(at(exceptions[15], "skipped").GetInt(), 84);
}

TEST(Cause, chain_of_sixteen_skips_nothing) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_exception(chain_of(16));
  }
  const auto document = capture.document();
  const auto& exceptions = exceptions_of(document);
  ASSERT_EQ(exceptions.Size(), 16U);
  EXPECT_EQ(text_of(at(exceptions[15], "message")), "0");
  EXPECT_FALSE(exceptions[15].HasMember("skipped"));
}

TEST(Cause, message_is_found_whatever_the_bases) {
  Capture capture;
  {
    xray::Segment segment("s");
    segment.add_exception(std::make_exception_ptr(OddBases()));
    segment.add_exception(std::make_exception_ptr(Ambiguous()));
    segment.add_exception(std::make_exception_ptr(Untellable()));
    const char* const nothing = nullptr;
    segment.add_exception(std::make_exception_ptr(nothing));
  }
  const auto document = capture.document();
  const auto& exceptions = exceptions_of(document);
  ASSERT_EQ(exceptions.Size(), 4U);
  EXPECT_EQ(text_of(at(exceptions[0], "message")), "behind a virtual base");
  EXPECT_EQ(text_of(at(exceptions[0], "type")), "(anonymous namespace)::OddBases");
  EXPECT_FALSE(
      exceptions[1].HasMember("message"));  // neither of two bases: as `catch` would have it
  EXPECT_EQ(text_of(at(exceptions[1], "type")), "(anonymous namespace)::Ambiguous");
  EXPECT_EQ(text_of(at(exceptions[2], "type")), "(anonymous namespace)::Untellable");
  EXPECT_EQ(text_of(at(exceptions[3], "type")), "char const*");
}

TEST(Cause, unsampled_entity_records_none) {
  Capture capture;
  {
    xray::Segment segment(
        "s", xray::TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"));
    segment.add_exception(std::make_exception_ptr(std::runtime_error("x")));
    segment.add_remote_exception("T", "m");
  }
  EXPECT_TRUE(capture.documents().empty());
}

TEST(Cause, frames_without_a_module_are_given_by_their_address) {
  xray::detail::Symbols symbols;
  void* const nowhere = reinterpret_cast<void*>(0x1234);
  symbols.resolve(&nowhere, 1);
  EXPECT_EQ(symbols.frame(nowhere).label, "0x1234");
  EXPECT_TRUE(symbols.frame(nowhere).path.empty());
}

TEST(Cause, functions_of_libraries_have_their_names_too) {
  xray::detail::Symbols symbols;
  void* addresses[] = {reinterpret_cast<char*>(&std::terminate) + 1,
                       reinterpret_cast<char*>(&record_here) + 1,
                       reinterpret_cast<char*>(&std::terminate) + 1};
  symbols.resolve(addresses, 3);
  EXPECT_EQ(symbols.frame(addresses[0]).label, "std::terminate()");
  EXPECT_NE(symbols.frame(addresses[0]).path.find("libstdc++"), std::string::npos);
  EXPECT_NE(symbols.frame(addresses[1]).label.find("record_here"), std::string::npos);
}
