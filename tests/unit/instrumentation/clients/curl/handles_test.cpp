// Handles in every state: the program's header list is never touched, and always given back.
#include "scene.hpp"

using namespace curl_test;

namespace {

std::vector<std::string> sent(const HttpStandIn& callee, const std::string& name) {
  return header_values(callee.requests().back(), name);
}

}  // namespace

TEST(CurlHandles, the_programs_list_is_sent_after_ours_and_stays_as_it_is) {
  const Patched patched;
  const auto callee = server();
  const HeaderLines lines{"X-One: 1", "X-Two: 2"};
  recorded([&] {
    Handle handle(callee->url());
    handle.set(CURLOPT_HTTPHEADER, lines.get());
    EXPECT_EQ(handle.perform(), CURLE_OK);
  });
  EXPECT_EQ(sent(*callee, "X-One"), std::vector<std::string>{"1"});
  EXPECT_EQ(sent(*callee, "X-Two"), std::vector<std::string>{"2"});
  EXPECT_EQ(sent(*callee, trace_id_header).size(), 1U);
  EXPECT_EQ(lines.size(), 2U);
}

TEST(CurlHandles, one_used_again_sends_each_calls_own_header_once) {
  const Patched patched;
  const auto callee = server();
  const HeaderLines lines{"X-One: 1"};
  const Json document = recorded([&] {
    Handle handle(callee->url());
    handle.set(CURLOPT_HTTPHEADER, lines.get());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(handle.perform(), CURLE_OK);
  });
  const auto requests = callee->requests();
  for (rapidjson::SizeType i = 0; i < 3; ++i) {
    const std::string id = text_of(at(at(document, "subsegments")[i], "id"));
    EXPECT_NE(only_header(requests.at(i), trace_id_header).find(id), std::string::npos);
    EXPECT_EQ(only_header(requests.at(i), "X-One"), "1");
  }
}

TEST(CurlHandles, after_the_segment_the_programs_headers_are_alone_again) {
  const Patched patched;
  const auto callee = server();
  const HeaderLines lines{"X-One: 1"};
  Handle handle(callee->url());
  handle.set(CURLOPT_HTTPHEADER, lines.get());
  recorded([&] { handle.perform(); });
  EXPECT_EQ(handle.perform(), CURLE_OK);
  EXPECT_TRUE(sent(*callee, trace_id_header).empty());
  EXPECT_EQ(sent(*callee, "X-One").size(), 1U);
}

TEST(CurlHandles, a_program_that_writes_its_own_trace_header_keeps_it) {
  const Patched patched;
  const auto callee = server();
  for (const char* const own : {"x-amzn-trace-id: Root=mine", "traceparent: mine"}) {
    const HeaderLines lines{"X-One: 1", own};
    const Json document = recorded([&] {
      Handle handle(callee->url());
      handle.set(CURLOPT_HTTPHEADER, lines.get());
      EXPECT_EQ(handle.perform(), CURLE_OK);
    });
    only_subsegment(document);
    EXPECT_TRUE(sent(*callee, trace_id_header).empty());
    EXPECT_NE(callee->requests().back().find(own), std::string::npos);
  }
  // This is how libcurl is told to send none.
  const HeaderLines none{"X-Amzn-Trace-Id:"};
  recorded([&] {
    Handle handle(callee->url());
    handle.set(CURLOPT_HTTPHEADER, none.get());
    handle.perform();
  });
  EXPECT_EQ(callee->requests().back().find("X-Amzn"), std::string::npos);
}

TEST(CurlHandles, reset_forgets_the_programs_headers_and_ours_still_go) {
  const Patched patched;
  const auto callee = server();
  const HeaderLines lines{"X-One: 1"};
  const Json document = recorded([&] {
    Handle handle(callee->url());
    handle.set(CURLOPT_HTTPHEADER, lines.get()).set(CURLOPT_CUSTOMREQUEST, "DELETE");
    curl_easy_reset(handle.get());
    handle.set(CURLOPT_URL, callee->url("/after").c_str()).set(CURLOPT_NOBODY, 1L);
    EXPECT_EQ(handle.perform(), CURLE_OK);
  });
  EXPECT_EQ(text_of(at(at(at(only_subsegment(document), "http"), "request"), "method")), "HEAD");
  EXPECT_TRUE(sent(*callee, "X-One").empty());
  EXPECT_EQ(sent(*callee, trace_id_header).size(), 1U);
}

