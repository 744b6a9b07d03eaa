// Plugins against stand-ins: an HTTP server in this process, and files under a temporary root.
#include <xray/plugins.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <xray/impl/plugin_settings.hpp>
#include <xray/xray.hpp>

#include "support/documents.hpp"
#include "support/http_stand_in.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::HttpStandIn;
using support::Json;
using support::JsonValue;
using support::text_of;

namespace {

std::mutex log_mutex;
std::string log_text;

std::string logged() {
  const std::lock_guard<std::mutex> lock(log_mutex);
  return log_text;
}

void configure_for(xray::Plugins plugins) {
  xray::Configuration configuration;
  configuration.plugins = plugins;
  configuration.log = [](std::string_view message) {
    const std::lock_guard<std::mutex> lock(log_mutex);
    log_text.append(message).append("\n");
  };
  const auto result = xray::configure(configuration);
  EXPECT_FALSE(result) << result.message;
}

/// A directory in place of /, set as AWS_XRAY_FILE_ROOT.
class Root {
 public:
  Root() {
    char name[] = "/tmp/xray-root-XXXXXX";
    path_ = ::mkdtemp(name);
    ::setenv("AWS_XRAY_FILE_ROOT", path_.c_str(), 1);
  }
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;
  ~Root() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string path(const std::string& file) const {
    std::string full = path_ + file;
    std::filesystem::create_directories(std::filesystem::path(full).parent_path());
    return full;
  }
  void put(const std::string& file, const std::string& text) const {
    std::ofstream(path(file)) << text;
  }

 private:
  std::string path_;
};

Json next_document(Capture& capture) {
  capture.clear();
  { const xray::Segment segment("s"); }
  return capture.document();
}

/// Traces until a segment satisfies the condition; the last one if none did in good time.
Json trace_until(Capture& capture, const std::function<bool(const Json&)>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (true) {
    Json document = next_document(capture);
    if (condition(document) || std::chrono::steady_clock::now() > deadline) return document;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

Json trace_until_aws_has(Capture& capture, const char* member) {
  return trace_until(capture,
                     [member](const Json& document) { return document["aws"].HasMember(member); });
}

bool look_up_is_running() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "comm");
    std::string name;
    if (std::getline(file, name) && name == "xray-plugins") return true;
  }
  return false;
}

/// Waits until the condition holds or good time has passed.
void wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// Traces until a plugin has failed and the look-up is over; the document of a segment after that.
Json trace_until_failed(Capture& capture) {
  (void)next_document(capture);
  wait_until([] { return xray::statistics().plugins_failed != 0; });
  wait_until([] { return !look_up_is_running(); });
  return next_document(capture);
}

std::string own_host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

std::string text_at(const JsonValue& object, const char* key) {
  return text_of(at(object, key));
}

/// Nothing but the SDK's own word.
void expect_no_surroundings(const Json& document) {
  EXPECT_FALSE(document.HasMember("origin"));
  EXPECT_EQ(at(document, "aws").MemberCount(), 1U);
}

