#include "credentials/sts.hpp"

#include <array>
#include <exception>
#include <utility>
#include <vector>

#include "ascii.hpp"
#include "aws/endpoints.hpp"
#include "aws/http_date.hpp"
#include "aws/retry_policy.hpp"
#include "aws/sigv4.hpp"
#include "credentials/iso_time.hpp"
#include "credentials/small_file.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;

/// A form's body, percent-encoded. May hold a token.
class Form {
 public:
  explicit Form(std::string_view action) {
    // A token takes up to 20,000 characters; no smaller buffer is given back with a secret in it.
    body_.reserve(std::size_t{64} << 10U);
    body_ = "Action=";
    body_ += action;
    body_ += "&Version=2011-06-15";
  }
  Form(const Form&) = delete;
  Form& operator=(const Form&) = delete;
  ~Form() { const aws::Secret wiped(std::move(body_)); }

  void add(std::string_view name, std::string_view value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    body_ += '&';
    body_ += name;
    body_ += '=';
    for (const char c : value) {
      const bool plain = is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '~';
      if (plain) {
        body_ += c;
        continue;
      }
      const auto byte = static_cast<unsigned char>(c);
      body_ += '%';
      body_ += digits[byte >> 4U];
      body_ += digits[byte & 0xFU];
    }
  }

  void add(const RoleRequest& request) {
    add("RoleArn", request.arn);
    add("RoleSessionName", request.session_name);
    if (request.duration) add("DurationSeconds", std::to_string(request.duration->count()));
  }

  [[nodiscard]] std::string_view body() const { return body_; }

 private:
  std::string body_;
};

