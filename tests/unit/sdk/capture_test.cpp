#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "support/documents.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;

TEST(CaptureCall, returns_what_the_callable_returns) {
  Capture capture;
  const xray::Segment segment("s");
  EXPECT_EQ(xray::capture("value", [] { return 42; }), 42);
  int variable = 0;
  int& reference = xray::capture("reference", [&]() -> int& { return variable; });
  EXPECT_EQ(&reference, &variable);
  EXPECT_EQ(*xray::capture("move-only", [] { return std::make_unique<int>(7); }), 7);
  xray::capture("nothing", [] {});
}

TEST(CaptureCall, hands_over_its_subsegment) {
  Capture capture;
  {
    const xray::Segment segment("s");
    xray::capture("c", [](xray::Subsegment& subsegment) { subsegment.add_annotation("k", 1); });
  }
  const auto document = capture.document();
  EXPECT_EQ(at(at(*find_subsegment(document, "c"), "annotations"), "k").GetInt(), 1);
}

TEST(CaptureCall, records_type_message_and_nested_causes_and_lets_the_exception_go_on) {
  Capture capture;
  {
    const xray::Segment segment("s");
    EXPECT_THROW(xray::capture("c",
                               [] {
                                 try {
                                   throw std::out_of_range("inner");
                                 } catch (...) {
                                   std::throw_with_nested(std::runtime_error("outer"));
                                 }
                               }),
                 std::runtime_error);
  }
  const auto document = capture.document();
  const auto* const subsegment = find_subsegment(document, "c");
  ASSERT_NE(subsegment, nullptr);
  EXPECT_TRUE(at(*subsegment, "fault").GetBool());
  EXPECT_FALSE(document.HasMember("fault"));
  const auto& exceptions = at(at(*subsegment, "cause"), "exceptions");
  ASSERT_EQ(exceptions.Size(), 2U);
  EXPECT_EQ(text_of(at(exceptions[0], "type")), "std::runtime_error");
  EXPECT_EQ(text_of(at(exceptions[0], "message")), "outer");
  EXPECT_EQ(text_of(at(exceptions[1], "type")), "std::out_of_range");
  EXPECT_EQ(text_of(at(exceptions[1], "message")), "inner");
  EXPECT_EQ(text_of(at(exceptions[0], "cause")), text_of(at(exceptions[1], "id")));
  EXPECT_EQ(text_of(at(exceptions[0], "id")).size(), 16U);
}

TEST(CaptureCall, takes_anything_that_can_be_thrown) {
  Capture capture;
  {
    const xray::Segment segment("s");
    EXPECT_THROW(xray::capture("int", [] { throw 5; }), int);
    EXPECT_THROW(xray::capture("text", [] { throw "plain"; }), const char*);
    EXPECT_THROW(xray::capture("string", [] { throw std::string("owned"); }), std::string);
  }
  const auto document = capture.document();
  const auto cause = [&document](const char* name) -> const support::JsonValue& {
    return at(at(*find_subsegment(document, name), "cause"), "exceptions")[0];
  };
  EXPECT_EQ(text_of(at(cause("int"), "type")), "int");
  EXPECT_EQ(text_of(at(cause("text"), "message")), "plain");
  EXPECT_EQ(text_of(at(cause("string"), "message")), "owned");
}

TEST(Exception, that_leaves_a_scope_marks_a_fault) {
  Capture capture;
  try {
    const xray::Segment segment("s");
    const xray::Subsegment subsegment("t");
    throw std::runtime_error("x");
  } catch (const std::runtime_error&) {
  }
  const auto document = capture.document();
  EXPECT_TRUE(at(document, "fault").GetBool());
  EXPECT_TRUE(at(*find_subsegment(document, "t"), "fault").GetBool());
}

TEST(Exception, that_was_there_before_is_not_this_scopes_fault) {
  struct Cleanup {
    ~Cleanup() { const xray::Subsegment subsegment("cleanup"); }
  };
  Capture capture;
  {
    const xray::Segment segment("s");
    try {
      const Cleanup cleanup;
      throw std::runtime_error("x");
    } catch (const std::runtime_error&) {
    }
  }
  const auto document = capture.document();
  EXPECT_FALSE(find_subsegment(document, "cleanup")->HasMember("fault"));
  EXPECT_FALSE(document.HasMember("fault"));
}

TEST(Exception, given_by_reference_keeps_its_dynamic_type) {
  Capture capture;
  {
    xray::Segment segment("s");
    const std::invalid_argument error("bad");
    segment.add_exception(static_cast<const std::exception&>(error));
    segment.add_exception(std::exception_ptr());
  }
  const auto document = capture.document();
  const auto& exceptions = at(at(document, "cause"), "exceptions");
  ASSERT_EQ(exceptions.Size(), 1U);
  EXPECT_EQ(text_of(at(exceptions[0], "type")), "std::invalid_argument");
}

TEST(Exception, chains_are_bounded) {
  Capture capture;
  {
    xray::Segment segment("s");
    std::exception_ptr error = std::make_exception_ptr(std::runtime_error("0"));
    for (int i = 1; i < 100; ++i) {
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
    segment.add_exception(error);
  }
  EXPECT_EQ(at(at(capture.document(), "cause"), "exceptions").Size(), 16U);
}