bool begins_with(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

constexpr xray::Plugins ec2_and_ecs = {xray::Plugin::ec2, xray::Plugin::ecs};

constexpr const char* identity =
    R"({"accountId":"123456789012","availabilityZone":"eu-west-1b",)"
    R"("imageId":"ami-5fb8c835","instanceId":"i-0b1c2d3e4f5a6b7c8",)"
    R"("instanceType":"m5.large","kernelId":null,"devpayProductCodes":[]})";

/// An instance metadata service with tokens.
std::string imds_v2(const std::string& request) {
  if (begins_with(request, "PUT /latest/api/token ")) {
    return request.find("X-aws-ec2-metadata-token-ttl-seconds: 60\r\n") != std::string::npos
               ? HttpStandIn::reply(200, "the-token==")
               : HttpStandIn::reply(400, "");
  }
  if (request.find("X-aws-ec2-metadata-token: the-token==\r\n") == std::string::npos) {
    return HttpStandIn::reply(401, "");
  }
  return begins_with(request, "GET /latest/dynamic/instance-identity/document ")
             ? HttpStandIn::reply(200, identity)
             : HttpStandIn::reply(404, "");
}

/// One that knows no tokens.
std::string imds_v1(const std::string& request) {
  return begins_with(request, "GET /latest/dynamic/instance-identity/document ")
             ? HttpStandIn::reply(200, identity)
             : HttpStandIn::reply(404, "<html>Not Found</html>");
}

void expect_ec2(const Json& document) {
  EXPECT_EQ(text_at(document, "origin"), "AWS::EC2::Instance");
  const JsonValue& ec2 = at(at(document, "aws"), "ec2");
  EXPECT_EQ(text_at(ec2, "instance_id"), "i-0b1c2d3e4f5a6b7c8");
  EXPECT_EQ(text_at(ec2, "availability_zone"), "eu-west-1b");
  EXPECT_EQ(text_at(ec2, "instance_size"), "m5.large");
  EXPECT_EQ(text_at(ec2, "ami_id"), "ami-5fb8c835");
  EXPECT_EQ(ec2.MemberCount(), 4U);
}

constexpr const char* container =
    R"({"DockerId":"43481a6ce4842eec8fe72fc28500c6b52edcc0917f105b83379f88cac1ff3946",)"
    R"("Name":"nginx","DockerName":"ecs-nginx-5-nginx","Networks":[{"NetworkMode":"awsvpc"}],)"
    R"("ContainerARN":"arn:aws-cn:ecs:cn-north-1:111122223333:container/05966557-f16c-49cb",)"
    R"("LogDriver":"awslogs","LogOptions":{"awslogs-group":"/ecs/metadata",)"
    R"("awslogs-region":"cn-north-1","awslogs-stream":"ecs/nginx/8f03"}})";

}  // namespace

TEST(Plugins, are_a_small_set) {
  constexpr xray::Plugins some = {xray::Plugin::ecs, xray::Plugin::ec2};
  static_assert(some.contains(xray::Plugin::ec2) && some.contains(xray::Plugin::ecs));
  static_assert(!some.contains(xray::Plugin::eks) && !some.empty());
  static_assert(xray::Plugins().empty() && xray::Plugins() != some);
  static_assert(xray::Plugins::all().contains(xray::Plugin::elastic_beanstalk));
  EXPECT_EQ(some, (xray::Plugins{xray::Plugin::ec2, xray::Plugin::ecs}));
}

TEST(Plugins, are_named_by_a_list_of_words) {
  std::string_view wrong;
  EXPECT_EQ(xray::detail::parse_plugins("ec2, ecs", wrong),
            (xray::Plugins{xray::Plugin::ec2, xray::Plugin::ecs}));
  EXPECT_EQ(xray::detail::parse_plugins("eks,elastic_beanstalk", wrong),
            (xray::Plugins{xray::Plugin::eks, xray::Plugin::elastic_beanstalk}));
  EXPECT_EQ(xray::detail::parse_plugins("all", wrong), xray::Plugins::all());
  EXPECT_EQ(xray::detail::parse_plugins("none", wrong), xray::Plugins());
  for (const char* const text : {"", "ec2,", "EC2", "ec2 ecs", "ec2;ecs", "lambda"}) {
    EXPECT_EQ(xray::detail::parse_plugins(text, wrong), std::nullopt) << text;
  }
  EXPECT_EQ(wrong, "lambda");
}

TEST(Plugins, endpoints_are_parsed_strictly) {
  using xray::detail::parse_http_endpoint;
  const auto whole = parse_http_endpoint("http://169.254.170.2:51678/v4/abc-1/");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->host, "169.254.170.2");
  EXPECT_EQ(whole->port, "51678");
  EXPECT_EQ(whole->path, "/v4/abc-1");
  const auto bare = parse_http_endpoint("metadata.example");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->host, "metadata.example");
  EXPECT_EQ(bare->port, "80");
  const auto v6 = parse_http_endpoint("http://[fd00:ec2::254]:8080");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "fd00:ec2::254");
  EXPECT_EQ(v6->port, "8080");
  EXPECT_EQ(parse_http_endpoint("http://[fd00:ec2::254]")->port, "80");
  for (const char* const text :
       {"",       "http://", "https://host", "ftp://host",    "http://user@host",
        "host:",  "host:0",  "host:65536",   "host:12345678", "host:80x",
        "[::1",   "[]",      "[::1]80",      "host/a b",      "host/\n",
        "host?x", "host#x",  "http:///path", "::1",           "h\xC3\xB6st"}) {
    EXPECT_FALSE(parse_http_endpoint(text)) << text;
  }
}

