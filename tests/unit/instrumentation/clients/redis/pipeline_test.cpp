// Commands that are appended, and whose replies are fetched later.
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>
#include <poll.h>

#include <string>

#include "support/traced_redis.hpp"

using support::at;
using support::only_subsegment;
using support::reply_of;
using support::text_of;
using support::told;

namespace {

class Pipeline : public support::TracedRedis {
 protected:
  static void fetch(redisContext* context, int count) {
    for (int i = 0; i < count; ++i) {
      void* reply = nullptr;
      ASSERT_EQ(redisGetReply(context, &reply), REDIS_OK);
      ASSERT_TRUE(reply_of(reply));
    }
  }
};

}  // namespace

TEST_F(Pipeline, is_one_subsegment_with_its_commands_counted) {
  const auto context = connected();
  begin_segment();
  const char* arguments[] = {"GET", "my-key"};
  const std::string wire = "*2\r\n$3\r\nDEL\r\n$6\r\nmy-key\r\n";
  EXPECT_EQ(redisAppendCommand(context.get(), "SET %s %s", "my-key", "my-value"), REDIS_OK);
  EXPECT_EQ(redisAppendCommand(context.get(), "SET my-key my-value"), REDIS_OK);
  EXPECT_EQ(redisAppendCommandArgv(context.get(), 2, arguments, nullptr), REDIS_OK);
  EXPECT_EQ(redisAppendFormattedCommand(context.get(), wire.data(), wire.size()), REDIS_OK);
  fetch(context.get(), 4);
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "redis@127.0.0.1");
  EXPECT_EQ(text_of(at(at(call, "annotations"), "redis_command")), "PIPELINE");
  EXPECT_EQ(at(told(call), "commands").GetInt(), 4);
  EXPECT_EQ(at(at(told(call), "by_name"), "SET").GetInt(), 2);
  EXPECT_EQ(at(at(told(call), "by_name"), "GET").GetInt(), 1);
  EXPECT_EQ(at(at(told(call), "by_name"), "DEL").GetInt(), 1);
  EXPECT_FALSE(told(call).HasMember("unanswered"));
  EXPECT_EQ(capture().texts().at(0).find("my-"), std::string::npos);
}

TEST_F(Pipeline, of_one_command_is_that_command) {
  const auto context = connected();
  begin_segment();
  EXPECT_EQ(redisAppendCommand(context.get(), "GET k"), REDIS_OK);
  fetch(context.get(), 1);
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(told(call), "command")), "GET");
  EXPECT_FALSE(told(call).HasMember("commands"));
}

TEST_F(Pipeline, of_many_different_commands_counts_the_rest_together) {
  const auto context = connected();
  begin_segment();
  for (char c = 'A'; c <= 'J'; ++c) {
    const std::string name = std::string("COMMAND") + c;
    EXPECT_EQ(redisAppendCommand(context.get(), "%s", name.c_str()), REDIS_OK);
  }
  fetch(context.get(), 10);
  const auto document = this->document();
  const auto& names = at(told(only_subsegment(document)), "by_name");
  EXPECT_EQ(names.MemberCount(), 9U);
  EXPECT_EQ(at(names, "other").GetInt(), 2);
}

TEST_F(Pipeline, is_over_with_its_last_reply_and_another_begins) {
  const auto context = connected();
  begin_segment();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(redisAppendCommand(context.get(), "SET a b"), REDIS_OK);
    EXPECT_EQ(redisAppendCommand(context.get(), "GET a"), REDIS_OK);
    fetch(context.get(), 2);
  }
  EXPECT_EQ(at(document(), "subsegments").Size(), 2U);
}

TEST_F(Pipeline, is_over_with_its_last_reply_where_the_program_reads_and_writes_itself) {
  const auto context = connected();
  begin_segment();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(redisAppendCommand(context.get(), "SET a b"), REDIS_OK);
    EXPECT_EQ(redisAppendCommand(context.get(), "GET a"), REDIS_OK);
    for (int done = 0; done == 0;) ASSERT_EQ(redisBufferWrite(context.get(), &done), REDIS_OK);
    for (int replies = 0; replies < 2;) {
      void* reply = nullptr;
      ASSERT_EQ(redisGetReplyFromReader(context.get(), &reply), REDIS_OK);
      if (reply_of(reply)) {
        ++replies;
      } else {
        ASSERT_EQ(redisBufferRead(context.get()), REDIS_OK);
      }
    }
  }
  const auto document = this->document();
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
  EXPECT_FALSE(told(at(document, "subsegments")[0]).HasMember("unanswered"));
}

TEST_F(Pipeline, with_a_refused_command_is_an_error_with_the_first_refusals_type) {
  const auto context = connected();
  begin_segment();
  EXPECT_EQ(redisAppendCommand(context.get(), "GET a"), REDIS_OK);
  EXPECT_EQ(redisAppendCommand(context.get(), "FAIL %s", "NOPERM my-key"), REDIS_OK);
  EXPECT_EQ(redisAppendCommand(context.get(), "FAIL %s", "WRONGTYPE x"), REDIS_OK);
  fetch(context.get(), 3);
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_TRUE(at(call, "error").GetBool());
  EXPECT_EQ(support::exception_type(call), "Redis NOPERM");
  EXPECT_EQ(at(told(call), "refused").GetInt(), 2);
}

