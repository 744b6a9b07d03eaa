// Calls by the easy interface: what is recorded and what is sent.
#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>
#include <stdexcept>
#include <thread>

#include "clients/settings.hpp"
#include "scene.hpp"
#include "support/process.hpp"

using namespace curl_test;

TEST(CurlEasy, a_call_is_a_remote_subsegment_and_carries_its_id) {
  const Patched patched;
  const auto callee = server();
  std::string body;
  const Json document = recorded([&] {
    Handle handle("http://ann:secret@" + callee->address() + "/path?token=secret");
    EXPECT_EQ(handle.perform(), CURLE_OK);
    body = handle.body;
  });
  EXPECT_EQ(body, "hello");
  const JsonValue& call = only_subsegment(document);
  EXPECT_EQ(text_of(at(call, "name")), "127.0.0.1");
  EXPECT_EQ(text_of(at(call, "namespace")), "remote");
  const JsonValue& request = at(at(call, "http"), "request");
  EXPECT_EQ(text_of(at(request, "method")), "GET");
  EXPECT_EQ(text_of(at(request, "url")), callee->url("/path"));
  const JsonValue& response = at(at(call, "http"), "response");
  EXPECT_EQ(at(response, "status").GetInt(), 200);
  EXPECT_EQ(at(response, "content_length").GetInt(), 5);
  EXPECT_FALSE(call.HasMember("fault"));
  EXPECT_EQ(only_header(callee->requests().at(0), trace_id_header),
            "Root=" + text_of(at(document, "trace_id")) + ";Parent=" + text_of(at(call, "id")) +
                ";Sampled=1");
}

TEST(CurlEasy, timings_are_metadata) {
  const Patched patched;
  const auto callee = server();
  const Json document = recorded([&] { Handle(callee->url()).perform(); });
  const JsonValue& http = at(at(only_subsegment(document), "metadata"), "http");
  const double connected = at(http, "connect_ms").GetDouble();
  const double first_byte = at(http, "first_byte_ms").GetDouble();
  EXPECT_GT(connected, 0);
  EXPECT_LT(connected, first_byte);
  EXPECT_LE(first_byte, at(http, "total_ms").GetDouble());
  EXPECT_EQ(text_of(at(http, "remote_ip")), "127.0.0.1");
  EXPECT_FALSE(http.HasMember("tls_ms"));
  EXPECT_FALSE(http.HasMember("redirects"));
}

TEST(CurlEasy, without_a_segment_nothing_is_sent_or_recorded) {
  const Patched patched;
  const auto callee = server();
  support::Capture capture;
  EXPECT_EQ(Handle(callee->url()).perform(), CURLE_OK);
  EXPECT_TRUE(header_values(callee->requests().at(0), trace_id_header).empty());
  EXPECT_TRUE(capture.texts().empty());
}

TEST(CurlEasy, in_an_unsampled_segment_the_header_says_so) {
  const Patched patched;
  const auto callee = server();
  support::Capture capture;
  {
    const xray::Segment segment("program", xray::TraceHeader::parse("Sampled=0"));
    EXPECT_EQ(Handle(callee->url()).perform(), CURLE_OK);
  }
  const std::string header = only_header(callee->requests().at(0), trace_id_header);
  EXPECT_NE(header.find("Sampled=0"), std::string::npos) << header;
  EXPECT_TRUE(capture.texts().empty());
}

TEST(CurlEasy, statuses_are_errors_throttles_and_faults) {
  const Patched patched;
  const auto flags = [](int status) {
    const auto callee = server(HttpStandIn::reply(status, ""));
    const Json document = recorded([&] { Handle(callee->url()).perform(); });
    const JsonValue& call = only_subsegment(document);
    return std::string(call.HasMember("error") ? "error " : "") +
           (call.HasMember("throttle") ? "throttle " : "") +
           (call.HasMember("fault") ? "fault" : "");
  };
  EXPECT_EQ(flags(204), "");
  EXPECT_EQ(flags(404), "error ");
  EXPECT_EQ(flags(429), "error throttle ");
  EXPECT_EQ(flags(503), "fault");
}

TEST(CurlEasy, a_status_that_the_program_wants_as_a_failure_is_still_the_callees) {
  const Patched patched;
  const auto callee = server(HttpStandIn::reply(404, ""));
  const Json document = recorded([&] {
    EXPECT_EQ(Handle(callee->url()).set(CURLOPT_FAILONERROR, 1L).perform(),
              CURLE_HTTP_RETURNED_ERROR);
  });
  EXPECT_TRUE(at(only_subsegment(document), "error").GetBool());
  EXPECT_FALSE(only_subsegment(document).HasMember("fault"));
}