TEST(Plugins, a_word_that_is_no_plugin_is_named) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_PLUGINS", "ec2,fargate", 1);
    const auto result = xray::configure({});
    EXPECT_EQ(result.error, xray::ConfigureError::bad_plugins);
    EXPECT_NE(result.message.find("\"fargate\""), std::string::npos);
  });
}

TEST(Plugins, variables_that_are_not_understood_are_named_where_a_plugin_needs_them) {
  for (const char* const name : {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "IMDS_ENDPOINT",
                                 "ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI"}) {
    IN_A_FRESH_PROCESS({
      ::setenv(name, "https://elsewhere", 1);
      xray::Configuration configuration;
      configuration.plugins = ec2_and_ecs;
      const auto result = xray::configure(configuration);
      EXPECT_EQ(result.error, xray::ConfigureError::bad_endpoint);
      EXPECT_NE(result.message.find(name), std::string::npos);
    });
    IN_A_FRESH_PROCESS({
      ::setenv(name, "https://elsewhere", 1);
      EXPECT_FALSE(xray::configure({}));
    });
  }
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_EC2_METADATA_DISABLED", "perhaps", 1);
    ::setenv("AWS_XRAY_PLUGINS", "ec2", 1);
    EXPECT_EQ(xray::configure({}).error, xray::ConfigureError::bad_metadata_disabled);
  });
}

TEST(Plugins, nothing_is_asked_and_no_thread_started_by_default) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server(imds_v2);
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    Capture capture;
    expect_no_surroundings(next_document(capture));
    EXPECT_FALSE(look_up_is_running());
    EXPECT_TRUE(server.requests().empty());
  });
}

TEST(Plugins, a_process_that_does_not_trace_asks_nothing) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server(imds_v2);
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for({xray::Plugin::ec2});
    EXPECT_TRUE(xray::flush(std::chrono::seconds(1)));
    EXPECT_FALSE(look_up_is_running());
    EXPECT_TRUE(server.requests().empty());
  });
}

TEST(Plugins, ec2_asks_with_a_token) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server(imds_v2);
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    expect_ec2(trace_until_aws_has(capture, "ec2"));
    EXPECT_EQ(server.requests().size(), 2U);
    EXPECT_EQ(xray::statistics().plugins_failed, 0U);
    EXPECT_EQ(logged(), "");
  });
}

TEST(Plugins, ec2_asks_without_a_token_where_there_is_none) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server(imds_v1);
    ::setenv("IMDS_ENDPOINT", server.address().c_str(), 1);
    ::setenv("AWS_XRAY_PLUGINS", "ec2", 1);
    Capture capture;
    expect_ec2(trace_until_aws_has(capture, "ec2"));
  });
}

TEST(Plugins, ec2_asks_without_a_token_where_the_reply_with_one_never_arrives) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server([](const std::string& request) {
      return begins_with(request, "PUT") ? std::string() : imds_v1(request);
    });
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    expect_ec2(trace_until_aws_has(capture, "ec2"));
  });
}

TEST(Plugins, ec2_keeps_to_tokens_when_told_to) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server(imds_v1);
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    ::setenv("AWS_EC2_METADATA_V1_DISABLED", "true", 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    expect_no_surroundings(trace_until_failed(capture));
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(xray::statistics().plugins_failed, 1U);
    EXPECT_NE(logged().find("plugin ec2"), std::string::npos);
  });
}

