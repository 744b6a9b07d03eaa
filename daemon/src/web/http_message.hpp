// Between the HTTP library's messages and this daemon's own.
#pragma once

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/optional/optional.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "web/request.hpp"
#include "web/response.hpp"

namespace xrayd::web {

/// A string that grows with what arrives. The library's own string body makes room for the whole
/// announced length, so that a client could claim memory without sending anything.
struct GrowingBody {
  using value_type = std::string;

  class reader {  // NOLINT(readability-identifier-naming): the library's name
   public:
    template <bool IsRequest, typename Fields>
    reader(boost::beast::http::header<IsRequest, Fields>& /*header*/, value_type& body)
        : body_(body) {}
    void init(const boost::optional<std::uint64_t>& /*length*/, boost::system::error_code& error) {
      error = {};
    }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      const std::size_t before = body_.size();
      for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
      }
      error = {};
      return body_.size() - before;
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

using Parser = boost::beast::http::request_parser<GrowingBody>;

/// Nothing for what is no proper request of ours: a target other than `/...` or `http://host/...`,
/// more than one Host or Origin, a Host that is empty or (since HTTP/1.1) missing. The host in the
/// target counts before the header's.
[[nodiscard]] std::optional<Request> to_request(boost::beast::http::request<GrowingBody>&& message);

/// Without the body if it answers HEAD.
[[nodiscard]] boost::beast::http::response<boost::beast::http::string_body> to_message(
    Response&& response, bool head, bool keep_alive);

/// The path in a request's target; empty if it has none.
[[nodiscard]] std::string_view path_of(std::string_view target);

/// 503 for now: the client may come again in a second.
[[nodiscard]] Response busy_response(std::string_view line);

/// What to tell the client about a request that can't be read; nothing where it is gone.
[[nodiscard]] std::optional<Response> complaint(const boost::system::error_code& error);

}  // namespace xrayd::web