TEST(CurlEasy, a_failure_is_a_fault_in_libcurls_words) {
  const Patched patched;
  std::string url = "http://127.0.0.1:";
  {
    const auto gone = server();
    url += gone->port() + "/x?secret";
  }
  const Json document = recorded([&] { EXPECT_EQ(Handle(url).perform(), CURLE_COULDNT_CONNECT); });
  const JsonValue& call = only_subsegment(document);
  EXPECT_TRUE(at(call, "fault").GetBool());
  EXPECT_FALSE(at(call, "http").HasMember("response"));
  const JsonValue& exception = at(at(call, "cause"), "exceptions")[0];
  EXPECT_EQ(text_of(at(exception, "type")), "CURLE_COULDNT_CONNECT");
  EXPECT_EQ(text_of(at(exception, "message")), curl_easy_strerror(CURLE_COULDNT_CONNECT));
  EXPECT_TRUE(at(exception, "remote").GetBool());
}

TEST(CurlEasy, the_programs_error_buffer_and_errno_are_its_own) {
  const Patched patched;
  char buffer[CURL_ERROR_SIZE] = "";
  const Json document = recorded([&] {
    Handle handle("http://127.0.0.1:1/");
    handle.set(CURLOPT_ERRORBUFFER, &buffer[0]);
    EXPECT_EQ(handle.perform(), CURLE_COULDNT_CONNECT);
    errno = 77;
    handle.set(CURLOPT_URL, "http://127.0.0.1:2/");
    EXPECT_EQ(errno, 77);
  });
  EXPECT_NE(std::string(buffer).find("port 1"), std::string::npos) << buffer;
}

TEST(CurlEasy, methods_are_told_as_options_make_them) {
  const Patched patched;
  const auto callee = server(HttpStandIn::reply(200, ""));
  const auto method = [&](auto&& prepare) {
    const Json document = recorded([&] {
      Handle handle(callee->url());
      handle.set(CURLOPT_TIMEOUT, 20L);
      prepare(handle);
      EXPECT_EQ(handle.perform(), CURLE_OK);
    });
    const std::string told =
        text_of(at(at(at(only_subsegment(document), "http"), "request"), "method"));
    const std::string sent = callee->requests().back();
    EXPECT_EQ(told, sent.substr(0, sent.find(' ')));
    return told;
  };
  EXPECT_EQ(method([](Handle& h) { h.set(CURLOPT_NOBODY, 1L); }), "HEAD");
  EXPECT_EQ(method([](Handle& h) { h.set(CURLOPT_NOBODY, 1L).set(CURLOPT_NOBODY, 0L); }), "GET");
  EXPECT_EQ(method([](Handle& h) { h.set(CURLOPT_NOBODY, 1L).set(CURLOPT_HTTPGET, 1L); }), "GET");
  EXPECT_EQ(method([](Handle& h) { h.set(CURLOPT_POSTFIELDS, "a=b"); }), "POST");
  EXPECT_EQ(method([](Handle& h) { h.set(CURLOPT_COPYPOSTFIELDS, "a=b"); }), "POST");
  EXPECT_EQ(method([](Handle& h) { h.set(CURLOPT_POSTFIELDS, "a").set(CURLOPT_POST, 0L); }), "GET");
  EXPECT_EQ(method([](Handle& h) { h.set(CURLOPT_CUSTOMREQUEST, "DELETE"); }), "DELETE");
  EXPECT_EQ(method([](Handle& h) {
              h.set(CURLOPT_CUSTOMREQUEST, "DELETE");
              h.set(CURLOPT_CUSTOMREQUEST, nullptr);
            }),
            "GET");
  EXPECT_EQ(method([](Handle& h) {
              h.set(CURLOPT_UPLOAD, 1L).set(CURLOPT_INFILESIZE_LARGE, curl_off_t{0});
            }),
            "PUT");
}

TEST(CurlEasy, a_mime_body_is_a_post) {
  const Patched patched;
  const auto callee = server(HttpStandIn::reply(200, ""));
  const Json document = recorded([&] {
    Handle handle(callee->url());
    curl_mime* const mime = curl_mime_init(handle.get());
    curl_mime_name(curl_mime_addpart(mime), "field");
    handle.set(CURLOPT_MIMEPOST, mime);
    EXPECT_EQ(handle.perform(), CURLE_OK);
    handle.close();
    curl_mime_free(mime);
  });
  EXPECT_EQ(text_of(at(at(at(only_subsegment(document), "http"), "request"), "method")), "POST");
}

TEST(CurlEasy, other_protocols_are_left_alone) {
  const Patched patched;
  const Json document = recorded([] { Handle("file:///dev/null").perform(); });
  EXPECT_FALSE(document.HasMember("subsegments"));
}

TEST(CurlEasy, a_connection_without_a_request_is_not_recorded) {
  const Patched patched;
  const auto callee = server();
  const Json document = recorded(
      [&] { EXPECT_EQ(Handle(callee->url()).set(CURLOPT_CONNECT_ONLY, 1L).perform(), CURLE_OK); });
  EXPECT_FALSE(document.HasMember("subsegments"));
}