TEST(Plugins, ec2_asks_nothing_where_the_metadata_service_is_disabled) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server(imds_v2);
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    ::setenv("AWS_EC2_METADATA_DISABLED", "TRUE", 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    expect_no_surroundings(trace_until_failed(capture));
    EXPECT_TRUE(server.requests().empty());
    EXPECT_NE(logged().find("AWS_EC2_METADATA_DISABLED"), std::string::npos);
  });
}

TEST(Plugins, ec2_names_the_log_groups_of_the_cloudwatch_agent) {
  IN_A_FRESH_PROCESS({
    const Root root;
    root.put(
        "/opt/aws/amazon-cloudwatch-agent/etc/log-config.json",
        R"({"version":"1","log_configs":[{"log_group_name":"access"},{"log_group_name":"errors"},)"
        R"({"log_group_name":"access"},{"log_group_name":7}],"region":"eu-west-1"})");
    const HttpStandIn server(imds_v2);
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    const Json document = trace_until_aws_has(capture, "ec2");
    const JsonValue& groups = at(at(document, "aws"), "cloudwatch_logs");
    ASSERT_EQ(groups.Size(), 2U);
    EXPECT_EQ(text_at(groups[0], "log_group"), "access");
    EXPECT_EQ(text_at(groups[1], "log_group"), "errors");
  });
}

TEST(Plugins, answers_that_make_no_sense_are_survived_and_said_once) {
  const std::string big = "HTTP/1.1 200 OK\r\n\r\n" + std::string(200'000, ' ') + identity;
  for (const std::string& answer :
       {HttpStandIn::reply(200, "<html><body>Please log in</body></html>"),
        HttpStandIn::reply(200, R"({"instanceId":17})"), HttpStandIn::reply(200, R"(["i-1"])"),
        HttpStandIn::reply(200, std::string("\x00\xff\x10\x80", 4)),
        HttpStandIn::reply(200, std::string(60'000, '[')),
        HttpStandIn::reply(200, "{\"instanceId\":\"" + std::string(2000, 'i') + "\"}"),
        HttpStandIn::reply(403, identity), std::string("not HTTP at all\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n") + identity, big}) {
    IN_A_FRESH_PROCESS({
      const HttpStandIn server([&answer](const std::string& request) {
        return begins_with(request, "PUT") ? HttpStandIn::reply(200, "the-token==") : answer;
      });
      ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
      configure_for({xray::Plugin::ec2});
      Capture capture;
      expect_no_surroundings(trace_until_failed(capture));
      EXPECT_EQ(xray::statistics().plugins_failed, 1U);
      const std::string said = logged();
      EXPECT_NE(said.find("plugin ec2: 127.0.0.1:"), std::string::npos) << said;
      EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
      EXPECT_EQ(said.find("the-token"), std::string::npos);
    });
  }
}

TEST(Plugins, a_token_that_would_break_out_of_its_header_is_not_used) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server([](const std::string& request) {
      return begins_with(request, "PUT") ? HttpStandIn::reply(200, "x\r\nEvil: yes")
                                         : HttpStandIn::reply(200, identity);
    });
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    expect_no_surroundings(trace_until_failed(capture));
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(xray::statistics().plugins_failed, 1U);
  });
}

TEST(Plugins, what_was_found_is_escaped_again) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server([](const std::string& request) {
      return begins_with(request, "PUT")
                 ? HttpStandIn::reply(200, "t")
                 : HttpStandIn::reply(200, R"({"instanceId":"i-\"},{\u0000\u00e9\n"})");
    });
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    const Json document = trace_until_aws_has(capture, "ec2");
    EXPECT_EQ(text_at(at(at(document, "aws"), "ec2"), "instance_id"),
              std::string("i-\"},{\0\xC3\xA9\n", 10));
  });
}

TEST(Plugins, a_failure_that_passes_is_asked_again) {
  IN_A_FRESH_PROCESS({
    int seen = 0;
    const HttpStandIn server([&seen](const std::string& request) {
      return ++seen < 3 ? HttpStandIn::reply(503, "") : imds_v2(request);
    });
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    expect_ec2(trace_until_aws_has(capture, "ec2"));
    EXPECT_EQ(xray::statistics().plugins_failed, 0U);
  });
}

