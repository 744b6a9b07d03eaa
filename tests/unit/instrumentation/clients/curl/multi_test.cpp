// Calls by the multi interface.
#include <memory>
#include <vector>

#include "scene.hpp"

using namespace curl_test;

namespace {

class Multi {
 public:
  Multi() : multi_(curl_multi_init()) {}
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;
  ~Multi() { close(); }

  void add(Handle& handle) { EXPECT_EQ(curl_multi_add_handle(multi_, handle.get()), CURLM_OK); }
  void remove(Handle& handle) {
    EXPECT_EQ(curl_multi_remove_handle(multi_, handle.get()), CURLM_OK);
  }
  void run() {
    int running = 1;
    while (running != 0) {
      EXPECT_EQ(curl_multi_perform(multi_, &running), CURLM_OK);
      if (running == 0) break;
      EXPECT_EQ(curl_multi_poll(multi_, nullptr, 0, 1000, nullptr), CURLM_OK);
    }
  }
  [[nodiscard]] CURLM* get() const { return multi_; }
  /// How many are done.
  int read() {
    int done = 0;
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
      EXPECT_EQ(message->msg, CURLMSG_DONE);
      ++done;
    }
    return done;
  }
  void close() {
    if (multi_ == nullptr) return;
    EXPECT_EQ(curl_multi_cleanup(std::exchange(multi_, nullptr)), CURLM_OK);
  }

 private:
  CURLM* multi_;
};

}  // namespace

TEST(CurlMulti, each_handle_is_a_call_with_its_own_header) {
  const Patched patched;
  const auto callee = server();
  const HeaderLines lines{"X-One: 1"};
  const Json document = recorded([&] {
    Multi multi;
    std::vector<std::unique_ptr<Handle>> handles;
    for (const char* const path : {"/a", "/b", "/c"}) {
      handles.push_back(std::make_unique<Handle>(callee->url(path)));
      handles.back()->set(CURLOPT_HTTPHEADER, lines.get());
      multi.add(*handles.back());
    }
    multi.run();
    EXPECT_EQ(multi.read(), 3);
    for (const auto& handle : handles) multi.remove(*handle);
  });
  const JsonValue& calls = at(document, "subsegments");
  ASSERT_EQ(calls.Size(), 3U);
  for (const std::string& request : callee->requests()) {
    const std::string header = only_header(request, trace_id_header);
    EXPECT_EQ(only_header(request, "X-One"), "1");
    const std::string path = request.substr(4, 2);
    for (const JsonValue& call : calls.GetArray()) {
      if (text_of(at(at(at(call, "http"), "request"), "url")) != callee->url(path)) continue;
      EXPECT_NE(header.find("Parent=" + text_of(at(call, "id"))), std::string::npos);
      EXPECT_EQ(at(at(at(call, "http"), "response"), "status").GetInt(), 200);
      EXPECT_FALSE(call.HasMember("fault"));
    }
  }
}

TEST(CurlMulti, a_handle_added_again_is_another_call) {
  const Patched patched;
  const auto callee = server();
  const Json document = recorded([&] {
    Multi multi;
    Handle handle(callee->url());
    for (int i = 0; i < 2; ++i) {
      multi.add(handle);
      multi.run();
      EXPECT_EQ(multi.read(), 1);
      multi.remove(handle);
    }
  });
  ASSERT_EQ(at(document, "subsegments").Size(), 2U);
  EXPECT_NE(only_header(callee->requests().at(0), trace_id_header),
            only_header(callee->requests().at(1), trace_id_header));
}

TEST(CurlMulti, a_failure_is_that_handles) {
  const Patched patched;
  const auto callee = server();
  const Json document = recorded([&] {
    Multi multi;
    Handle good(callee->url());
    Handle bad("http://127.0.0.1:1/");
    multi.add(good);
    multi.add(bad);
    multi.run();
    EXPECT_EQ(multi.read(), 2);
    multi.remove(good);
    multi.remove(bad);
  });
  const JsonValue& calls = at(document, "subsegments");
  ASSERT_EQ(calls.Size(), 2U);
  EXPECT_FALSE(calls[0].HasMember("fault"));
  EXPECT_EQ(text_of(at(at(at(calls[1], "cause"), "exceptions")[0], "type")),
            "CURLE_COULDNT_CONNECT");
}

TEST(CurlMulti, a_call_whose_message_nobody_reads_ends_when_it_is_removed) {
  const Patched patched;
  const auto callee = server();
  const Json document = recorded([&] {
    Multi multi;
    Handle handle(callee->url());
    multi.add(handle);
    multi.run();
    multi.remove(handle);
  });
  const JsonValue& call = only_subsegment(document);
  EXPECT_EQ(at(at(at(call, "http"), "response"), "status").GetInt(), 200);
  EXPECT_FALSE(call.HasMember("fault"));
  EXPECT_FALSE(call.HasMember("in_progress"));
}

