// hiredis, patched, with the documents that come of it.
#pragma once

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <memory>
#include <optional>
#include <string>

#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include "support/documents.hpp"
#include "support/redis_stand_in.hpp"

namespace support {

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
  void operator()(void* reply) const { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;
using Reply = std::unique_ptr<redisReply, FreeReply>;

inline Reply reply_of(void* reply) {
  return Reply(static_cast<redisReply*>(reply));
}

class TracedRedis : public testing::Test {
 protected:
  void SetUp() override {
    const auto report = xray::patch({"redis"});
    ASSERT_TRUE(report.hooked("redis")) << report.to_string();
  }
  void TearDown() override { xray::unpatch_all(); }

  void begin_segment(const char* header = "Sampled=1") {
    segment_.emplace("s", xray::TraceHeader::parse(header));
  }

  /// Ends the segment and gives its document.
  Json document() {
    segment_.reset();
    return capture_.document();
  }

  Capture& capture() { return capture_; }

  [[nodiscard]] Context connected() const {
    Context context(redisConnect("127.0.0.1", server_.port()));
    EXPECT_TRUE(context && context->err == 0);
    return context;
  }

  RedisStandIn server_;

 private:
  Capture capture_;
  std::optional<xray::Segment> segment_;
};

/// What is said of a command under the metadata's namespace.
inline const JsonValue& told(const JsonValue& subsegment) {
  return at(at(subsegment, "metadata"), "redis");
}

inline std::string exception_type(const JsonValue& subsegment) {
  return text_of(at(at(at(subsegment, "cause"), "exceptions")[0], "type"));
}

/// The only exception's message, "" where it has none.
inline std::string exception_message(const JsonValue& subsegment) {
  const JsonValue& exception = at(at(subsegment, "cause"), "exceptions")[0];
  return exception.HasMember("message") ? text_of(exception["message"]) : std::string();
}

}  // namespace support
