// Commands that wait for their replies.
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <memory>
#include <string>

#include "support/allocations.hpp"
#include "support/traced_redis.hpp"

using support::at;
using support::only_subsegment;
using support::reply_of;
using support::text_of;
using support::told;

namespace {

class RedisCommand : public support::TracedRedis {};

void* by_list(redisContext* context, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  void* const reply = redisvCommand(context, format, arguments);
  va_end(arguments);
  return reply;
}

}  // namespace

TEST_F(RedisCommand, is_a_remote_subsegment_with_its_name_and_nothing_of_its_arguments) {
  const auto context = connected();
  begin_segment();
  const auto reply = reply_of(redisCommand(context.get(), "set %s %b", "my-key", "my-value", 8UL));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->type, REDIS_REPLY_STATUS);
  EXPECT_STREQ(reply->str, "OK");
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "redis@127.0.0.1");
  EXPECT_EQ(text_of(at(call, "namespace")), "remote");
  EXPECT_EQ(text_of(at(at(call, "annotations"), "redis_command")), "SET");
  EXPECT_EQ(text_of(at(told(call), "command")), "SET");
  EXPECT_EQ(text_of(at(told(call), "host")), "127.0.0.1");
  EXPECT_EQ(at(told(call), "port").GetInt(), server_.port());
  EXPECT_FALSE(call.HasMember("fault"));
  EXPECT_FALSE(call.HasMember("error"));
}

TEST_F(RedisCommand, in_none_of_its_forms_shows_an_argument) {
  const auto context = connected();
  begin_segment();
  const char* arguments[] = {"AUTH", "my-user", "my-password"};
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "AUTH my-user my-password")));
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "%s %s", "AUTH", "my-password")));
  EXPECT_TRUE(reply_of(by_list(context.get(), "HELLO 3 AUTH %s %s", "my-user", "my-password")));
  EXPECT_TRUE(reply_of(redisCommandArgv(context.get(), 3, arguments, nullptr)));
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "FAIL %s", "WRONGPASS my-password")));
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "FAIL %s", "my-password is wrong")));
  static_cast<void>(document());
  const std::string text = capture().texts().at(0);
  EXPECT_EQ(text.find("my-"), std::string::npos) << text;
  EXPECT_NE(text.find("HELLO"), std::string::npos) << text;
}

TEST_F(RedisCommand, that_is_refused_is_an_error_by_its_first_word) {
  const auto context = connected();
  begin_segment();
  const auto reply = reply_of(redisCommand(context.get(), "FAIL %s", "WRONGTYPE Operation on x"));
  ASSERT_TRUE(reply);
  EXPECT_STREQ(reply->str, "WRONGTYPE Operation on x");
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_TRUE(at(call, "error").GetBool());
  EXPECT_FALSE(call.HasMember("fault"));
  EXPECT_EQ(support::exception_type(call), "Redis WRONGTYPE");
  EXPECT_EQ(support::exception_message(call), "");
}

TEST_F(RedisCommand, that_the_server_is_unfit_for_is_a_fault) {
  const auto context = connected();
  begin_segment();
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "FAIL %s", "LOADING the dataset")));
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_TRUE(at(call, "fault").GetBool());
  EXPECT_EQ(support::exception_type(call), "Redis LOADING");
}

TEST_F(RedisCommand, that_another_node_of_a_cluster_is_to_answer_did_not_fail) {
  const auto context = connected();
  begin_segment();
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "FAIL %s", "MOVED 3999 10.0.0.1:6381")));
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_FALSE(call.HasMember("error"));
  EXPECT_FALSE(call.HasMember("cause"));
  EXPECT_EQ(text_of(at(told(call), "redirected")), "MOVED");
}

TEST_F(RedisCommand, whose_connection_is_lost_is_a_fault_and_says_so_as_before) {
  const auto context = connected();
  begin_segment();
  EXPECT_EQ(redisCommand(context.get(), "CLOSE"), nullptr);
  EXPECT_EQ(context->err, REDIS_ERR_EOF);
  EXPECT_STREQ(context->errstr, "Server closed the connection");
  EXPECT_EQ(redisCommand(context.get(), "PING"), nullptr);
  const auto document = this->document();
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
  for (const auto& call : at(document, "subsegments").GetArray()) {
    EXPECT_TRUE(at(call, "fault").GetBool());
    EXPECT_EQ(support::exception_type(call), "Redis connection");
    EXPECT_EQ(support::exception_message(call), "the server closed the connection");
  }
}

