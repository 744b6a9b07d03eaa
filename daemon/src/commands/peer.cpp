#include "commands/peer.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "aws/endpoints.hpp"
#include "aws/sigv4.hpp"
#include "commands/daemon_notes.hpp"
#include "local/backend.hpp"
#include "local/json/json.hpp"
#include "local/store/data_directory.hpp"
#include "net/http_client.hpp"
#include "startup_error.hpp"
#include "web/site.hpp"

namespace xrayd::commands {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int ok_status = 200;
constexpr int unauthorized_status = 401;
constexpr int busy_status = 503;
constexpr int busy_attempts = 30;
constexpr auto busy_wait = 1s;

/// What the other side says, from `{"Message":"..."}` or its first line.
std::string message_of(const std::string& body) {
  constexpr std::size_t longest = 300;
  constexpr std::size_t deepest = 10;
  local::ParsedJson parsed;
  if (local::ParsedJson::parse(body, deepest, parsed) == local::JsonFault::none) {
    if (const auto text = local::text_member(parsed.value(), "Message")) {
      return std::string(local::first_characters(*text, longest));
    }
  }
  return body.substr(0, std::min(body.find('\n'), longest));
}

class DaemonPeer final : public Peer {
 public:
  DaemonPeer(const config::Options& options, const std::string& url, const std::string& token)
      : endpoint_(aws::parse_endpoint(url, "us-east-1")),
        network_({{}, {}, options.aws.ca_bundle.string(), options.aws.verify_tls}),
        authorization_(token.empty() ? "" : "Bearer " + token) {
    net::ClientSettings settings;
    settings.through_proxy = false;
    settings.longest_body = std::size_t{64} << 20U;
    client_ = network_.client(settings);
  }

  std::string name() const override { return "the daemon at " + endpoint_.authority(); }

 private:
  Answer exchange(std::string_view method, const std::string& target,
                  std::string_view body) override {
    constexpr auto patience = 120s;
    std::vector<aws::HeaderView> headers = {{"Content-Type", "application/json"}};
    if (!authorization_.empty()) headers.push_back({"Authorization", authorization_});
    const std::string full_target = endpoint_.base_path + target;
    net::HttpRequest request;
    request.method = method;
    request.target = full_target;
    request.headers = headers;
    request.body = body;
    auto result = client_->send(endpoint_, request, patience);
    if (result.end != aws::RequestEnd::answered) {
      throw CommandError(name() + " does not answer: " + result.problem);
    }
    return {result.response.status, std::move(result.response.body)};
  }

  aws::Endpoint endpoint_;
  net::Network network_;
  std::string authorization_;
  std::unique_ptr<net::HttpClient> client_;
};

local::BackendSettings settings_of(const config::Options& options) {
  local::BackendSettings settings;
  settings.data_dir = options.local.data_dir;
  // What the daemon is told about limits need not be known here: a command removes nothing that it
  // wasn't asked to.
  settings.retention_bytes = std::numeric_limits<std::uint64_t>::max() / 2;
  settings.retention_age = std::chrono::hours{24 * 365 * 100};
  settings.strict = false;
  return settings;
}

class DirectoryPeer final : public Peer {
 public:
  explicit DirectoryPeer(const config::Options& options)
      : directory_(options.local.data_dir),
        backend_(local::Backend::open(settings_of(options))),
        site_(site_settings(*backend_), backend_.get()) {}
  ~DirectoryPeer() override { backend_->drain(1min); }

  std::string name() const override { return "the store in " + directory_.string(); }

 private:
  static web::SiteSettings site_settings(const local::Backend& backend) {
    web::SiteSettings settings;
    settings.report = [](CounterRows&) {};
    settings.trouble = [&backend] { return backend.trouble(); };
    return settings;
  }

  Answer exchange(std::string_view method, const std::string& target,
                  std::string_view body) override {
    web::Request request;
    const std::size_t question = std::min(target.find('?'), target.size());
    request.method = method;
    request.path = target.substr(0, question);
    request.query = target.substr(std::min(question + 1, target.size()));
    request.body = body;
    auto response = site_.handle(request);
    return {response.status, std::move(response.body)};
  }

  fs::path directory_;
  std::unique_ptr<local::Backend> backend_;
  web::Site site_;
};

/// Files that somebody else makes in there the daemon could not open any more.
void check_owner(const fs::path& directory) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0 || status.st_uid == ::geteuid()) return;
  throw CommandError(directory.string() + " belongs to another user (" +
                     std::to_string(status.st_uid) + "): run this as that one");
}

}  // namespace

std::string Peer::get(const std::string& target) {
  return ask("GET", target, {});
}

std::string Peer::post(const std::string& target, std::string_view body) {
  return ask("POST", target, body);
}

std::string Peer::ask(std::string_view method, const std::string& target, std::string_view body) {
  for (int attempt = 1;; ++attempt) {
    Answer answer = exchange(method, target, body);
    if (answer.status == ok_status) return std::move(answer.body);
    if (answer.status == unauthorized_status) {
      throw CommandError(name() + " wants its token: give --console-token or --console-token-file");
    }
    if (answer.status != busy_status || attempt == busy_attempts) {
      throw CommandError(name() + " answers " + std::to_string(answer.status) + ": " +
                         message_of(answer.body));
    }
    std::this_thread::sleep_for(busy_wait);
  }
}

std::unique_ptr<Peer> find_peer(const config::Options& options, bool may_be_made) {
  const fs::path& directory = options.local.data_dir;
  try {
    std::string token = given_token(options.web);
    if (!options.store_command.address.empty()) {
      return std::make_unique<DaemonPeer>(options, options.store_command.address, token);
    }
    if (directory.empty()) throw CommandError("there is no home directory: give --data-dir");
    if (local::DataDirectory::is_in_use(directory)) {
      const auto address = left_address(directory);
      if (!address) {
        throw CommandError("another xrayd is using " + directory.string() +
                           ", and says not where it listens: give --address");
      }
      if (token.empty()) token = left_token(directory).value_or("");
      return std::make_unique<DaemonPeer>(options, "http://" + config::to_string(*address), token);
    }
    std::error_code ignored;
    if (!may_be_made && !fs::exists(directory / "meta.db", ignored)) {
      throw CommandError("there is no store in " + directory.string());
    }
    check_owner(directory);
    return std::make_unique<DirectoryPeer>(options);
  } catch (const StartupError& problem) {
    throw CommandError(problem.what());
  } catch (const aws::EndpointError& problem) {
    throw CommandError(problem.what());
  }
}

}  // namespace xrayd::commands
