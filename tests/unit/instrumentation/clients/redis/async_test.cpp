// Commands whose replies callbacks take.
#include <gtest/gtest.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/poll_loop.hpp"
#include "support/traced_redis.hpp"

using support::at;
using support::only_subsegment;
using support::text_of;
using support::told;

namespace {

/// The replies that a callback was called with, in its `data`.
struct Heard {
  std::vector<std::string> replies;
};

std::string words_of(const redisReply* reply) {
  if (reply == nullptr) return "none";
  if (reply->type == REDIS_REPLY_ARRAY) return "array";
  return reply->str;
}

void hear(redisAsyncContext* /*context*/, void* reply, void* data) {
  static_cast<Heard*>(data)->replies.push_back(words_of(static_cast<redisReply*>(reply)));
}

class RedisAsync : public support::TracedRedis {
 protected:
  void SetUp() override {
    TracedRedis::SetUp();
    context_ = redisAsyncConnect("127.0.0.1", server_.port());
    ASSERT_TRUE(context_ != nullptr && context_->err == 0);
    loop_.emplace(context_);
  }

  /// Until so many replies were heard.
  bool run(const Heard& heard, std::size_t count) {
    return loop_->run([&] { return heard.replies.size() >= count; });
  }

  redisAsyncContext* context_ = nullptr;
  std::optional<support::PollLoop> loop_;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_F(RedisAsync, each_command_is_a_subsegment_and_its_callback_has_its_reply_and_data) {
  begin_segment();
  Heard first;
  Heard second;
  const char* arguments[] = {"SET", "my-key", "my-value"};
  const std::string wire = "*2\r\n$3\r\nGET\r\n$6\r\nmy-key\r\n";
  EXPECT_EQ(redisAsyncCommand(context_, hear, &first, "GET %s", "my-key"), REDIS_OK);
  EXPECT_EQ(redisAsyncCommandArgv(context_, hear, &second, 3, arguments, nullptr), REDIS_OK);
  EXPECT_EQ(redisAsyncFormattedCommand(context_, hear, &first, wire.data(), wire.size()), REDIS_OK);
  EXPECT_TRUE(loop_->run([&] { return first.replies.size() == 2 && second.replies.size() == 1; }));
  EXPECT_EQ(first.replies, (Texts{"value", "value"}));
  EXPECT_EQ(second.replies, Texts{"OK"});
  const auto document = this->document();
  ASSERT_EQ(at(document, "subsegments").Size(), 3U);
  std::string commands;
  for (const auto& call : at(document, "subsegments").GetArray()) {
    EXPECT_EQ(text_of(at(call, "name")), "redis@127.0.0.1");
    EXPECT_FALSE(call.HasMember("fault"));
    commands += text_of(at(told(call), "command"));
  }
  EXPECT_EQ(commands, "GETSETGET");
  EXPECT_EQ(capture().texts().at(0).find("my-"), std::string::npos);
}

TEST_F(RedisAsync, a_command_without_callback_lasts_until_its_reply_too) {
  begin_segment();
  Heard heard;
  EXPECT_EQ(redisAsyncCommand(context_, nullptr, nullptr, "FAIL %s", "ERR no"), REDIS_OK);
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "GET a"), REDIS_OK);
  EXPECT_TRUE(run(heard, 1));
  const auto document = this->document();
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
  EXPECT_EQ(support::exception_type(at(document, "subsegments")[0]), "Redis ERR");
}

TEST_F(RedisAsync, a_command_whose_connection_is_lost_is_a_fault_and_its_callback_hears_of_it) {
  begin_segment();
  Heard heard;
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "CLOSE"), REDIS_OK);
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "GET a"), REDIS_OK);
  EXPECT_TRUE(run(heard, 2));
  EXPECT_EQ(heard.replies, (Texts{"none", "none"}));
  EXPECT_FALSE(loop_->is_open());
  const auto document = this->document();
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
  for (const auto& call : at(document, "subsegments").GetArray()) {
    EXPECT_TRUE(at(call, "fault").GetBool());
    EXPECT_EQ(support::exception_type(call), "Redis connection");
  }
}