TEST(Plugins, segments_leave_without_waiting_for_an_answer_that_never_comes) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server([](const std::string&) { return std::string(); });
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    expect_no_surroundings(next_document(capture));
    while (server.requests().empty()) std::this_thread::yield();
    // Asked, unanswered, and the look-up still under way: segments leave.
    EXPECT_TRUE(look_up_is_running());
    for (int i = 0; i < 10; ++i) expect_no_surroundings(next_document(capture));
  });
}

TEST(Plugins, shutdown_does_not_wait_for_an_answer_that_never_comes) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server([](const std::string&) { return std::string(); });
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    (void)next_document(capture);
    while (server.requests().empty()) std::this_thread::yield();
    EXPECT_TRUE(xray::shutdown(std::chrono::seconds(30)));
    const std::size_t asked = server.requests().size();
    expect_no_surroundings(next_document(capture));
    EXPECT_EQ(server.requests().size(), asked);
    EXPECT_EQ(logged(), "");
    EXPECT_EQ(xray::statistics().plugins_failed, 0U);
  });
}

TEST(Plugins, a_process_may_exit_while_they_are_being_asked) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        // Both live on: the look-up is still under way when statics are destroyed.
        auto* const server = new HttpStandIn([](const std::string&) { return std::string(); });
        ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server->url().c_str(), 1);
        configure_for({xray::Plugin::ec2});
        { const xray::Segment segment("s"); }
        while (server->requests().empty()) std::this_thread::yield();
        std::exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Plugins, a_forked_child_keeps_what_was_found_and_asks_nothing) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server(imds_v2);
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for({xray::Plugin::ec2});
    Capture capture;
    (void)trace_until_aws_has(capture, "ec2");
    const pid_t child = ::fork();
    if (child == 0) {
      Capture own;
      expect_ec2(next_document(own));
      ::_exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(server.requests().size(), 2U);
  });
}

TEST(Plugins, a_look_up_under_way_at_fork_begins_anew_in_the_child) {
  for (const char* const synchronous : {"", "synchronous"}) {
    IN_A_FRESH_PROCESS({
      // Silent at first, so that the parent's look-up is under way when it forks.
      std::atomic<int> seen{0};
      const HttpStandIn server([&seen](const std::string& request) {
        return seen.fetch_add(1) == 0 ? std::string() : imds_v2(request);
      });
      ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
      ::setenv("AWS_XRAY_PLUGINS", "ec2", 1);
      xray::Configuration configuration;
      configuration.synchronous = synchronous[0] != '\0';
      EXPECT_FALSE(xray::configure(configuration));
      Capture capture;
      (void)next_document(capture);
      while (seen.load() == 0) std::this_thread::yield();
      const pid_t child = ::fork();
      if (child == 0) {
        Capture own;
        expect_ec2(trace_until_aws_has(own, "ec2"));
        ::_exit(testing::Test::HasFailure() ? 1 : 0);
      }
      int status = 0;
      EXPECT_EQ(::waitpid(child, &status, 0), child);
      EXPECT_EQ(status, 0);
    });
  }
}

TEST(Plugins, ecs_tells_container_id_arn_and_log_group) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server([](const std::string& request) {
      return begins_with(request, "GET /v4/abc HTTP/1.1\r\n") ? HttpStandIn::reply(200, container)
                                                              : HttpStandIn::reply(404, "");
    });
    ::setenv("ECS_CONTAINER_METADATA_URI_V4", server.url("/v4/abc").c_str(), 1);
    configure_for({xray::Plugin::ecs});
    Capture capture;
    const Json document = trace_until_aws_has(capture, "ecs");
    EXPECT_EQ(text_at(document, "origin"), "AWS::ECS::Container");
    const JsonValue& ecs = at(at(document, "aws"), "ecs");
    EXPECT_EQ(text_at(ecs, "container"), own_host_name());
    EXPECT_EQ(text_at(ecs, "container_id"),
              "43481a6ce4842eec8fe72fc28500c6b52edcc0917f105b83379f88cac1ff3946");
    EXPECT_EQ(text_at(ecs, "container_arn"),
              "arn:aws-cn:ecs:cn-north-1:111122223333:container/05966557-f16c-49cb");
    const JsonValue& groups = at(at(document, "aws"), "cloudwatch_logs");
    ASSERT_EQ(groups.Size(), 1U);
    EXPECT_EQ(text_at(groups[0], "log_group"), "/ecs/metadata");
    EXPECT_EQ(text_at(groups[0], "arn"),
              "arn:aws-cn:logs:cn-north-1:111122223333:log-group:/ecs/metadata");
  });
}

