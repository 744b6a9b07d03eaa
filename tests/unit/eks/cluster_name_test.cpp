// The Kubernetes API's stand-in speaks TLS with a certificate of an authority made here.
#include <xray/eks.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <xray/xray.hpp>

#include "support/documents.hpp"
#include "support/process.hpp"

using support::at;
using support::Capture;
using support::Json;
using support::JsonValue;
using support::text_of;

namespace {

/// A key and a certificate for it, signed by its own or by another's key.
class Certificate {
 public:
  Certificate(const char* name, const Certificate* authority, const char* hosts)
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    static long serial = 1;
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate_), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    const Certificate& signer = authority != nullptr ? *authority : *this;
    X509_set_issuer_name(certificate_, X509_get_subject_name(signer.certificate_));
    add(NID_basic_constraints, authority == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    if (hosts != nullptr) add(NID_subject_alt_name, hosts);
    X509_sign(certificate_, signer.key_, EVP_sha256());
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  ~Certificate() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }

  [[nodiscard]] std::string pem() const {
    BIO* const bytes = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bytes, certificate_);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bytes, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bytes);
    return text;
  }
  [[nodiscard]] EVP_PKEY* key() const { return key_; }
  [[nodiscard]] X509* get() const { return certificate_; }

 private:
  void add(int kind, const char* value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(certificate_, extension, -1);
    X509_EXTENSION_free(extension);
  }

  EVP_PKEY* key_;
  X509* certificate_;
};