TEST(CurlHandles, a_copy_knows_what_the_first_one_knew) {
  const Patched patched;
  const auto callee = server();
  const HeaderLines lines{"X-One: 1"};
  const Json document = recorded([&] {
    Handle handle(callee->url("/copied"));
    handle.set(CURLOPT_HTTPHEADER, lines.get()).set(CURLOPT_POSTFIELDS, "");
    Handle copy(curl_easy_duphandle(handle.get()));
    handle.close();
    std::string body;
    copy.set(CURLOPT_WRITEDATA, &body);
    EXPECT_EQ(copy.perform(), CURLE_OK);
  });
  const JsonValue& request = at(at(only_subsegment(document), "http"), "request");
  EXPECT_EQ(text_of(at(request, "method")), "POST");
  EXPECT_EQ(text_of(at(request, "url")), callee->url("/copied"));
  EXPECT_EQ(sent(*callee, "X-One").size(), 1U);
  EXPECT_EQ(sent(*callee, trace_id_header).size(), 1U);
}

namespace {

struct CopyInside {
  CURL* handle = nullptr;
  CURL* copy = nullptr;
  curl_slist* other = nullptr;
};

}  // namespace

TEST(CurlHandles, a_copy_made_during_a_call_has_none_of_ours) {
  const Patched patched;
  const auto callee = server();
  const HeaderLines lines{"X-One: 1"};
  CopyInside inside;
  recorded([&] {
    Handle handle(callee->url());
    inside.handle = handle.get();
    handle.set(CURLOPT_HTTPHEADER, lines.get()).set(CURLOPT_WRITEDATA, &inside);
    handle.set(
        CURLOPT_WRITEFUNCTION,
        +[](char*, std::size_t size, std::size_t count, void* user) -> std::size_t {
          auto& known = *static_cast<CopyInside*>(user);
          known.copy = curl_easy_duphandle(known.handle);
          return size * count;
        });
    EXPECT_EQ(handle.perform(), CURLE_OK);
  });
  ASSERT_NE(inside.copy, nullptr);
  std::string body;
  Handle copy(inside.copy);
  copy.set(CURLOPT_WRITEFUNCTION, &write_to_string).set(CURLOPT_WRITEDATA, &body);
  EXPECT_EQ(copy.perform(), CURLE_OK);  // the first one is closed, and its headers gone
  EXPECT_TRUE(sent(*callee, trace_id_header).empty());
  EXPECT_EQ(sent(*callee, "X-One").size(), 1U);
}

TEST(CurlHandles, a_list_set_during_a_call_is_the_one_that_stays) {
  const Patched patched;
  const auto last = server();
  const auto first = server("HTTP/1.1 302 Found\r\nLocation: " + last->url() +
                            "\r\nContent-Length: 4\r\n\r\nover");
  const HeaderLines before{"X-One: 1"};
  const HeaderLines after{"X-Two: 2"};
  Handle handle(first->url());
  CopyInside inside{handle.get(), nullptr, after.get()};
  recorded([&] {
    handle.set(CURLOPT_HTTPHEADER, before.get()).set(CURLOPT_FOLLOWLOCATION, 1L);
    handle.set(CURLOPT_HEADERDATA, &inside);
    handle.set(
        CURLOPT_HEADERFUNCTION,
        +[](char*, std::size_t size, std::size_t count, void* user) -> std::size_t {
          auto& known = *static_cast<CopyInside*>(user);
          curl_easy_setopt(known.handle, CURLOPT_HTTPHEADER, known.other);
          return size * count;
        });
    EXPECT_EQ(handle.perform(), CURLE_OK);
  });
  EXPECT_EQ(sent(*first, "X-One").size(), 1U);
  EXPECT_EQ(sent(*last, "X-Two").size(), 1U);
  EXPECT_TRUE(sent(*last, "X-One").empty());
  EXPECT_EQ(sent(*last, trace_id_header).size(), 1U);
  handle.set(CURLOPT_URL, last->url().c_str());
  EXPECT_EQ(handle.perform(), CURLE_OK);
  EXPECT_EQ(sent(*last, "X-Two").size(), 1U);
  EXPECT_TRUE(sent(*last, trace_id_header).empty());
}