TEST(Plugins, ecs_asks_version_3_where_version_4_fails) {
  IN_A_FRESH_PROCESS({
    const HttpStandIn server([](const std::string& request) {
      return begins_with(request, "GET /v3/abc ")
                 ? HttpStandIn::reply(200, R"({"DockerId":"43481a6c","Name":"nginx"})")
                 : HttpStandIn::reply(404, "");
    });
    ::setenv("ECS_CONTAINER_METADATA_URI_V4", server.url("/v4/abc").c_str(), 1);
    ::setenv("ECS_CONTAINER_METADATA_URI", server.url("/v3/abc").c_str(), 1);
    configure_for({xray::Plugin::ecs});
    Capture capture;
    const Json document = trace_until_aws_has(capture, "ecs");
    const JsonValue& ecs = at(at(document, "aws"), "ecs");
    EXPECT_EQ(text_at(ecs, "container_id"), "43481a6c");
    EXPECT_FALSE(ecs.HasMember("container_arn"));
    EXPECT_FALSE(document["aws"].HasMember("cloudwatch_logs"));
    EXPECT_EQ(xray::statistics().plugins_failed, 0U);
  });
}

TEST(Plugins, ecs_falls_back_to_the_host_name_and_the_kernels_word_when_its_agent_fails) {
  IN_A_FRESH_PROCESS({
    const std::string id(64, 'a');
    const Root root;
    root.put("/proc/self/cgroup", "9:cpu:/ecs/task/" + id + "\n");
    const HttpStandIn server(
        [](const std::string&) { return HttpStandIn::reply(200, "<html>no</html>"); });
    ::setenv("ECS_CONTAINER_METADATA_URI", server.url("/v3/abc").c_str(), 1);
    configure_for({xray::Plugin::ecs});
    Capture capture;
    const Json document = trace_until_aws_has(capture, "ecs");
    const JsonValue& ecs = at(at(document, "aws"), "ecs");
    EXPECT_EQ(text_at(ecs, "container"), own_host_name());
    EXPECT_EQ(text_at(ecs, "container_id"), id);
    EXPECT_EQ(xray::statistics().plugins_failed, 1U);
    EXPECT_NE(logged().find("plugin ecs"), std::string::npos);
  });
}

TEST(Plugins, eks_tells_pod_and_container) {
  IN_A_FRESH_PROCESS({
    const std::string id(64, 'b');
    const Root root;
    root.put("/proc/self/cgroup", "0::/\n");
    root.put("/proc/self/mountinfo", "9 8 0:1 /var/lib/docker/containers/" + id +
                                         "/hostname /etc/hostname rw - ext4 d rw\n");
    ::setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
    configure_for({xray::Plugin::eks});
    Capture capture;
    const Json document = trace_until_aws_has(capture, "eks");
    EXPECT_EQ(text_at(document, "origin"), "AWS::EKS::Container");
    const JsonValue& eks = at(at(document, "aws"), "eks");
    EXPECT_EQ(text_at(eks, "pod"), own_host_name());
    EXPECT_EQ(text_at(eks, "container_id"), id);
    EXPECT_FALSE(eks.HasMember("cluster_name"));
  });
}

