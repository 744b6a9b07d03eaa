#include <xray/xray.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/allocations.hpp"
#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::find_subsegment;
using support::text_of;
using xray::lambda::Invocation;

namespace {

constexpr const char* root = "1-5759e988-bd862e3fe1be46a994272793";
constexpr const char* facade_id = "53995c3f42cd8ad8";
constexpr const char* sampled =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;"
    "Lineage=a87bd80c:1|68fd508a:5";
constexpr const char* unsampled =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
constexpr const char* another =
    "Root=1-6759e988-ad862e3fe1be46a994272794;Parent=63995c3f42cd8ad9;Sampled=1";

/// As aws-lambda-cpp has it, as far as it matters.
struct Request {
  std::string payload;
  std::string request_id;
  std::string xray_trace_id;
};

struct Response {
  std::string payload;
};

std::string downstream() {
  return std::string(xray::current_trace_header().to_string().view());
}

/// How many subsegments arrived, each of them once.
std::size_t entities(Capture& capture) {
  std::set<std::string> ids;
  std::size_t total = 0;
  const std::function<void(const support::JsonValue&)> visit =
      [&](const support::JsonValue& entity) {
        ++total;
        ids.insert(text_of(at(entity, "id")));
        const auto children = entity.FindMember("subsegments");
        if (children == entity.MemberEnd()) return;
        for (const auto& child : children->value.GetArray()) visit(child);
      };
  for (const auto& document : capture.documents()) {
    EXPECT_EQ(text_of(at(document, "type")), "subsegment");
    visit(document);
  }
  EXPECT_EQ(ids.size(), total);
  return total;
}

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/xray-lambda-test-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace

TEST(Lambda, the_invocation_is_never_sent_and_its_subsegments_leave_on_their_own) {
  Capture capture;
  {
    const Invocation invocation(xray::TraceHeader::parse(sampled));
    EXPECT_TRUE(invocation.sampled());
    xray::Subsegment first("first", xray::Namespace::remote);
    first.add_annotation("n", 1);
    { const xray::Subsegment inner("inner"); }
    first.end();
    const xray::Subsegment second("second");
  }
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  for (const auto& document : documents) {
    EXPECT_EQ(text_of(at(document, "type")), "subsegment");
    EXPECT_EQ(text_of(at(document, "trace_id")), root);
    EXPECT_EQ(text_of(at(document, "parent_id")), facade_id);
    EXPECT_NE(text_of(at(document, "id")), facade_id);
    EXPECT_LE(at(document, "start_time").GetDouble(), at(document, "end_time").GetDouble());
  }
  EXPECT_EQ(text_of(at(documents[0], "name")), "first");
  EXPECT_EQ(text_of(at(documents[0], "namespace")), "remote");
  EXPECT_NE(find_subsegment(documents[0], "inner"), nullptr);
  EXPECT_EQ(text_of(at(documents[1], "name")), "second");
}

TEST(Lambda, what_is_complete_has_left_before_the_function_is_killed) {
  Capture capture;
  const Invocation invocation(xray::TraceHeader::parse(sampled));
  for (std::size_t i = 1; i <= 3; ++i) {
    {
      const xray::Subsegment subsegment("call");
      const xray::Subsegment inner("inner");
    }
    EXPECT_EQ(capture.documents().size(), i);
  }
  xray::Subsegment hanging("hanging");
  { const xray::Subsegment inner("inner"); }
  EXPECT_EQ(capture.documents().size(), 3U);
  hanging.announce();
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 4U);
  EXPECT_TRUE(at(documents[3], "in_progress").IsTrue());
  EXPECT_EQ(text_of(at(documents[3], "parent_id")), facade_id);
}

TEST(Lambda, everything_arrives_once_however_much_there_is) {
  Capture capture;
  const int calls = 50;
  const int inner = 250;
  {
    const Invocation invocation(xray::TraceHeader::parse(sampled));
    for (int i = 0; i < calls; ++i) {
      const xray::Subsegment call("call");
      for (int j = 0; j < inner; ++j) {
        const xray::Subsegment subsegment("inner");
        const xray::Subsegment innermost("innermost");
      }
    }
  }
  EXPECT_EQ(entities(capture), static_cast<std::size_t>(calls) * (1 + 2 * inner));
}

