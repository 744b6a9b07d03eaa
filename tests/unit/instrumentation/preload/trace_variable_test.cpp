#include "preload/trace_variable.hpp"

#include <xray/trace_header.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"

using xray::TraceHeader;
using xray::preload::TraceVariable;

namespace {

constexpr const char* name = "_X_AMZN_TRACE_ID";
constexpr const char* given =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
constexpr const char* changed =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=0123456789abcdef;Sampled=1";

/// Texts of an environment, and the array that exec takes.
class Environment {
 public:
  explicit Environment(std::vector<std::string> texts) : texts_(std::move(texts)) {
    for (std::string& text : texts_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  [[nodiscard]] char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

/// What a child that is given this would see of it.
std::vector<std::string> seen_by_child(const Environment& environment) {
  std::vector<char*> copy(TraceVariable::pointers_for_child(environment.get()));
  char* const* entry =
      copy.empty() ? environment.get() : TraceVariable::for_child(environment.get(), copy.data());
  std::vector<std::string> seen;
  for (; *entry != nullptr; ++entry) seen.emplace_back(*entry);
  return seen;
}

std::string entry_of(std::string_view text) {
  return std::string(name) + "=" + std::string(text);
}

}  // namespace

TEST(TraceVariable, without_one_a_trace_begins_here_and_nothing_is_decided) {
  IN_A_FRESH_PROCESS({
    unsetenv(name);
    TraceVariable::enter();
    const TraceHeader header = TraceHeader::parse(std::getenv(name));
    EXPECT_TRUE(header.trace_id().valid());
    EXPECT_FALSE(header.parent_id().valid());
    EXPECT_EQ(header.sampling(), xray::Sampling::unknown);
    EXPECT_EQ(TraceVariable::text(), std::getenv(name));
  });
}

TEST(TraceVariable, one_that_is_there_stays_what_it_is) {
  for (const std::string& text :
       {std::string(given), std::string("nonsense"), std::string(5000, 'x')}) {
    IN_A_FRESH_PROCESS({
      setenv(name, text.c_str(), 1);
      TraceVariable::enter();
      EXPECT_EQ(std::getenv(name), text);
      EXPECT_EQ(TraceVariable::text(), text);
    });
  }
}

TEST(TraceVariable, changes_where_the_environment_has_it) {
  IN_A_FRESH_PROCESS({
    setenv(name, given, 1);
    TraceVariable::enter();
    const char* const before = std::getenv(name);
    TraceVariable::change(changed);
    EXPECT_STREQ(std::getenv(name), changed);
    EXPECT_EQ(std::getenv(name), before);  // who holds it sees the change
  });
}

TEST(TraceVariable, too_long_for_us_it_never_changes) {
  IN_A_FRESH_PROCESS({
    const std::string text(5000, 'x');
    setenv(name, text.c_str(), 1);
    TraceVariable::enter();
    TraceVariable::change(changed);
    EXPECT_EQ(std::getenv(name), text);
    const Environment copy({entry_of(text)});
    EXPECT_EQ(TraceVariable::pointers_for_child(copy.get()), 0U);
  });
}

TEST(TraceVariable, the_environment_itself_is_handed_on_as_it_is) {
  IN_A_FRESH_PROCESS({
    TraceVariable::enter();
    TraceVariable::change(changed);
    EXPECT_EQ(TraceVariable::pointers_for_child(environ), 0U);
    EXPECT_EQ(TraceVariable::pointers_for_child(nullptr), 0U);
  });
}

TEST(TraceVariable, a_copy_from_before_becomes_the_one_of_now) {
  IN_A_FRESH_PROCESS({
    setenv(name, given, 1);
    TraceVariable::enter();
    TraceVariable::change(changed);
    const Environment copy({"A=1", entry_of(given), "B=2"});
    EXPECT_EQ(seen_by_child(copy), (std::vector<std::string>{"A=1", entry_of(changed), "B=2"}));
  });
}

TEST(TraceVariable, a_copy_from_before_a_fork_does_too) {
  IN_A_FRESH_PROCESS({
    setenv(name, given, 1);
    TraceVariable::enter();
    TraceVariable::change(changed);
    TraceVariable::note_fork();
    const std::string childs = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=1111111111111111";
    TraceVariable::change(childs);
    EXPECT_EQ(seen_by_child(Environment({entry_of(changed)}))[0], entry_of(childs));
    EXPECT_EQ(seen_by_child(Environment({entry_of(given)}))[0], entry_of(childs));
  });
}

TEST(TraceVariable, what_the_program_says_itself_is_left_alone) {
  IN_A_FRESH_PROCESS({
    setenv(name, given, 1);
    TraceVariable::enter();
    TraceVariable::change(changed);
    const auto stays = [](const std::vector<std::string>& said) {
      EXPECT_EQ(seen_by_child(Environment(said)), said);
    };
    stays({"A=1"});
    stays({entry_of("Root=1-00000000-000000000000000000000001")});
    stays({});
  });
}