TEST(Plugins, elastic_beanstalk_tells_what_its_file_says) {
  IN_A_FRESH_PROCESS({
    const Root root;
    root.put("/var/elasticbeanstalk/xray/environment.conf",
             R"({"deployment_id":32,"version_label":"app-5a56","environment_name":"scorekeep"})");
    configure_for({xray::Plugin::elastic_beanstalk});
    Capture capture;
    const Json document = trace_until_aws_has(capture, "elastic_beanstalk");
    EXPECT_EQ(text_at(document, "origin"), "AWS::ElasticBeanstalk::Environment");
    const JsonValue& beanstalk = at(at(document, "aws"), "elastic_beanstalk");
    EXPECT_EQ(text_at(beanstalk, "environment_name"), "scorekeep");
    EXPECT_EQ(text_at(beanstalk, "version_label"), "app-5a56");
    EXPECT_EQ(at(beanstalk, "deployment_id").GetInt(), 32);
  });
}

TEST(Plugins, look_under_the_root_that_the_program_gives_unless_the_environment_has_one) {
  constexpr const char* path = "/var/elasticbeanstalk/xray/environment.conf";
  for (const bool environment_wins : {false, true}) {
    IN_A_FRESH_PROCESS({
      const Root programs;
      programs.put(path, R"({"environment_name":"program"})");
      const Root environments;
      environments.put(path, R"({"environment_name":"environment"})");
      if (!environment_wins) ::unsetenv("AWS_XRAY_FILE_ROOT");
      xray::Configuration configuration;
      configuration.plugins = {xray::Plugin::elastic_beanstalk};
      configuration.file_root = programs.path("");
      EXPECT_FALSE(xray::configure(configuration));
      Capture capture;
      const Json document = trace_until_aws_has(capture, "elastic_beanstalk");
      EXPECT_EQ(text_at(at(at(document, "aws"), "elastic_beanstalk"), "environment_name"),
                environment_wins ? "environment" : "program");
    });
  }
}

TEST(Plugins, the_environment_can_switch_off_what_the_program_asks_for) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_XRAY_PLUGINS", "none", 1);
    const Root root;  // without the file: a plugin that was asked would fail, and say so
    configure_for({xray::Plugin::elastic_beanstalk});
    Capture capture;
    expect_no_surroundings(next_document(capture));
    EXPECT_FALSE(look_up_is_running());
    EXPECT_TRUE(xray::shutdown(std::chrono::seconds(30)));
    EXPECT_EQ(logged(), "");
  });
}