TEST_F(Pipeline, whose_connection_is_lost_is_a_fault_that_tells_how_many_were_not_answered) {
  const auto context = connected();
  begin_segment();
  EXPECT_EQ(redisAppendCommand(context.get(), "GET a"), REDIS_OK);
  EXPECT_EQ(redisAppendCommand(context.get(), "CLOSE"), REDIS_OK);
  EXPECT_EQ(redisAppendCommand(context.get(), "GET b"), REDIS_OK);
  fetch(context.get(), 1);
  void* reply = nullptr;
  EXPECT_EQ(redisGetReply(context.get(), &reply), REDIS_ERR);
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_TRUE(at(call, "fault").GetBool());
  EXPECT_EQ(support::exception_type(call), "Redis connection");
  EXPECT_EQ(at(told(call), "unanswered").GetInt(), 2);
}

TEST_F(Pipeline, that_is_given_up_ends_with_its_connection) {
  auto context = connected();
  begin_segment();
  EXPECT_EQ(redisAppendCommand(context.get(), "GET a"), REDIS_OK);
  EXPECT_EQ(redisAppendCommand(context.get(), "GET b"), REDIS_OK);
  context.reset();
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(at(told(call), "unanswered").GetInt(), 2);
  EXPECT_FALSE(call.HasMember("fault"));
}

TEST_F(Pipeline, ends_where_its_connection_is_made_anew) {
  const auto context = connected();
  begin_segment();
  EXPECT_EQ(redisAppendCommand(context.get(), "GET a"), REDIS_OK);
  EXPECT_EQ(redisReconnect(context.get()), REDIS_OK);
  EXPECT_TRUE(reply_of(redisCommand(context.get(), "PING")));
  const auto document = this->document();
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
  EXPECT_EQ(text_of(at(told(at(document, "subsegments")[0]), "command")), "GET");
}

TEST_F(Pipeline, belongs_to_the_segment_that_it_began_in) {
  const auto context = connected();
  begin_segment();
  EXPECT_EQ(redisAppendCommand(context.get(), "GET a"), REDIS_OK);
  begin_segment("Sampled=0");
  EXPECT_EQ(redisAppendCommand(context.get(), "GET b"), REDIS_OK);
  fetch(context.get(), 2);
  const auto documents = capture().documents();
  const support::JsonValue* found = nullptr;
  for (const auto& document : documents) {
    if (text_of(at(document, "name")) == "redis@127.0.0.1") found = &document;
    if (found == nullptr) found = support::find_subsegment(document, "redis@127.0.0.1");
  }
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(at(told(*found), "commands").GetInt(), 2);
}

TEST_F(Pipeline, that_began_untraced_is_not_recorded) {
  const auto context = connected();
  EXPECT_EQ(redisAppendCommand(context.get(), "GET a"), REDIS_OK);
  begin_segment();
  fetch(context.get(), 1);
  EXPECT_FALSE(document().HasMember("subsegments"));
}

TEST_F(Pipeline, goes_on_when_unpatched_and_ends_when_patched_again) {
  auto context = connected();
  begin_segment();
  EXPECT_EQ(redisAppendCommand(context.get(), "GET a"), REDIS_OK);
  xray::unpatch_all();
  fetch(context.get(), 1);
  xray::patch({"redis"});
  context.reset();
  EXPECT_EQ(text_of(at(told(only_subsegment(document())), "command")), "GET");
}

TEST_F(Pipeline, of_a_connection_that_does_not_block_lasts_until_the_replies_are_there) {
  const support::Context context(redisConnectNonBlock("127.0.0.1", server_.port()));
  ASSERT_TRUE(context);
  begin_segment();
  EXPECT_EQ(redisCommand(context.get(), "GET a"), nullptr);
  EXPECT_EQ(redisCommand(context.get(), "FAIL %s", "ERR no"), nullptr);
  int answered = 0;
  while (answered < 2) {
    int done = 0;
    pollfd watched{context->fd, POLLIN | POLLOUT, 0};
    ASSERT_EQ(::poll(&watched, 1, 10'000), 1);
    if ((watched.revents & POLLOUT) != 0) {
      ASSERT_EQ(redisBufferWrite(context.get(), &done), REDIS_OK);
    }
    if ((watched.revents & POLLIN) != 0) {
      ASSERT_EQ(redisBufferRead(context.get()), REDIS_OK);
    }
    void* reply = nullptr;
    while (redisGetReply(context.get(), &reply) == REDIS_OK && reply != nullptr) {
      freeReplyObject(reply);
      ++answered;
    }
  }
  const auto document = this->document();
  const auto& call = only_subsegment(document);
  EXPECT_EQ(at(told(call), "commands").GetInt(), 2);
  EXPECT_EQ(at(told(call), "refused").GetInt(), 1);
  EXPECT_FALSE(told(call).HasMember("unanswered"));
}
