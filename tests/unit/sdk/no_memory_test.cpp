// What the SDK does where memory runs out: at the first request, at the second, ..., once or for
// good. The program must go on, unharmed; what was lost is counted; and when there is memory again,
// it traces again.
#include <xray/xray.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <xray/testing.hpp>

#include "support/failing_memory.hpp"
#include "support/process.hpp"

using support::FailingMemory;

namespace {

/// None of this is left to chance.
[[maybe_unused]] const int everything_is_sampled = ::setenv("AWS_XRAY_SAMPLER", "always", 0);

/// Measures documents and keeps none: it needs no memory itself.
class MeasuringEmitter : public xray::Emitter {
 public:
  void emit(std::string_view document) noexcept override {
    if (document.size() < 2 || document.front() != '{' || document.back() != '}') ++broken;
    ++documents;
    bytes += document.size();
  }
  int documents = 0;
  int broken = 0;
  std::size_t bytes = 0;
};

const std::exception_ptr exception = [] {
  try {
    try {
      throw std::runtime_error("no route");
    } catch (...) {
      std::throw_with_nested(std::logic_error("query failed"));
    }
  } catch (...) {
    return std::current_exception();
  }
}();
/// Larger than a block of the pool: each asks for memory of its own.
const std::string long_text(5'000, 'x');
const std::string long_json = "[\"" + long_text + "\",[[[[[[[[{\"a\":1}]]]]]]]]]";

/// Some of everything. The documents of two calls with the same argument are of the same size.
void trace(int subsegments) {
  xray::Segment segment("checkout", xray::TraceHeader::parse("Sampled=1;Lineage=a:1"));
  segment.set_user("alice");
  segment.add_metadata("long", long_text);
  segment.add_metadata("long", long_text, "shop");
  segment.add_metadata("json", xray::Json(long_json));
  segment.add_annotation("customer", "c-17");
  segment.add_exception(exception);
  xray::HttpRequest request;
  request.url = "https://shop.example/cart";
  segment.set_http_request(request);
  segment.set_http_response(200, 10);
  for (int i = 0; i < subsegments; ++i) {
    xray::Subsegment subsegment("inventory", xray::Namespace::remote);
    subsegment.add_annotation("i", i % 10);
    subsegment.add_metadata("k", i % 50 == 0 ? std::string_view(long_text) : "v");
    xray::SqlQuery sql;
    sql.url = "sqlite:x";
    subsegment.set_sql(sql);
  }
  (void)segment.trace_header().to_string();
  (void)xray::current_context();
}

xray::Configuration configuration(const std::shared_ptr<xray::Emitter>& emitter, bool synchronous) {
  xray::Configuration made;
  made.emitter = emitter;
  made.synchronous = synchronous;
  made.log = [](std::string_view) {};
  return made;
}

/// Traces once for every request for memory that tracing makes, each time with that one refused, or
/// all from there on. Stops at the first round in which nothing was refused.
void refuse_each(std::uint64_t how_many, bool synchronous) {
  const auto emitter = std::make_shared<MeasuringEmitter>();
  ASSERT_FALSE(xray::configure(configuration(emitter, synchronous)));
  { const xray::Segment first("first"); }  // what is made once a process and a thread
  xray::flush(std::chrono::seconds(10));
  std::uint64_t rounds = 0;
  while (true) {
    // Each round needs more than any before, so that used blocks don't do.
    const int subsegments = 100 + static_cast<int>(rounds) * 20;
    const auto lost_before = xray::statistics().dropped_no_memory;
    std::size_t before = emitter->bytes;
    std::uint64_t refused = 0;
    {
      const FailingMemory memory(rounds + 1, how_many);
      trace(subsegments);
      refused = memory.refused();
    }
    ASSERT_TRUE(xray::flush(std::chrono::seconds(10)));
    const std::size_t without = emitter->bytes - before;
    if (refused == 0) break;

    // There is memory again, and all of it arrives. What did not, before, was counted.
    const auto lost = xray::statistics().dropped_no_memory - lost_before;
    before = emitter->bytes;
    trace(subsegments);
    ASSERT_TRUE(xray::flush(std::chrono::seconds(10)));
    const std::size_t with = emitter->bytes - before;
    ASSERT_GT(with, 10'000U);
    ASSERT_EQ(xray::statistics().dropped_no_memory - lost_before, lost);
    ASSERT_TRUE(lost != 0 || without == with)
        << "request " << rounds + 1 << " was refused, " << without << " bytes of " << with
        << " arrived, and nothing was counted";
    ++rounds;
    ASSERT_LT(rounds, 500U);
  }
  EXPECT_EQ(emitter->broken, 0);
  EXPECT_GE(rounds, 5U) << "tracing asked for too little memory to show anything";
}

/// The result of `body` in a child process, whose failures are not this test's: see the codes.
template <typename Body>
int in_a_child(const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

constexpr int nothing_was_refused = 50;

/// Calls `round(n)`, in a process of its own that has not used the SDK, for the n-th request
/// refused, until it says that none was.
template <typename Round>
void expect_each_survived(const Round& round) {
  std::uint64_t n = 1;
  for (; n < 500; ++n) {
    const int code = in_a_child([&] { return round(n); });
    if (code == nothing_was_refused) break;
    ASSERT_EQ(code, 0) << "request " << n;
  }
  EXPECT_GE(n, 4U);
  EXPECT_LT(n, 500U);
}

}  // namespace

TEST(NoMemory, a_refused_request_costs_what_it_was_for_and_is_counted) {
  IN_A_FRESH_PROCESS({ refuse_each(1, false); });
}

TEST(NoMemory, memory_that_stays_away_costs_no_more_than_the_trace) {
  IN_A_FRESH_PROCESS({ refuse_each(FailingMemory::for_ever, false); });
}

TEST(NoMemory, the_writer_of_documents_survives_a_refused_request) {
  IN_A_FRESH_PROCESS({ refuse_each(1, true); });
}

TEST(NoMemory, the_writer_of_documents_survives_memory_that_stays_away) {
  IN_A_FRESH_PROCESS({ refuse_each(FailingMemory::for_ever, true); });
}

TEST(NoMemory, at_the_first_use_leaves_the_program_alone_and_the_next_use_whole) {
  IN_A_FRESH_PROCESS({
    expect_each_survived([](std::uint64_t n) {
      std::uint64_t refused = 0;
      {
        const FailingMemory memory(n);
        trace(1);
        refused = memory.refused();
      }
      if (refused == 0) return nothing_was_refused;
      if (xray::statistics().dropped_no_memory == 0) return 1;
      const auto emitter = std::make_shared<MeasuringEmitter>();
      xray::flush(std::chrono::seconds(10));
      xray::detail::replace_emitter(emitter);
      trace(1);
      if (!xray::flush(std::chrono::seconds(10))) return 2;
      return emitter->documents == 1 && emitter->broken == 0 ? 0 : 3;
    });
  });
}

TEST(NoMemory, makes_configure_say_so) {
  IN_A_FRESH_PROCESS({
    expect_each_survived([](std::uint64_t n) {
      const auto emitter = std::make_shared<MeasuringEmitter>();
      xray::Configuration wanted = configuration(emitter, true);
      wanted.service_name = "a name too long for a string to hold in place";
      wanted.daemon_address = "udp:xray.example:2000 tcp:xray.example:2000";
      xray::ConfigureError error{};
      {
        const FailingMemory memory(n);
        error = xray::configure(wanted).error;
        if (memory.refused() == 0) return nothing_was_refused;
      }
      if (error != xray::ConfigureError::no_memory) return 1;
      // There is memory again: the same call takes effect.
      if (xray::configure(wanted)) return 2;
      { const xray::Segment segment(""); }
      return emitter->documents == 1 ? 0 : 3;
    });
  });
}

TEST(NoMemory, does_not_keep_configure_from_refusing) {
  IN_A_FRESH_PROCESS({
    expect_each_survived([](std::uint64_t n) {
      xray::Configuration wanted = configuration(nullptr, true);
      wanted.daemon_address = "an address that is none, and long enough for the heap";
      const FailingMemory memory(n);
      const xray::ConfigureResult result = xray::configure(wanted);
      if (memory.refused() == 0) return nothing_was_refused;
      return result ? 0 : 1;
    });
  });
}

TEST(NoMemory, makes_samplers_say_so) {
  const std::string rules =
      R"({"version":2,"rules":[{"description":"a description of some length, or more","host":"*",)"
      R"("http_method":"GET","url_path":"/a/path/that/is/long/enough/*","fixed_target":1,)"
      R"("rate":0}],"default":{"fixed_target":1,"rate":0.05}})";
  std::string wrong = rules;
  wrong.replace(wrong.find("0.05"), 4, "5.00");
  for (const std::string& text : {rules, wrong}) {
    for (const std::uint64_t count : {std::uint64_t{1}, FailingMemory::for_ever}) {
      std::uint64_t n = 1;
      for (; n < 500; ++n) {
        xray::samplers::RulesResult result;
        std::uint64_t refused = 0;
        {
          const FailingMemory memory(n, count);
          result = xray::samplers::rules(text);
          refused = memory.refused();
        }
        if (refused == 0) break;
        ASSERT_EQ(result.sampler, nullptr) << "request " << n;
        ASSERT_EQ(result.error, "no memory") << "request " << n;
      }
      EXPECT_GE(n, 4U);
      EXPECT_LT(n, 500U);
    }
  }
  for (const auto make :
       {xray::samplers::always, xray::samplers::never, xray::samplers::default_rules}) {
    std::shared_ptr<xray::Sampler> sampler;
    {
      const FailingMemory memory(1);
      sampler = make();
    }
    EXPECT_EQ(sampler, nullptr);
    EXPECT_NE(make(), nullptr);
  }
}