TEST_F(RedisCommand, that_never_connected_is_a_fault_with_the_host) {
  const support::Context context(redisConnect("127.0.0.1", 1));
  ASSERT_TRUE(context);
  ASSERT_NE(context->err, 0);
  begin_segment();
  EXPECT_EQ(redisCommand(context.get(), "PING"), nullptr);
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "redis@127.0.0.1");
  EXPECT_TRUE(at(call, "fault").GetBool());
}

TEST_F(RedisCommand, over_a_unix_socket_is_named_by_its_last_part) {
  const support::Context context(redisConnectUnix("/nonexistent/home/somebody/queue.sock"));
  ASSERT_TRUE(context);
  begin_segment();
  EXPECT_EQ(redisCommand(context.get(), "PING"), nullptr);
  static_cast<void>(document());
  const std::string text = capture().texts().at(0);
  EXPECT_NE(text.find(R"("name":"redis@queue.sock")"), std::string::npos) << text;
  EXPECT_EQ(text.find("somebody"), std::string::npos) << text;
}

TEST_F(RedisCommand, of_a_host_that_is_a_url_does_not_show_its_password) {
  const support::Context context(redisConnect("redis://me:my-password@127.0.0.999", 1));
  ASSERT_TRUE(context);
  begin_segment();
  EXPECT_EQ(redisCommand(context.get(), "PING"), nullptr);
  static_cast<void>(document());
  const std::string text = capture().texts().at(0);
  EXPECT_EQ(text.find("my-password"), std::string::npos) << text;
}

TEST_F(RedisCommand, over_a_descriptor_has_no_host) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const support::Context context(redisConnectFd(ends[0]));
  context->flags |= REDIS_BLOCK;
  ASSERT_EQ(::send(ends[1], "+PONG\r\n", 7, 0), 7);
  begin_segment();
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "PING")));
  EXPECT_EQ(text_of(at(only_subsegment(document()), "name")), "redis");
  ::close(ends[1]);
}

TEST_F(RedisCommand, on_a_connection_from_before_patching_is_traced_like_any_other) {
  xray::unpatch_all();
  const auto context = connected();
  xray::patch({"redis"});
  begin_segment();
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "PING")));
  EXPECT_EQ(text_of(at(only_subsegment(document()), "name")), "redis@127.0.0.1");
}

TEST_F(RedisCommand, keeps_errno) {
  const auto context = connected();
  begin_segment();
  errno = 0;
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "FAIL %s", "ERR no")));
  EXPECT_EQ(errno, 0);
}

TEST_F(RedisCommand, that_subscribes_is_left_alone) {
  const auto context = connected();
  begin_segment();
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "SUBSCRIBE c")));
  void* message = nullptr;
  EXPECT_EQ(redisGetReply(context.get(), &message), REDIS_OK);
  EXPECT_TRUE(reply_of(message));
  EXPECT_FALSE(document().HasMember("subsegments"));
}

TEST_F(RedisCommand, of_an_unsampled_segment_or_of_none_is_not_recorded_and_allocates_nothing) {
  const auto context = connected();
  // hiredis refuses this format, after the same work each time.
  const auto allocated = [&context] {
    const auto before = support::allocations();
    EXPECT_EQ(redisCommand(context.get(), "GET %y", 1), nullptr);
    return support::allocations() - before;
  };
  static_cast<void>(allocated());
  const auto without_segment = allocated();
  begin_segment("Sampled=0");
  const auto unsampled = allocated();
  xray::unpatch_all();
  const auto unpatched = allocated();
  EXPECT_EQ(without_segment, unpatched);
  EXPECT_EQ(unsampled, unpatched);
}

namespace {

// A reader that makes numbers of everything: no redisReply, though it begins like one of an error.
void* make_number(const redisReadTask* /*task*/, char* /*text*/, std::size_t /*size*/) {
  return new int(REDIS_REPLY_ERROR);
}
void free_number(void* object) {
  delete static_cast<int*>(object);
}

}  // namespace

TEST_F(RedisCommand, whose_replies_are_objects_of_the_programs_own_is_traced_without_reading_them) {
  const auto context = connected();
  redisReplyObjectFunctions functions{};
  functions.createString = make_number;
  functions.freeObject = free_number;
  context->reader->fn = &functions;
  begin_segment();
  const std::unique_ptr<int> number(
      static_cast<int*>(redisCommand(context.get(), "FAIL %s", "ERR no")));
  ASSERT_TRUE(number);
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(told(call), "command")), "FAIL");
  EXPECT_FALSE(call.HasMember("error"));
}