aws::Endpoint sts_endpoint(const StsSettings& settings) {
  aws::EndpointOptions options{.fips = settings.fips, .dual_stack = settings.dual_stack};
  const std::string mode = value_of(settings.environment, "AWS_STS_REGIONAL_ENDPOINTS");
  options.sts_global = mode.empty() ? settings.legacy : mode == "legacy";
  if (!is_true(settings.environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) {
    const char* name = "AWS_ENDPOINT_URL_STS";
    options.url = value_of(settings.environment, name);
    if (options.url.empty()) {
      name = "AWS_ENDPOINT_URL";
      options.url = value_of(settings.environment, name);
    }
    try {
      return aws::endpoint_of(aws::Service::sts, settings.region, options);
    } catch (const aws::EndpointError& problem) {
      if (options.url.empty()) throw;
      throw aws::EndpointError(std::string(name) + ": " + problem.what());
    }
  }
  return aws::endpoint_of(aws::Service::sts, settings.region, options);
}

class Call {
 public:
  /// `source` is null for calls that are not signed.
  Call(const StsSettings& settings, const Form& form, const aws::Credentials* source,
       std::string origin, Inquiry& inquiry)
      : settings_(settings),
        form_(form),
        source_(source),
        origin_(std::move(origin)),
        inquiry_(inquiry),
        endpoint_(sts_endpoint(settings)),
        client_(inquiry.client({.longest_body = longest_answer})) {}

  Answer run() {
    constexpr int attempts = 3;
    for (int attempt = 1;; ++attempt) {
      net::HttpResult result = send();
      if (result.end == aws::RequestEnd::answered && result.response.status == 200) {
        return read(result.response);
      }
      ServiceError error;
      if (result.end == aws::RequestEnd::answered) error = read_sts_error(result.response.body);
      const aws::Verdict verdict = aws::judge(
          {.end = result.end, .status = result.response.status, .error_code = error.code});
      const bool again = may_go_on(verdict, error, result) && attempt < attempts;
      if (!again || !inquiry_.pause(verdict == aws::Verdict::correct_clock ? 0ms : 200ms)) {
        return Answer::failure(complaint(result, error));
      }
    }
  }

 private:
  net::HttpResult send() {
    const std::string path = endpoint_.base_path + "/";
    const std::array<aws::HeaderView, 2> own = {
        {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
         {"Accept", "application/xml"}}};
    std::vector<aws::SignatureHeader> signature;
    if (source_ != nullptr) {
      const std::string digest = aws::sha256_hex(form_.body());
      const std::string host = endpoint_.authority();
      signature =
          aws::sign({.host = host, .path = path, .headers = own, .body_sha256 = digest}, *source_,
                    {endpoint_.signing_region, "sts"}, settings_.clock() + clock_offset_);
    }
    std::vector<aws::HeaderView> headers(own.begin(), own.end());
    for (const auto& header : signature) headers.push_back({header.name, header.value});
    return inquiry_.send(
        client_, endpoint_,
        {.method = "POST", .target = path, .headers = headers, .body = form_.body()}, 5s);
  }

  Answer read(net::HttpResponse& response) const {
    const aws::Secret body(std::move(response.body));
    KeysAnswer answer = read_sts_answer(body.reveal());
    if (!answer.problem.empty()) {
      return Answer::failure("STS at " + endpoint_.authority() + ": " + answer.problem);
    }
    const auto now = settings_.clock();
    const auto expires = by_our_clock(*answer.expires, response.header("Date"), now);
    if (expires <= now) {
      return Answer::failure("STS at " + endpoint_.authority() +
                             " gave credentials that had expired at " + to_iso_time(expires));
    }
    return Answer::found(std::move(answer.keys), expires, origin_);
  }

  bool may_go_on(aws::Verdict verdict, const ServiceError& error, const net::HttpResult& result) {
    if (verdict == aws::Verdict::retry || verdict == aws::Verdict::throttled) return true;
    // The issuer of the token did not answer STS in time.
    if (error.code == "IDPCommunicationError") return true;
    if (verdict != aws::Verdict::correct_clock || source_ == nullptr ||
        clock_offset_.count() != 0) {
      return false;
    }
    const auto theirs = aws::parse_http_date(result.response.header("Date"));
    if (!theirs) return false;
    const auto offset = *theirs - settings_.clock();
    if (offset <= 4min && offset >= -4min) return false;
    clock_offset_ = offset;
    return true;
  }

  [[nodiscard]] std::string complaint(const net::HttpResult& result,
                                      const ServiceError& error) const {
    if (result.end != aws::RequestEnd::answered) return "STS: " + result.problem;
    return "STS at " + endpoint_.authority() + " answered " +
           std::to_string(result.response.status) + error.suffix();
  }

  const StsSettings& settings_;
  const Form& form_;
  const aws::Credentials* source_;
  std::string origin_;
  Inquiry& inquiry_;
  aws::Endpoint endpoint_;
  net::HttpClient& client_;
  std::chrono::seconds clock_offset_{0};
};

Answer call(const StsSettings& settings, const Form& form, const aws::Credentials* source,
            const std::string& origin, Inquiry& inquiry) {
  try {
    if (settings.region.empty()) return Answer::failure("STS: no region is known");
    return Call(settings, form, source, origin, inquiry).run();
  } catch (const std::exception& problem) {
    return Answer::failure(std::string("STS: ") + problem.what());
  }
}

}  // namespace

Answer assume_role(const StsSettings& settings, const aws::Credentials& source,
                   const RoleRequest& request, const std::string& origin, Inquiry& inquiry) {
  Form form("AssumeRole");
  form.add(request);
  if (!request.external_id.empty()) form.add("ExternalId", request.external_id);
  return call(settings, form, &source, origin, inquiry);
}

Answer assume_role_with_web_identity(const StsSettings& settings, const aws::Secret& token,
                                     const RoleRequest& request, const std::string& origin,
                                     Inquiry& inquiry) {
  Form form("AssumeRoleWithWebIdentity");
  form.add(request);
  form.add("WebIdentityToken", token.reveal());
  return call(settings, form, nullptr, origin, inquiry);
}

Answer take_web_identity(const StsSettings& settings, const std::string& token_file,
                         const RoleRequest& request, const std::string& origin, Inquiry& inquiry) {
  constexpr std::size_t longest_token = 20'000;
  FileText file = read_small_file(with_home(token_file, settings.environment), longest_token);
  if (!file.problem.empty()) return Answer::failure("token file " + file.problem);
  // Editors and `echo` leave a newline; tokens have no blanks.
  file.text.resize(file.text.find_last_not_of(" \t\r\n") + 1);
  const aws::Secret token(std::move(file.text));
  if (token.empty()) return Answer::failure("token file " + token_file + ": is empty");
  return assume_role_with_web_identity(settings, token, request, origin, inquiry);
}

}  // namespace xrayd::credentials