TEST(Lambda, other_threads_record_into_the_invocation) {
  Capture capture;
  {
    const Invocation invocation(xray::TraceHeader::parse(sampled));
    const xray::Context context = xray::current_context();
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&context] {
        const xray::ContextScope scope(context);
        for (int j = 0; j < 50; ++j) {
          const xray::Subsegment outer("outer");
          const xray::Subsegment inner("inner");
        }
        const xray::Subsegment detached("detached", context);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const auto documents = capture.documents();
  EXPECT_EQ(documents.size(), 4U * 51U);
  for (const auto& document : documents) {
    EXPECT_EQ(text_of(at(document, "parent_id")), facade_id);
    if (text_of(at(document, "name")) == "outer") {
      EXPECT_NE(find_subsegment(document, "inner"), nullptr);
    }
  }
}

TEST(Lambda, what_threads_record_while_the_invocation_ends_arrives_or_is_counted) {
  Capture capture;
  const auto before = xray::statistics();
  std::atomic<std::uint64_t> begun{0};
  for (int round = 0; round < 10; ++round) {
    std::vector<std::thread> threads;
    {
      const Invocation invocation(xray::TraceHeader::parse(sampled));
      const xray::Context context = xray::current_context();
      const auto so_far = begun.load();
      for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&begun, context] {
          const xray::ContextScope scope(context);
          for (int n = 0; n < 100; ++n) {
            const xray::Subsegment outer("outer");
            const xray::Subsegment inner("inner");
            const xray::Subsegment detached("detached", context);
            begun += 3;
          }
        });
      }
      while (begun < so_far + 100) std::this_thread::yield();
    }
    for (std::thread& thread : threads) thread.join();
  }
  const auto arrived = entities(capture);
  const auto after = xray::statistics();
  EXPECT_EQ(after.dropped_queue_full, before.dropped_queue_full);
  EXPECT_EQ(arrived + after.dropped_leaked - before.dropped_leaked, begun);
}

TEST(Lambda, subsegments_may_end_out_of_order) {
  Capture capture;
  {
    const Invocation invocation(xray::TraceHeader::parse(sampled));
    xray::Subsegment outer("outer");
    xray::Subsegment inner("inner");
    outer.end();
    const xray::Subsegment innermost("innermost");
  }
  std::set<std::string> names;
  for (const auto& document : capture.documents()) {
    names.insert(text_of(at(document, "name")));
    for (const char* name : {"inner", "innermost"}) {
      if (find_subsegment(document, name) != nullptr) names.insert(name);
    }
  }
  EXPECT_EQ(names, (std::set<std::string>{"outer", "inner", "innermost"}));
}

TEST(Lambda, calls_carry_the_subsegment_as_parent_and_the_lineage) {
  const Capture capture;
  const Invocation invocation(xray::TraceHeader::parse(sampled));
  EXPECT_EQ(downstream(), sampled);
  const xray::Subsegment subsegment("call");
  EXPECT_EQ(downstream(), std::string("Root=") + root +
                              ";Parent=" + std::string(subsegment.id().to_string().view()) +
                              ";Sampled=1;Lineage=a87bd80c:1|68fd508a:5");
}

TEST(Lambda, an_unsampled_invocation_records_nothing_and_says_so_to_others) {
  Capture capture;
  {
    const Invocation invocation(xray::TraceHeader::parse(unsampled));
    EXPECT_FALSE(invocation.sampled());
    const xray::Subsegment subsegment("call");
    EXPECT_FALSE(subsegment.sampled());
    EXPECT_EQ(downstream(), unsampled);
  }
  EXPECT_TRUE(capture.documents().empty());
}

TEST(Lambda, without_a_decision_nothing_is_recorded_and_the_header_goes_on_as_it_came) {
  Capture capture;
  for (const char* const text : {
           "Root=1-5759e988-bd862e3fe1be46a994272793",
           "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a87bd80c:1|68fd508a:5",
           "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
           "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
           "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=?;a=b",
       }) {
    const Invocation invocation(xray::TraceHeader::parse(text));
    EXPECT_FALSE(invocation.sampled());
    EXPECT_EQ(downstream(), text);
    const xray::Subsegment subsegment("call");
    EXPECT_EQ(downstream(), text);
    std::string sent;
    xray::inject([&sent](std::string_view, std::string_view value) { sent = value; });
    EXPECT_EQ(sent, text);
  }
  EXPECT_TRUE(capture.documents().empty());
}