TEST(CurlMulti, a_call_that_is_given_up_is_a_fault_that_says_so) {
  const Patched patched;
  const auto silent = server("");
  const auto give_up = [&](auto&& how) {
    const Json document = recorded([&] {
      Multi multi;
      Handle handle(silent->url());
      multi.add(handle);
      int running = 0;
      curl_multi_perform(multi.get(), &running);
      how(multi, handle);
    });
    const JsonValue& call = only_subsegment(document);
    EXPECT_TRUE(at(call, "fault").GetBool());
    EXPECT_EQ(text_of(at(at(at(call, "cause"), "exceptions")[0], "message")),
              "removed before it was done");
  };
  give_up([](Multi& multi, Handle& handle) { multi.remove(handle); });
  give_up([](Multi&, Handle& handle) { handle.close(); });
  give_up([](Multi& multi, Handle& handle) {
    multi.close();
    handle.close();
  });
}

TEST(CurlMulti, a_removal_that_is_refused_is_none) {
  const Patched patched;
  const auto callee = server();
  struct Removal {
    CURLM* multi;
    CURL* handle;
    CURLMcode code;
  } removal{};
  const Json document = recorded([&] {
    Multi multi;
    Handle handle(callee->url());
    removal = {multi.get(), handle.get(), CURLM_OK};
    handle.set(CURLOPT_HEADERDATA, &removal);
    handle.set(
        CURLOPT_HEADERFUNCTION, +[](char*, std::size_t size, std::size_t count, void* data) {
          auto& wanted = *static_cast<Removal*>(data);
          wanted.code = curl_multi_remove_handle(wanted.multi, wanted.handle);
          return size * count;
        });
    multi.add(handle);
    multi.run();
    EXPECT_EQ(multi.read(), 1);
    multi.remove(handle);
  });
  EXPECT_EQ(removal.code, CURLM_RECURSIVE_API_CALL);
  const JsonValue& call = only_subsegment(document);
  EXPECT_FALSE(call.HasMember("fault"));
  EXPECT_EQ(at(at(at(call, "http"), "response"), "content_length").GetInt(), 5);
}

TEST(CurlMulti, a_handle_that_is_refused_is_no_call) {
  const Patched patched;
  const auto callee = server();
  const Json document = recorded([&] {
    Multi multi;
    Handle handle(callee->url());
    multi.add(handle);
    EXPECT_EQ(curl_multi_add_handle(multi.get(), handle.get()), CURLM_ADDED_ALREADY);
    multi.run();
    EXPECT_EQ(multi.read(), 1);
    multi.remove(handle);
  });
  only_subsegment(document);
}

TEST(CurlMulti, a_list_set_while_added_is_the_one_that_is_sent_and_stays) {
  const Patched patched;
  const auto callee = server();
  const HeaderLines other{"X-Two: 2"};
  Handle handle(callee->url());
  {
    const HeaderLines lines{"X-One: 1"};
    recorded([&] {
      Multi multi;
      handle.set(CURLOPT_HTTPHEADER, lines.get());
      multi.add(handle);
      handle.set(CURLOPT_HTTPHEADER, other.get());
      multi.run();
      EXPECT_EQ(multi.read(), 1);
      multi.remove(handle);
    });
  }
  EXPECT_EQ(handle.perform(), CURLE_OK);
  for (const std::string& request : callee->requests()) {
    EXPECT_EQ(header_values(request, "X-Two").size(), 1U);
    EXPECT_TRUE(header_values(request, "X-One").empty());
  }
  EXPECT_EQ(header_values(callee->requests().at(0), trace_id_header).size(), 1U);
  EXPECT_TRUE(header_values(callee->requests().at(1), trace_id_header).empty());
}

TEST(CurlMulti, a_handle_from_before_is_recorded) {
  const auto callee = server();
  Handle handle(callee->url("/before"));
  const Patched patched;
  const Json document = recorded([&] {
    Multi multi;
    multi.add(handle);
    multi.run();
    EXPECT_EQ(multi.read(), 1);
    multi.remove(handle);
  });
  const JsonValue& request = at(at(only_subsegment(document), "http"), "request");
  EXPECT_EQ(text_of(at(request, "url")), callee->url("/before"));
  EXPECT_TRUE(header_values(callee->requests().at(0), trace_id_header).empty());
}

TEST(CurlMulti, in_an_unsampled_segment_the_header_says_so_and_is_taken_back) {
  const Patched patched;
  const auto callee = server();
  Handle handle(callee->url());
  {
    const xray::Segment segment("program", xray::TraceHeader::parse("Sampled=0"));
    Multi multi;
    multi.add(handle);
    multi.run();
    multi.remove(handle);
  }
  EXPECT_NE(only_header(callee->requests().at(0), trace_id_header).find("Sampled=0"),
            std::string::npos);
  EXPECT_EQ(handle.perform(), CURLE_OK);
  EXPECT_TRUE(header_values(callee->requests().at(1), trace_id_header).empty());
}

TEST(CurlMulti, a_program_that_unpatches_meanwhile_still_gets_its_answer) {
  const auto callee = server();
  xray::patch({"curl"});
  support::Capture capture;
  {
    const xray::Segment segment("program", xray::TraceHeader::parse("Sampled=1"));
    Multi multi;
    auto handle = std::make_unique<Handle>(callee->url());
    multi.add(*handle);
    xray::unpatch_all();
    multi.run();
    EXPECT_EQ(multi.read(), 1);
    multi.remove(*handle);
    EXPECT_EQ(handle->body, "hello");
  }
}