/// Answers each connection with the same bytes; with none, it keeps silent for as long as it
/// lives.
class TlsStandIn {
 public:
  TlsStandIn(const Certificate& certificate, std::string answer)
      : answer_(std::move(answer)), context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_, certificate.get());
    SSL_CTX_use_PrivateKey(context_, certificate.key());
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::listen(listener_, 16);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  TlsStandIn(const TlsStandIn&) = delete;
  TlsStandIn& operator=(const TlsStandIn&) = delete;
  ~TlsStandIn() {
    stopping_.store(true);
    thread_.join();
    ::close(listener_);
    SSL_CTX_free(context_);
  }

  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] std::vector<std::string> requests() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }
  [[nodiscard]] int connections() const { return connections_.load(); }

 private:
  void serve() {
    sigset_t pipe;  // a peer that hangs up
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    while (!stopping_.load()) {
      pollfd wait{listener_, POLLIN, 0};
      if (::poll(&wait, 1, 10) <= 0) continue;
      const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) continue;
      connections_.fetch_add(1);
      const timeval patience{10, 0};
      ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      SSL* const connection = SSL_new(context_);
      SSL_set_fd(connection, peer);
      if (SSL_accept(connection) == 1) answer(connection);
      SSL_shutdown(connection);
      SSL_free(connection);
      ::close(peer);
    }
  }

  void answer(SSL* connection) {
    std::string request;
    char bytes[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const int size = SSL_read(connection, bytes, sizeof bytes);
      if (size <= 0) return;
      request.append(bytes, static_cast<std::size_t>(size));
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      requests_.push_back(request);
    }
    if (!answer_.empty()) {
      SSL_write(connection, answer_.data(), static_cast<int>(answer_.size()));
    } else {
      while (!stopping_.load()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  std::string answer_;
  SSL_CTX* context_;
  int listener_ = -1;
  std::string port_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

std::string reply(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Words\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string cluster_info =
    R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"cluster-info"},)"
    R"("data":{"cluster.name":"shop-prod","logs.region":"eu-west-1"}})";

/// The files of a pod's service account.
class ServiceAccount {
 public:
  explicit ServiceAccount(const std::string& authority) {
    char name[] = "/tmp/xray-root-XXXXXX";
    path_ = ::mkdtemp(name);
    const std::string folder = path_ + "/var/run/secrets/kubernetes.io/serviceaccount";
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/token") << "secret-token\n";
    std::ofstream(folder + "/ca.crt") << authority;
    ::setenv("AWS_XRAY_FILE_ROOT", path_.c_str(), 1);
  }
  ServiceAccount(const ServiceAccount&) = delete;
  ServiceAccount& operator=(const ServiceAccount&) = delete;
  ~ServiceAccount() { std::filesystem::remove_all(path_); }

 private:
  std::string path_;
};

std::mutex log_mutex;
std::string log_text;

std::string logged() {
  const std::lock_guard<std::mutex> lock(log_mutex);
  return log_text;
}

void configure_for(const TlsStandIn& server, const char* host = "127.0.0.1") {
  ::setenv("KUBERNETES_SERVICE_HOST", host, 1);
  ::setenv("KUBERNETES_SERVICE_PORT", server.port().c_str(), 1);
  xray::Configuration configuration;
  configuration.plugins = {xray::Plugin::eks};
  configuration.log = [](std::string_view message) {
    const std::lock_guard<std::mutex> lock(log_mutex);
    log_text.append(message).append("\n");
  };
  EXPECT_FALSE(xray::configure(configuration));
}

/// Traces until a segment's `eks` block, which every one has soon, satisfies the condition.
Json trace_until(Capture& capture, const std::function<bool(const JsonValue&)>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (true) {
    capture.clear();
    { const xray::Segment segment("s"); }
    Json document = capture.document();
    const auto eks = document["aws"].FindMember("eks");
    const bool there = eks != document["aws"].MemberEnd() && condition(eks->value);
    if (there || std::chrono::steady_clock::now() > deadline) return document;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// The pod is told, the cluster is not, and why that is so stands in one line.
void expect_failure(Capture& capture, const char* reason) {
  const auto failed = [](const JsonValue& eks) {
    return xray::statistics().plugins_failed != 0 && eks.HasMember("pod");
  };
  const Json document = trace_until(capture, failed);
  EXPECT_TRUE(at(at(document, "aws"), "eks").HasMember("pod"));
  EXPECT_FALSE(at(at(document, "aws"), "eks").HasMember("cluster_name"));
  EXPECT_EQ(xray::statistics().plugins_failed, 1U);
  EXPECT_NE(logged().find(reason), std::string::npos) << logged();
  EXPECT_EQ(logged().find("secret-token"), std::string::npos);
}

}  // namespace

TEST(ClusterName, is_asked_of_the_kubernetes_api_with_the_accounts_token) {
  IN_A_FRESH_PROCESS({
    const Certificate authority("authority", nullptr, nullptr);
    const Certificate api("kubernetes", &authority, "IP:127.0.0.1");
    const TlsStandIn server(api, reply(200, cluster_info));
    const ServiceAccount account(authority.pem());
    xray::enable_eks_cluster_name();
    configure_for(server);
    Capture capture;
    const auto named = [](const JsonValue& eks) { return eks.HasMember("cluster_name"); };
    const Json document = trace_until(capture, named);
    EXPECT_EQ(text_of(at(at(at(document, "aws"), "eks"), "cluster_name")), "shop-prod");
    EXPECT_TRUE(at(at(document, "aws"), "eks").HasMember("pod"));
    EXPECT_EQ(text_of(at(at(at(document, "aws"), "cloudwatch_logs")[0], "log_group")),
              "/aws/containerinsights/shop-prod/application");
    ASSERT_EQ(server.requests().size(), 1U);
    const std::string request = server.requests()[0];
    EXPECT_EQ(request.find("GET /api/v1/namespaces/amazon-cloudwatch/configmaps/cluster-info HTTP"),
              0U);
    EXPECT_NE(request.find("\r\nAuthorization: Bearer secret-token\r\n"), std::string::npos);
    EXPECT_EQ(logged(), "");
  });
}

TEST(ClusterName, is_asked_of_a_host_by_name_too) {
  IN_A_FRESH_PROCESS({
    const Certificate authority("authority", nullptr, nullptr);
    const Certificate api("kubernetes", &authority, "DNS:localhost");
    const TlsStandIn server(api, reply(200, cluster_info));
    const ServiceAccount account(authority.pem());
    xray::enable_eks_cluster_name();
    configure_for(server, "localhost");
    Capture capture;
    const auto named = [](const JsonValue& eks) { return eks.HasMember("cluster_name"); };
    EXPECT_TRUE(trace_until(capture, named)["aws"]["eks"].HasMember("cluster_name"));
  });
}

TEST(ClusterName, is_absent_unless_it_was_enabled) {
  IN_A_FRESH_PROCESS({
    const Certificate authority("authority", nullptr, nullptr);
    const TlsStandIn server(authority, reply(200, cluster_info));
    const ServiceAccount account(authority.pem());
    configure_for(server);
    Capture capture;
    const auto told = [](const JsonValue& eks) { return eks.HasMember("pod"); };
    EXPECT_FALSE(trace_until(capture, told)["aws"]["eks"].HasMember("cluster_name"));
    EXPECT_EQ(server.connections(), 0);
    EXPECT_EQ(logged(), "");
  });
}

TEST(ClusterName, the_token_is_shown_to_nobody_whose_certificate_is_not_the_authoritys) {
  const auto untrusted = [](const Certificate& api, const std::string& trusted) {
    const TlsStandIn server(api, reply(200, cluster_info));
    const ServiceAccount account(trusted);
    xray::enable_eks_cluster_name();
    configure_for(server);
    Capture capture;
    expect_failure(capture, "has a certificate that can't be trusted");
    EXPECT_TRUE(server.requests().empty());
    EXPECT_LE(server.connections(), 1);
  };
  IN_A_FRESH_PROCESS({
    const Certificate authority("authority", nullptr, nullptr);
    const Certificate other("authority", nullptr, nullptr);
    const Certificate api("kubernetes", &other, "IP:127.0.0.1");
    untrusted(api, authority.pem());
  });
  IN_A_FRESH_PROCESS({
    const Certificate authority("authority", nullptr, nullptr);
    const Certificate api("kubernetes", &authority, "IP:127.0.0.2");
    untrusted(api, authority.pem());
  });
  IN_A_FRESH_PROCESS({
    const Certificate authority("authority", nullptr, nullptr);
    const Certificate api("kubernetes", &authority, "IP:127.0.0.1");
    untrusted(api, "not a certificate\n");
  });
}

TEST(ClusterName, answers_that_name_no_cluster_are_said_once) {
  const auto told = [](const std::string& answer, const char* reason) {
    const Certificate authority("authority", nullptr, nullptr);
    const Certificate api("kubernetes", &authority, "IP:127.0.0.1");
    const TlsStandIn server(api, answer);
    const ServiceAccount account(authority.pem());
    xray::enable_eks_cluster_name();
    configure_for(server);
    Capture capture;
    expect_failure(capture, reason);
  };
  IN_A_FRESH_PROCESS({ told(reply(403, R"({"kind":"Status"})"), "status 403"); });
  IN_A_FRESH_PROCESS({ told(reply(200, R"({"data":{"cluster.name":7}})"), "names no cluster"); });
  IN_A_FRESH_PROCESS({ told(reply(200, "<html>"), "names no cluster"); });
  IN_A_FRESH_PROCESS({ told("nonsense\r\n\r\n", "not a whole HTTP reply"); });
  IN_A_FRESH_PROCESS({ told(reply(200, std::string(100'000, 'x')), "too much"); });
  IN_A_FRESH_PROCESS(
      { told("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nearly", "not a whole HTTP reply"); });
}

TEST(ClusterName, a_process_may_exit_while_it_is_being_asked) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const Certificate authority("authority", nullptr, nullptr);
        const Certificate api("kubernetes", &authority, "IP:127.0.0.1");
        // Lives on: the look-up is still under way when OpenSSL's exit handler comes.
        auto* const server = new TlsStandIn(api, "");
        const ServiceAccount account(authority.pem());
        xray::enable_eks_cluster_name();
        configure_for(*server);
        { const xray::Segment segment("s"); }
        while (server->requests().empty()) std::this_thread::yield();
        std::exit(0);
      },
      testing::ExitedWithCode(0), "");
}