TEST_F(RedisAsync, a_command_pending_when_the_program_frees_its_connection_ends_there) {
  begin_segment();
  Heard heard;
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "SILENT"), REDIS_OK);
  loop_.reset();
  EXPECT_EQ(heard.replies, Texts{"none"});
  EXPECT_EQ(support::exception_message(only_subsegment(document())), "closed before the reply");
}

TEST_F(RedisAsync, a_command_that_hiredis_does_not_take_is_a_fault) {
  Heard heard;
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "SILENT"), REDIS_OK);
  redisAsyncDisconnect(context_);  // waits for the pending reply
  begin_segment();
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "GET a"), REDIS_ERR);
  EXPECT_TRUE(heard.replies.empty());
  EXPECT_EQ(support::exception_message(only_subsegment(document())), "the command was not taken");
  loop_.reset();
}

TEST_F(RedisAsync, a_subscription_hears_every_message_and_is_not_recorded) {
  begin_segment();
  Heard heard;
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "SUBSCRIBE c"), REDIS_OK);
  EXPECT_TRUE(run(heard, 3));
  loop_.reset();
  EXPECT_GE(heard.replies.size(), 3U);
  EXPECT_FALSE(document().HasMember("subsegments"));
}

TEST_F(RedisAsync, a_command_before_a_monitor_is_recorded_once_however_often_it_is_called_back) {
  begin_segment();
  Heard heard;
  Heard lines;
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "GET a"), REDIS_OK);
  EXPECT_TRUE(run(heard, 1));  // connected by now
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "SET a b"), REDIS_OK);
  redisAsyncHandleWrite(context_);
  pollfd watched{context_->c.fd, POLLIN, 0};
  ASSERT_EQ(::poll(&watched, 1, 10'000), 1);
  EXPECT_EQ(redisAsyncCommand(context_, hear, &lines, "MONITOR"), REDIS_OK);
  // The reply is fetched when hiredis is told to monitor: it puts the callback back into its queue.
  EXPECT_TRUE(run(heard, 3));
  loop_.reset();
  EXPECT_EQ(heard.replies.at(0), "value");
  EXPECT_EQ(heard.replies.at(1), "OK");
  EXPECT_EQ(heard.replies.back(), "none");
  const auto document = this->document();
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
  for (const auto& call : at(document, "subsegments").GetArray()) {
    EXPECT_FALSE(call.HasMember("fault"));
  }
}

TEST_F(RedisAsync, a_callback_may_free_the_connection) {
  begin_segment();
  const auto free_it = [](redisAsyncContext* context, void* /*reply*/, void* /*data*/) {
    redisAsyncFree(context);
  };
  EXPECT_EQ(redisAsyncCommand(context_, free_it, nullptr, "GET a"), REDIS_OK);
  loop_->run([&] { return !loop_->is_open(); });
  EXPECT_FALSE(loop_->is_open());
  EXPECT_EQ(text_of(at(told(only_subsegment(document())), "command")), "GET");
}

TEST_F(RedisAsync, a_callback_may_send_the_next_command) {
  begin_segment();
  static Heard heard;
  heard.replies.clear();
  const auto go_on = [](redisAsyncContext* context, void* /*reply*/, void* /*data*/) {
    redisAsyncCommand(context, hear, &heard, "GET b");
  };
  EXPECT_EQ(redisAsyncCommand(context_, go_on, nullptr, "SET a b"), REDIS_OK);
  EXPECT_TRUE(run(heard, 1));
  const auto document = this->document();
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
}

TEST_F(RedisAsync, a_reply_that_comes_when_unpatched_ends_its_command) {
  begin_segment();
  Heard heard;
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "GET a"), REDIS_OK);
  xray::unpatch_all();
  EXPECT_TRUE(run(heard, 1));
  EXPECT_EQ(heard.replies, Texts{"value"});
  EXPECT_EQ(text_of(at(told(only_subsegment(document())), "command")), "GET");
}

TEST_F(RedisAsync, what_is_not_sampled_is_not_recorded) {
  begin_segment("Sampled=0");
  Heard heard;
  EXPECT_EQ(redisAsyncCommand(context_, hear, &heard, "GET a"), REDIS_OK);
  EXPECT_TRUE(run(heard, 1));
  EXPECT_EQ(heard.replies, Texts{"value"});
}