TEST(CurlEasy, w3cs_header_goes_along_where_it_is_asked_for) {
  IN_A_FRESH_PROCESS({
    setenv("AWS_XRAY_PROPAGATE_W3C", "true", 1);
    const Patched patched;
    const auto callee = server();
    const Json document = recorded([&] { Handle(callee->url()).perform(); });
    const std::string traceparent = only_header(callee->requests().at(0), "traceparent");
    EXPECT_NE(traceparent.find(text_of(at(only_subsegment(document), "id"))), std::string::npos);
    EXPECT_EQ(header_values(callee->requests().at(0), trace_id_header).size(), 1U);
  });
}

TEST(CurlEasy, what_callbacks_do_belongs_to_the_call) {
  const Patched patched;
  const auto callee = server();
  const auto other = server();
  struct Inside {
    std::string url;
  } inside{other->url("/inside")};
  const Json document = recorded([&] {
    Handle handle(callee->url("/outside"));
    handle.set(CURLOPT_WRITEDATA, &inside);
    handle.set(
        CURLOPT_WRITEFUNCTION,
        +[](char*, std::size_t size, std::size_t count, void* user) -> std::size_t {
          Handle(static_cast<Inside*>(user)->url).perform();
          return size * count;
        });
    EXPECT_EQ(handle.perform(), CURLE_OK);
  });
  const JsonValue& outside = only_subsegment(document);
  EXPECT_EQ(text_of(at(at(at(outside, "http"), "request"), "url")), callee->url("/outside"));
  EXPECT_EQ(text_of(at(at(at(only_subsegment(outside), "http"), "request"), "url")),
            other->url("/inside"));
}

TEST(CurlEasy, an_exception_of_a_callback_passes_and_ends_the_subsegment) {
  // In a process of its own: libcurl, interrupted like that, never frees all it has.
  IN_A_FRESH_PROCESS({
    const Patched patched;
    const auto callee = server();
    const HeaderLines lines{"X-Mine: 1"};
    const Json document = recorded([&] {
      Handle handle(callee->url());
      handle.set(CURLOPT_HTTPHEADER, lines.get());
      handle.set(
          CURLOPT_WRITEFUNCTION, +[](char*, std::size_t, std::size_t, void*) -> std::size_t {
            throw std::runtime_error("in a callback");
          });
      EXPECT_THROW(handle.perform(), std::runtime_error);
    });
    EXPECT_TRUE(at(only_subsegment(document), "fault").GetBool());
  });
}

TEST(CurlEasy, a_thread_that_is_cancelled_in_a_call_ends_its_subsegment) {
  const Patched patched;
  const auto silent = server("");
  const Json document = recorded([&] {
    Handle handle(silent->url());
    struct Work {
      xray::Context context;
      CURL* handle;
    } work{xray::current_context(), handle.get()};
    pthread_t thread{};
    pthread_create(
        &thread, nullptr,
        [](void* argument) -> void* {
          const auto& given = *static_cast<Work*>(argument);
          const xray::ContextScope scope(given.context);
          curl_easy_perform(given.handle);
          return nullptr;
        },
        &work);
    while (silent->requests().empty()) std::this_thread::yield();
    pthread_cancel(thread);
    void* result = nullptr;
    pthread_join(thread, &result);
    EXPECT_EQ(result, PTHREAD_CANCELED);
  });
  EXPECT_EQ(text_of(at(only_subsegment(document), "name")), "127.0.0.1");
  EXPECT_TRUE(at(only_subsegment(document), "fault").GetBool());
}

TEST(CurlEasy, bad_handles_are_refused_as_without_us) {
  const Patched patched;
  const Json document = recorded([] {
    EXPECT_EQ(curl_easy_perform(nullptr), CURLE_BAD_FUNCTION_ARGUMENT);
    EXPECT_EQ(curl_easy_setopt(nullptr, CURLOPT_URL, "x"), CURLE_BAD_FUNCTION_ARGUMENT);
    curl_easy_cleanup(nullptr);
  });
  EXPECT_FALSE(document.HasMember("subsegments"));
}

TEST(CurlEasy, the_other_libcurl_is_traced_beside_the_first) {
  void* const plugin = dlopen(XRAY_TEST_GNUTLS_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(plugin, nullptr) << dlerror();
  const Patched patched;
  const auto get = reinterpret_cast<int (*)(const char*)>(dlsym(plugin, "plugin_get"));
  const auto callee = server(HttpStandIn::reply(200, ""));
  const Json document = recorded([&] {
    EXPECT_EQ(get(callee->url("/gnutls").c_str()), 0);
    EXPECT_EQ(Handle(callee->url("/openssl")).perform(), CURLE_OK);
  });
  EXPECT_EQ(at(document, "subsegments").Size(), 2U);
  for (const std::string& request : callee->requests()) only_header(request, trace_id_header);
  const auto report = xray::patched();
  std::size_t hooked = 0;
  for (const auto& library : report.find("curl")->libraries) hooked += library.slots > 0 ? 1 : 0;
  EXPECT_EQ(hooked, 2U) << report.to_string();
}