TEST(Plugins, files_that_make_no_sense_are_survived_and_said_once) {
  const auto expect_failure = [] {
    configure_for({xray::Plugin::elastic_beanstalk});
    Capture capture;
    expect_no_surroundings(trace_until_failed(capture));
    EXPECT_EQ(xray::statistics().plugins_failed, 1U);
    EXPECT_NE(logged().find("environment.conf"), std::string::npos);
  };
  constexpr const char* path = "/var/elasticbeanstalk/xray/environment.conf";
  for (const std::string& text : {std::string(), std::string("{"), std::string("{}"),
                                  std::string(R"({"environment_name":[]})"),
                                  std::string(70'000, ' ') + R"({"environment_name":"e"})"}) {
    IN_A_FRESH_PROCESS({
      const Root root;
      root.put(path, text);
      expect_failure();
    });
  }
  IN_A_FRESH_PROCESS({
    const Root root;  // no file
    expect_failure();
  });
  IN_A_FRESH_PROCESS({
    const Root root;
    ASSERT_EQ(::mkfifo(root.path(path).c_str(), 0600), 0);
    expect_failure();
  });
  IN_A_FRESH_PROCESS({
    const Root root;
    std::filesystem::create_directories(root.path(path));
    expect_failure();
  });
}

TEST(Plugins, every_one_is_told_and_the_most_specific_is_the_origin) {
  IN_A_FRESH_PROCESS({
    const Root root;
    root.put("/var/elasticbeanstalk/xray/environment.conf", R"({"environment_name":"e"})");
    const HttpStandIn server([](const std::string& request) {
      return begins_with(request, "GET /v4") ? HttpStandIn::reply(200, container)
                                             : imds_v2(request);
    });
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    ::setenv("ECS_CONTAINER_METADATA_URI_V4", server.url("/v4").c_str(), 1);
    ::setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
    ::setenv("AWS_LOG_GROUP", "own", 1);
    ::setenv("AWS_XRAY_PLUGINS", "all", 1);
    Capture capture;
    const Json document = trace_until_aws_has(capture, "ec2");
    EXPECT_EQ(text_at(document, "origin"), "AWS::ElasticBeanstalk::Environment");
    for (const char* const member : {"xray", "elastic_beanstalk", "eks", "ecs", "ec2"}) {
      EXPECT_TRUE(document["aws"].HasMember(member)) << member;
    }
    const JsonValue& groups = at(at(document, "aws"), "cloudwatch_logs");
    ASSERT_EQ(groups.Size(), 2U);
    EXPECT_EQ(text_at(groups[0], "log_group"), "own");
    EXPECT_EQ(text_at(groups[1], "log_group"), "/ecs/metadata");
  });
}

TEST(Plugins, who_asks_for_all_hears_nothing_of_those_that_do_not_apply) {
  IN_A_FRESH_PROCESS({
    const Root root;
    const HttpStandIn server([](const std::string&) { return HttpStandIn::reply(404, ""); });
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url().c_str(), 1);
    configure_for(xray::Plugins::all());
    Capture capture;
    (void)next_document(capture);
    wait_until([&server] { return server.requests().size() == 2; });  // the last plugin asked
    wait_until([] { return !look_up_is_running(); });
    expect_no_surroundings(next_document(capture));
    EXPECT_EQ(server.requests().size(), 2U);
    EXPECT_EQ(logged(), "");
    EXPECT_EQ(xray::statistics().plugins_failed, 0U);
  });
}

TEST(Plugins, who_asks_for_one_that_does_not_apply_is_told) {
  for (const xray::Plugin plugin : {xray::Plugin::ecs, xray::Plugin::eks}) {
    IN_A_FRESH_PROCESS({
      const Root root;
      configure_for({plugin});
      Capture capture;
      expect_no_surroundings(trace_until_failed(capture));
      EXPECT_NE(logged().find("not in "), std::string::npos);
      EXPECT_EQ(xray::statistics().plugins_failed, 1U);
    });
  }
}

TEST(Plugins, a_log_group_of_the_environment_stands_in_the_first_segment_without_any_plugin) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_LOG_GROUP", "/my/\"group\"", 1);
    Capture capture;
    const Json document = next_document(capture);
    const JsonValue& groups = at(at(document, "aws"), "cloudwatch_logs");
    ASSERT_EQ(groups.Size(), 1U);
    EXPECT_EQ(text_at(groups[0], "log_group"), "/my/\"group\"");
    EXPECT_FALSE(document.HasMember("origin"));
  });
}

TEST(Plugins, a_log_group_that_cloudwatch_would_not_allow_is_refused) {
  IN_A_FRESH_PROCESS({
    ::setenv("AWS_LOG_GROUP", std::string(513, 'g').c_str(), 1);
    EXPECT_EQ(xray::configure({}).error, xray::ConfigureError::bad_log_group);
    Capture capture;
    expect_no_surroundings(next_document(capture));
  });
}

TEST(Plugins, the_programs_own_origin_stands_and_subsegments_have_none) {
  IN_A_FRESH_PROCESS({
    const Root root;
    root.put("/var/elasticbeanstalk/xray/environment.conf", R"({"environment_name":"e"})");
    configure_for({xray::Plugin::elastic_beanstalk});
    Capture capture;
    (void)trace_until_aws_has(capture, "elastic_beanstalk");
    capture.clear();
    {
      xray::Segment segment("s");
      segment.set_origin("AWS::Own");
      const xray::Subsegment subsegment("t");
    }
    const Json document = capture.document();
    EXPECT_EQ(text_at(document, "origin"), "AWS::Own");
    EXPECT_FALSE(document["subsegments"][0].HasMember("origin"));
    EXPECT_FALSE(document["subsegments"][0].HasMember("aws"));
  });
}