TEST(CurlHandles, one_from_before_is_recorded_and_its_headers_left_alone) {
  const auto callee = server();
  const HeaderLines lines{"X-One: 1"};
  Handle handle(callee->url("/before"));
  handle.set(CURLOPT_HTTPHEADER, lines.get()).set(CURLOPT_CUSTOMREQUEST, "PATCH");
  const Patched patched;
  const Json document = recorded([&] { EXPECT_EQ(handle.perform(), CURLE_OK); });
  const JsonValue& request = at(at(only_subsegment(document), "http"), "request");
  EXPECT_EQ(text_of(at(request, "method")), "PATCH");
  EXPECT_EQ(text_of(at(request, "url")), callee->url("/before"));
  EXPECT_EQ(sent(*callee, "X-One").size(), 1U);
  EXPECT_TRUE(sent(*callee, trace_id_header).empty());
}

TEST(CurlHandles, one_from_before_is_known_once_its_list_is_set_or_it_is_reset) {
  const auto callee = server();
  const HeaderLines lines{"X-One: 1"};
  Handle listed(callee->url());
  Handle emptied(callee->url());
  const Patched patched;
  recorded([&] { listed.set(CURLOPT_HTTPHEADER, lines.get()).perform(); });
  EXPECT_EQ(sent(*callee, trace_id_header).size(), 1U);
  EXPECT_EQ(sent(*callee, "X-One").size(), 1U);
  curl_easy_reset(emptied.get());
  recorded(
      [&] { emptied.set(CURLOPT_URL, callee->url().c_str()).set(CURLOPT_NOBODY, 1L).perform(); });
  EXPECT_EQ(sent(*callee, trace_id_header).size(), 1U);
}

TEST(CurlHandles, what_was_set_unseen_is_not_replaced_by_what_was_seen) {
  const auto callee = server();
  Handle handle("http://127.0.0.1:1/");
  auto seen = std::make_unique<HeaderLines>(std::initializer_list<const char*>{"X-Seen: 1"});
  {
    const Patched patched;
    handle.close();
    Handle made(callee->url());
    made.set(CURLOPT_HTTPHEADER, seen->get());
    xray::unpatch_all();
    const HeaderLines unseen{"X-Unseen: 1"};
    made.set(CURLOPT_HTTPHEADER, unseen.get());
    seen.reset();
    xray::patch({"curl"});
    recorded([&] { EXPECT_EQ(made.perform(), CURLE_OK); });
    EXPECT_EQ(sent(*callee, "X-Unseen").size(), 1U);
    EXPECT_EQ(made.perform(), CURLE_OK);
    EXPECT_EQ(sent(*callee, "X-Unseen").size(), 1U);
  }
}

TEST(CurlHandles, unpatching_during_a_call_leaves_the_program_its_list) {
  const auto callee = server();
  const HeaderLines other{"X-Two: 2"};
  xray::patch({"curl"});
  const HeaderLines lines{"X-One: 1"};
  Handle handle(callee->url());
  CopyInside inside{handle.get(), nullptr, other.get()};
  const Json document = recorded([&] {
    handle.set(CURLOPT_HTTPHEADER, lines.get()).set(CURLOPT_WRITEDATA, &inside);
    handle.set(
        CURLOPT_WRITEFUNCTION,
        +[](char*, std::size_t size, std::size_t count, void* user) -> std::size_t {
          auto& known = *static_cast<CopyInside*>(user);
          xray::unpatch_all();
          curl_easy_setopt(known.handle, CURLOPT_HTTPHEADER, known.other);
          return size * count;
        });
    EXPECT_EQ(handle.perform(), CURLE_OK);
  });
  only_subsegment(document);
  EXPECT_EQ(handle.perform(), CURLE_OK);
  EXPECT_EQ(sent(*callee, "X-Two").size(), 1U);
  EXPECT_TRUE(sent(*callee, "X-One").empty());
  EXPECT_TRUE(sent(*callee, trace_id_header).empty());
}

TEST(CurlHandles, after_unpatching_during_a_call_no_header_of_ours_is_sent) {
  const auto callee = server();
  xray::patch({"curl"});
  Handle handle(callee->url());
  recorded([&] {
    handle.set(
        CURLOPT_WRITEFUNCTION,
        +[](char*, std::size_t size, std::size_t count, void*) -> std::size_t {
          xray::unpatch_all();
          return size * count;
        });
    EXPECT_EQ(handle.perform(), CURLE_OK);
  });
  EXPECT_EQ(handle.perform(), CURLE_OK);
  EXPECT_EQ(callee->requests().back().find("X-Amzn"), std::string::npos);
}