TEST(Lambda, without_any_header_nothing_is_recorded_sent_on_or_complained_about) {
  Capture capture;
  const auto before = xray::statistics().context_missing;
  for (const char* const text : {"", "nonsense", "Root=1-zz;Parent=53995c3f42cd8ad8"}) {
    const Invocation invocation(xray::TraceHeader::parse(text));
    const xray::Subsegment subsegment("call");
    EXPECT_EQ(downstream(), "");
    xray::inject([](std::string_view, std::string_view) { FAIL(); });
  }
  EXPECT_TRUE(capture.documents().empty());
  EXPECT_EQ(xray::statistics().context_missing, before);
}

TEST(Lambda, what_leaks_into_the_next_invocation_is_dropped_and_counted) {
  Capture capture;
  const auto before = xray::statistics().dropped_leaked;
  std::optional<xray::Subsegment> leaked;
  xray::Context kept;
  {
    const Invocation invocation(xray::TraceHeader::parse(sampled));
    leaked.emplace("leaked");
    kept = xray::current_context();
    const xray::Subsegment inner("in time");
  }
  {
    const Invocation invocation(xray::TraceHeader::parse(another));
    EXPECT_EQ(downstream(), another) << "the earlier invocation is still current";
    const xray::Subsegment own("own");
    leaked->announce();
    leaked.reset();
    const xray::Subsegment late("late", kept);
  }
  EXPECT_EQ(xray::statistics().dropped_leaked, before + 2);
  std::set<std::string> names;
  for (const auto& document : capture.documents()) {
    const std::string name = text_of(at(document, "name"));
    names.insert(name);
    EXPECT_EQ(text_of(at(document, "trace_id")) == root, name == "in time");
    EXPECT_FALSE(document.HasMember("in_progress"));
  }
  EXPECT_EQ(names, (std::set<std::string>{"in time", "own"}));
}

TEST(Lambda, nothing_is_current_between_invocations) {
  const Capture capture;
  {
    Invocation invocation(xray::TraceHeader::parse(sampled));
    EXPECT_TRUE(xray::current_context());
    EXPECT_TRUE(invocation.end());
    EXPECT_FALSE(xray::current_context());
    EXPECT_FALSE(invocation.sampled());
    EXPECT_TRUE(invocation.end());
  }
  EXPECT_FALSE(xray::current_context());
}

TEST(Lambda, a_segment_inside_an_invocation_is_one_of_its_own) {
  Capture capture;
  {
    const Invocation invocation(xray::TraceHeader::parse(sampled));
    const xray::Segment segment("service", xray::current_trace_header());
    const xray::Subsegment subsegment("work");
  }
  const auto document = capture.document();
  EXPECT_FALSE(document.HasMember("type"));
  EXPECT_EQ(text_of(at(document, "name")), "service");
  EXPECT_EQ(text_of(at(document, "trace_id")), root);
  EXPECT_EQ(text_of(at(document, "parent_id")), facade_id);
  EXPECT_NE(find_subsegment(document, "work"), nullptr);
}

