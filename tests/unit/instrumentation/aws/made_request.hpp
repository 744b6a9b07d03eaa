// Requests and answers for tests, put together piece by piece.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aws/recogniser.hpp"

namespace support {

using xray::instrumentation::HeaderList;
using xray::instrumentation::HeaderView;
using xray::instrumentation::RecognisedCall;
using xray::instrumentation::RecogniserSettings;
using xray::instrumentation::RequestKind;
using xray::instrumentation::RequestView;
using xray::instrumentation::ResponseView;

inline constexpr const char* secret_signature =
    "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
inline constexpr const char* key_id = "AKIDEXAMPLE";

class MadeHeaders {
 public:
  void add(std::string name, std::string value) {
    texts_.emplace_back(std::move(name), std::move(value));
  }

  HeaderList view() {
    views_.clear();
    for (const auto& [name, value] : texts_) views_.push_back({name, value});
    return {views_.data(), views_.size()};
  }

 private:
  std::vector<std::pair<std::string, std::string>> texts_;
  std::vector<HeaderView> views_;
};

class MadeRequest {
 public:
  MadeRequest(std::string method, std::string url)
      : method_(std::move(method)), url_(std::move(url)) {}

  MadeRequest& header(std::string name, std::string value) {
    headers_.add(std::move(name), std::move(value));
    return *this;
  }
  MadeRequest& body(std::string body, bool complete = true) {
    body_ = std::move(body);
    complete_ = complete;
    return *this;
  }
  MadeRequest& curl_signing(std::string option) {
    curl_signing_ = std::move(option);
    return *this;
  }
  MadeRequest& signed_for(const std::string& service, const std::string& region = "eu-west-1") {
    return header("Authorization", "AWS4-HMAC-SHA256 Credential=" + std::string(key_id) +
                                       "/20260401/" + region + "/" + service +
                                       "/aws4_request, SignedHeaders=host;x-amz-date, Signature=" +
                                       secret_signature);
  }

  RequestView view() {
    RequestView view;
    view.method = method_;
    view.url = url_;
    view.headers = headers_.view();
    view.body = body_;
    view.body_complete = complete_;
    view.curl_signing = curl_signing_;
    return view;
  }

  RequestKind kind(const RecogniserSettings& settings = {}) {
    RecognisedCall ignored;
    return recognise(view(), settings, ignored);
  }

  /// The call that it must be recognised as.
  RecognisedCall call() {
    RecognisedCall call;
    if (recognise(view(), {}, call) != RequestKind::aws) call.service.append("(not recognised)");
    return call;
  }

 private:
  std::string method_;
  std::string url_;
  std::string body_;
  std::string curl_signing_;
  bool complete_ = true;
  MadeHeaders headers_;
};

class MadeResponse {
 public:
  explicit MadeResponse(int status) : status_(status) {}

  MadeResponse& header(std::string name, std::string value) {
    headers_.add(std::move(name), std::move(value));
    return *this;
  }
  MadeResponse& body(std::string body, bool complete = true) {
    body_ = std::move(body);
    complete_ = complete;
    return *this;
  }
  void read_into(RecognisedCall& call) {
    ResponseView view;
    view.status = status_;
    view.headers = headers_.view();
    view.body = body_;
    view.body_complete = complete_;
    read_response(view, call);
  }

 private:
  int status_;
  std::string body_;
  bool complete_ = true;
  MadeHeaders headers_;
};

/// A parameter as text, whatever its kind; "(none)" if it is not there.
inline std::string parameter(const RecognisedCall& call, const std::string& name) {
  using Kind = xray::instrumentation::CallParameter::Kind;
  for (std::size_t i = 0; i < call.parameter_count(); ++i) {
    const auto found = call.parameter(i);
    if (found.name != name) continue;
    if (found.kind == Kind::number) return std::to_string(found.number);
    if (found.kind == Kind::boolean) return found.number != 0 ? "true" : "false";
    return std::string(found.text);
  }
  return "(none)";
}

/// Everything that a call would say, in one text.
inline std::string everything(const RecognisedCall& call) {
  std::string text;
  for (const std::string_view part :
       {call.service.view(), call.operation.view(), call.region.view(), call.request_id.view(),
        call.id_2.view(), call.error_code.view(), call.invocation_id.view()}) {
    text.append(part).append("|");
  }
  for (std::size_t i = 0; i < call.parameter_count(); ++i) {
    const auto found = call.parameter(i);
    text.append(found.name).append("=").append(parameter(call, std::string(found.name))) += '|';
  }
  return text;
}

}  // namespace support