TEST(Lambda, threads_may_serve_an_invocation_each) {
  Capture capture;
  std::vector<std::thread> threads;
  for (const char* const header : {sampled, another}) {
    threads.emplace_back([header] {
      for (int i = 0; i < 200; ++i) {
        const Invocation invocation(xray::TraceHeader::parse(header));
        const xray::Subsegment subsegment("work");
        EXPECT_EQ(xray::current_trace_header().trace_id(),
                  xray::TraceHeader::parse(header).trace_id());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(capture.documents().size(), 400U);
}

TEST(Lambda, invocations_allocate_nothing_in_the_steady_state) {
  class Nowhere : public xray::Emitter {
    void emit(std::string_view /*document*/) noexcept override {}
  };
  xray::detail::replace_emitter(std::make_shared<Nowhere>());
  const auto header = xray::TraceHeader::parse(sampled);
  const auto invoke = [&header] {
    const Invocation invocation(header);
    for (int i = 0; i < 5; ++i) {
      const xray::Subsegment outer("outer");
      const xray::Subsegment inner("inner");
    }
  };
  for (int i = 0; i < 100; ++i) invoke();
  const auto before = support::allocations();
  for (int i = 0; i < 100; ++i) invoke();
  EXPECT_EQ(support::allocations(), before);
}

TEST(LambdaWrap, the_request_names_the_trace_and_the_response_comes_back_as_it_is) {
  Capture capture;
  std::function<Response(const Request&)> handler = xray::lambda::wrap([](const Request& request) {
    const xray::Subsegment subsegment("work");
    return Response{request.payload + " " +
                    std::string(xray::current_trace_header().trace_id().to_string().view())};
  });
  EXPECT_EQ(handler({"a", "1", sampled}).payload, std::string("a ") + root);
  EXPECT_EQ(handler({"b", "2", another}).payload, "b 1-6759e988-ad862e3fe1be46a994272794");
  const auto documents = capture.documents();
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(text_of(at(documents[0], "trace_id")), root);
  EXPECT_EQ(text_of(at(documents[1], "parent_id")), "63995c3f42cd8ad9");
}

TEST(LambdaWrap, any_handler_and_any_result_will_do) {
  const Capture capture;
  struct Plain {
    static int twice(int& number) { return number *= 2; }
  };
  int number = 4;
  EXPECT_EQ(xray::lambda::wrap(&Plain::twice)(number), 8);
  EXPECT_EQ(number, 8);

  auto reference = xray::lambda::wrap([](int& n) -> int& { return n; });
  EXPECT_EQ(&reference(number), &number);

  auto moved =
      xray::lambda::wrap([held = std::make_unique<int>(7)](std::unique_ptr<int> more) mutable {
        *more += *held;
        return more;
      });
  EXPECT_EQ(*moved(std::make_unique<int>(1)), 8);

  const auto constant = xray::lambda::wrap([](const Request&, int extra) { return extra; });
  EXPECT_EQ(constant(Request{}, 3), 3);

  bool called = false;
  xray::lambda::wrap([&called] { called = true; })();
  EXPECT_TRUE(called);
}

TEST(LambdaWrap, an_exception_goes_on_once_everything_has_left) {
  Capture capture;
  auto handler = xray::lambda::wrap([](const Request&) -> Response {
    const xray::Subsegment subsegment("work");
    throw std::runtime_error("no stock");
  });
  try {
    handler(Request{"", "", sampled});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no stock");
  }
  EXPECT_FALSE(xray::current_context());
  const auto document = capture.document();
  EXPECT_EQ(text_of(at(document, "name")), "work");
  EXPECT_TRUE(at(document, "fault").IsTrue());
}

TEST(LambdaWrap, the_environment_is_read_at_each_call_where_the_request_says_nothing) {
  IN_A_FRESH_PROCESS({
    auto of_request = xray::lambda::wrap([](const Request&) { return downstream(); });
    struct Other {
      int xray_trace_id = 1;  // not one
    };
    auto of_other = xray::lambda::wrap([](const Other&) { return downstream(); });
    EXPECT_EQ(of_request(Request()), "");
    ::setenv("_X_AMZN_TRACE_ID", unsampled, 1);
    EXPECT_EQ(of_request(Request()), unsampled);
    EXPECT_EQ(of_other(Other()), unsampled);
    ::setenv("_X_AMZN_TRACE_ID", another, 1);
    EXPECT_EQ(of_other(Other()), another);
    EXPECT_EQ(of_request(Request{"", "", sampled}), sampled);
  });
}

TEST(LambdaStart, documents_are_sent_by_the_thread_that_ends_them) {
  IN_A_FRESH_PROCESS({
    struct Here : xray::Emitter {
      void emit(std::string_view /*document*/) noexcept override {
        ++documents;
        elsewhere = elsewhere || std::this_thread::get_id() != thread;
      }
      std::thread::id thread = std::this_thread::get_id();
      int documents = 0;
      bool elsewhere = false;
    };
    const Folder folder;
    ::setenv("LAMBDA_TASK_ROOT", "/var/task", 1);
    const auto here = std::make_shared<Here>();
    xray::Configuration configuration;
    configuration.emitter = here;
    EXPECT_FALSE(xray::configure(configuration));
    xray::lambda::Options options;
    options.initialized_file = folder / "initialized";
    auto handler = xray::lambda::wrap(
        [](const Request&) {
          const xray::Subsegment subsegment("work");
          const xray::Subsegment inner("inner");
        },
        options);
    for (int i = 1; i <= 3; ++i) {
      handler(Request{"", "", sampled});
      EXPECT_EQ(here->documents, i);
    }
    EXPECT_FALSE(here->elsewhere);
  });
}

TEST(LambdaStart, the_service_is_told_that_an_sdk_is_there) {
  IN_A_FRESH_PROCESS({
    const Folder folder;
    xray::lambda::Options options;
    EXPECT_EQ(options.initialized_file, "/tmp/.aws-xray/initialized");
    options.initialized_file = folder / ".aws-xray/initialized";
    EXPECT_FALSE(xray::lambda::is_lambda());
    EXPECT_TRUE(xray::lambda::start(options));
    EXPECT_FALSE(std::filesystem::exists(options.initialized_file)) << "not on Lambda";
    ::setenv("LAMBDA_TASK_ROOT", "/var/task", 1);
    EXPECT_TRUE(xray::lambda::is_lambda());
    EXPECT_TRUE(xray::lambda::start(options));
    EXPECT_TRUE(std::filesystem::is_regular_file(options.initialized_file));
    EXPECT_TRUE(xray::lambda::start(options)) << "again";
    options.initialized_file.clear();
    EXPECT_TRUE(xray::lambda::start(options));
  });
}

TEST(LambdaStart, nothing_is_touched_through_a_link_or_where_one_may_not_write) {
  IN_A_FRESH_PROCESS({
    const Folder folder;
    ::setenv("LAMBDA_TASK_ROOT", "/var/task", 1);
    xray::lambda::Options options;
    options.initialized_file = folder / "initialized";
    std::filesystem::create_symlink(folder / "elsewhere", options.initialized_file);
    EXPECT_FALSE(xray::lambda::start(options));
    EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
    options.initialized_file = "/proc/nowhere/initialized";
    EXPECT_FALSE(xray::lambda::start(options));
  });
}

TEST(LambdaStart, a_disabled_sdk_touches_and_records_nothing) {
  IN_A_FRESH_PROCESS({
    const Folder folder;
    ::setenv("LAMBDA_TASK_ROOT", "/var/task", 1);
    ::setenv("AWS_XRAY_SDK_ENABLED", "false", 1);
    xray::lambda::Options options;
    options.initialized_file = folder / "initialized";
    auto handler = xray::lambda::wrap(
        [](const Request&) {
          const xray::Subsegment subsegment("work");
          return subsegment.sampled();
        },
        options);
    EXPECT_FALSE(handler(Request{"", "", sampled}));
    EXPECT_FALSE(std::filesystem::exists(options.initialized_file));
  });
}

TEST(LambdaRuntimeApi, is_known_by_its_address) {
  IN_A_FRESH_PROCESS({
    EXPECT_FALSE(xray::lambda::is_runtime_api("127.0.0.1:9001"));
    EXPECT_FALSE(xray::lambda::is_runtime_api(""));
    ::setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001", 1);
    EXPECT_TRUE(xray::lambda::is_runtime_api("127.0.0.1:9001"));
    EXPECT_TRUE(
        xray::lambda::is_runtime_api("http://127.0.0.1:9001/2018-06-01/runtime/invocation/next"));
    EXPECT_TRUE(xray::lambda::is_runtime_api("http://127.0.0.1:9001"));
    EXPECT_FALSE(xray::lambda::is_runtime_api("http://127.0.0.1:90010/"));
    EXPECT_FALSE(xray::lambda::is_runtime_api("http://example.com/?127.0.0.1:9001"));
    EXPECT_FALSE(xray::lambda::is_runtime_api("http://127.0.0.1:9001@example.com/"));
    EXPECT_FALSE(xray::lambda::is_runtime_api(""));
  });
}
