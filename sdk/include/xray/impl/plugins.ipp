#pragma once

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xray/impl/container_id.hpp>
#include <xray/impl/diagnostics.hpp>
#include <xray/impl/exceptions.hpp>
#include <xray/impl/helper_thread.hpp>
#include <xray/impl/json_fields.hpp>
#include <xray/impl/output.hpp>
#include <xray/impl/plugin_thread.hpp>
#include <xray/impl/surroundings.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Keeps hold of what it replaces: some segment may be being written with it.
struct PublishedSurroundings : Surroundings {
  const Surroundings* previous = nullptr;
};

inline void publish(Surroundings found) {
  auto* const made = new PublishedSurroundings;  // NOLINT: leaked on purpose
  static_cast<Surroundings&>(*made) = std::move(found);
  made->previous = surroundings.load(std::memory_order_acquire);
  surroundings.store(made, std::memory_order_release);
}

/// Writes a JSON object of the members that there are.
class JsonObject {
 public:
  JsonObject() { out_.character('{'); }
  JsonObject& add(std::string_view key, std::string_view value) {
    if (!value.empty()) {
      begin(key);
      out_.string(value);
    }
    return *this;
  }
  JsonObject& add(std::string_view key, std::optional<std::int64_t> value) {
    if (value) {
      begin(key);
      out_.integer(*value);
    }
    return *this;
  }
  std::string text() {
    out_.character('}');
    return out_.failed() ? std::string("{}") : std::string(out_.view());
  }

 private:
  void begin(std::string_view key) {
    if (out_.size() > 1) out_.character(',');
    out_.string(key);
    out_.character(':');
  }
  Output out_;
};

/// A CloudWatch log group that a program writes to.
struct LogGroup {
  std::string name;
  std::string arn;  ///< may be empty
};

inline std::string to_json(const std::vector<LogGroup>& groups) {
  std::string text = "[";
  for (const LogGroup& group : groups) {
    if (text.size() > 1) text += ',';
    text += JsonObject().add("log_group", group.name).add("arn", group.arn).text();
  }
  return text + "]";
}

/// One pass over the plugins, from the most specific to the least, so that the origin that is
/// published first is the one that stays.
class PluginLookup {
 public:
  PluginLookup(const PluginSettings& settings, const std::atomic<bool>& stopping)
      : settings_(settings), stopping_(stopping) {}

  void run() {
    add_log_group(settings_.log_group, "");
    if (wants(Plugin::elastic_beanstalk)) look_for_elastic_beanstalk();
    if (wants(Plugin::eks)) look_for_eks();
    if (wants(Plugin::ecs)) look_for_ecs();
    if (wants(Plugin::ec2)) look_for_ec2();
  }

 private:
  /// Nothing is asked when so much time has passed.
  static constexpr std::int64_t longest = 15'000'000'000;
  static constexpr unsigned attempts = 3;
  static constexpr std::int64_t pause_before_retry = 200'000'000;
  static constexpr std::size_t largest_file = std::size_t{64} << 10U;
  static constexpr std::size_t most_log_groups = 16;
  static constexpr const char* no_cluster_name = "segments leave without cluster_name";

  [[nodiscard]] bool wants(Plugin plugin) const noexcept {
    return settings_.wanted.contains(plugin) && !stopping_.load(std::memory_order_relaxed);
  }

  void publish_found() {
    Surroundings all = found_;
    if (!log_groups_.empty()) all.aws.emplace_back("cloudwatch_logs", to_json(log_groups_));
    if (!stopping_.load(std::memory_order_relaxed)) publish(std::move(all));
  }

  void found(const char* origin, const char* member, std::string json) {
    if (found_.origin.empty()) found_.origin = origin;
    const auto same = std::find_if(found_.aws.begin(), found_.aws.end(),
                                   [member](const auto& entry) { return entry.first == member; });
    if (same != found_.aws.end()) {
      same->second = std::move(json);
    } else {
      found_.aws.emplace_back(member, std::move(json));
    }
    publish_found();
  }

  void add_log_group(std::string name, std::string arn) {
    if (name.empty() || name.size() > longest_log_group || log_groups_.size() == most_log_groups) {
      return;
    }
    for (LogGroup& group : log_groups_) {
      if (group.name != name) continue;
      if (group.arn.empty()) group.arn = std::move(arn);
      return;
    }
    log_groups_.push_back({std::move(name), std::move(arn)});
  }

  /// Counted always, said once a process and plugin.
  void complain(Plugin plugin, const std::string& message,
                const char* loss = "segments leave without its fields") {
    if (stopping_.load(std::memory_order_relaxed)) return;
    count(counters.plugins_failed);
    static constexpr const char* names[] = {"ec2", "ecs", "eks", "elastic_beanstalk"};
    const auto index = static_cast<unsigned>(plugin);
    if (reports.plugins[index].is_due()) {
      log_line(std::string("xray: plugin ") + names[index] + ": " + message + "; " + loss);
    }
  }

  /// Who asks for every plugin knows that not all of them apply.
  void say_absent(Plugin plugin, const std::string& message) {
    if (settings_.wanted != Plugins::all()) complain(plugin, message);
  }

  /// A regular file's content; nothing if it isn't there, can't be read or is larger than
  /// `largest`.
  [[nodiscard]] std::optional<std::string> read_file(const char* path,
                                                     std::size_t largest = largest_file) const {
    const std::string full = settings_.file_root + path;
    // A pipe put there must not hold this thread for ever.
    const int file = ::open(full.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return std::nullopt;
    struct stat status {};
    std::optional<std::string> text;
    if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
      text.emplace();
      char bytes[4096];
      while (true) {
        const ssize_t size = ::read(file, bytes, sizeof bytes);
        if (size < 0 && errno == EINTR) continue;
        if (size > 0 && text->size() + static_cast<std::size_t>(size) <= largest) {
          text->append(bytes, static_cast<std::size_t>(size));
          continue;
        }
        if (size != 0) text.reset();
        break;
      }
    }
    ::close(file);
    return text;
  }

  static std::string host_name() {
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) != 0) return {};
    return name;
  }

  /// Engines with version 1 of cgroups tell it in the one file, with version 2 in the other.
  [[nodiscard]] std::string container_id() const {
    constexpr std::size_t largest = std::size_t{1} << 20U;
    if (const auto groups = read_file("/proc/self/cgroup", largest)) {
      const std::string_view id = container_id_in_cgroup(*groups);
      if (!id.empty()) return std::string(id);
    }
    const auto mounts = read_file("/proc/self/mountinfo", largest);
    return mounts ? std::string(container_id_in_mounts(*mounts)) : std::string();
  }

  void rest(std::int64_t nanoseconds) const noexcept {
    constexpr std::int64_t slice = 20'000'000;
    for (; nanoseconds > 0 && !stopping_.load(std::memory_order_relaxed); nanoseconds -= slice) {
      timespec time{0, static_cast<long>(std::min(nanoseconds, slice))};
      ::nanosleep(&time, nullptr);
    }
  }

  /// Asks, again where that may help.
  template <typename Exchange>
  HttpOutcome ask(HttpReply& reply, const Exchange& exchange, unsigned times = attempts) {
    HttpOutcome outcome = HttpOutcome::cancelled;
    for (unsigned i = 0; i < times; ++i) {
      if (i != 0) rest(pause_before_retry * i);
      const std::int64_t left = deadline_ - nanoseconds_of(CLOCK_MONOTONIC);
      if (left <= 0 || stopping_.load(std::memory_order_relaxed)) break;
      HttpLimits limits;
      limits.connect = std::min(left, limits.connect);
      limits.whole = std::min(left, limits.whole);
      outcome = exchange(limits);
      const bool again = outcome == HttpOutcome::ok ? reply.status == 429 || reply.status >= 500
                                                    : outcome != HttpOutcome::bad_request &&
                                                          outcome != HttpOutcome::not_trusted &&
                                                          outcome != HttpOutcome::too_large;
      if (!again) break;
    }
    return outcome;
  }
  HttpOutcome ask(const HttpRequest& request, HttpReply& reply, unsigned times = attempts) {
    return ask(
        reply,
        [&](const HttpLimits& limits) { return http_exchange(request, reply, limits, &stopping_); },
        times);
  }

  static HttpRequest request_to(const HttpEndpoint& endpoint, const char* path) {
    HttpRequest request;
    request.host = endpoint.host;
    request.port = endpoint.port;
    request.path = endpoint.path + path;
    if (request.path.empty()) request.path = "/";
    return request;
  }

  static std::string trouble(const HttpRequest& request, HttpOutcome outcome, int status) {
    std::string text = request.host + ":" + request.port + " " + describe(outcome);
    if (outcome == HttpOutcome::ok) text += " with status " + std::to_string(status);
    return text;
  }

  // Elastic Beanstalk: its file is the proof of it.

  void look_for_elastic_beanstalk() {
    constexpr const char* path = "/var/elasticbeanstalk/xray/environment.conf";
    const auto file = read_file(path);
    if (!file) {
      say_absent(Plugin::elastic_beanstalk, std::string(path) + " is not there or can't be read");
      return;
    }
    JsonFields fields({"environment_name", "version_label", "deployment_id"});
    const bool parsed = fields.parse(*file);
    const std::string environment = fields.text("environment_name");
    const std::string version = fields.text("version_label");
    const auto deployment = fields.integer("deployment_id");
    if (!parsed || (environment.empty() && version.empty() && !deployment)) {
      complain(Plugin::elastic_beanstalk, std::string(path) + " is not as expected");
      return;
    }
    found("AWS::ElasticBeanstalk::Environment", "elastic_beanstalk",
          JsonObject()
              .add("environment_name", environment)
              .add("version_label", version)
              .add("deployment_id", deployment)
              .text());
  }

  // EKS: what every container of Kubernetes has, and the cluster's name from where CloudWatch's
  // Container Insights put it.

  void look_for_eks() {
    constexpr const char* account = "/var/run/secrets/kubernetes.io/serviceaccount/token";
    const auto token = read_file(account);
    if (!token && settings_.kubernetes_host.empty()) {
      say_absent(Plugin::eks, std::string("neither KUBERNETES_SERVICE_HOST nor ") + account +
                                  " is there: not in Kubernetes");
      return;
    }
    const std::string pod = host_name();
    const std::string container = container_id();
    const auto publish_eks = [&](const std::string& cluster) {
      found("AWS::EKS::Container", "eks",
            JsonObject()
                .add("cluster_name", cluster)
                .add("pod", pod)
                .add("container_id", container)
                .text());
    };
    publish_eks("");
    const std::string cluster = token ? cluster_name(*token) : std::string();
    if (cluster.empty()) return;
    add_log_group("/aws/containerinsights/" + cluster + "/application", "");
    publish_eks(cluster);
  }

  std::string cluster_name(std::string_view token) {
    const HttpsExchange exchange = https_exchange.load(std::memory_order_acquire);
    if (exchange == nullptr) return {};
    const auto authority = read_file("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt");
    if (!authority) {
      complain(Plugin::eks, "the service account has a token but no ca.crt", no_cluster_name);
      return {};
    }
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.remove_suffix(1);
    HttpRequest request;
    request.host = settings_.kubernetes_host.empty() ? std::string("kubernetes.default.svc")
                                                     : settings_.kubernetes_host;
    request.port =
        settings_.kubernetes_port.empty() ? std::string("443") : settings_.kubernetes_port;
    request.path = "/api/v1/namespaces/amazon-cloudwatch/configmaps/cluster-info";
    request.headers = {{"Accept", "application/json"},
                       {"Authorization", "Bearer " + std::string(token)}};
    HttpReply reply;
    const HttpOutcome outcome = ask(reply, [&](const HttpLimits& limits) {
      return exchange(request, *authority, reply, limits, &stopping_);
    });
    if (outcome != HttpOutcome::ok || reply.status != 200) {
      complain(Plugin::eks, trouble(request, outcome, reply.status), no_cluster_name);
      return {};
    }
    JsonFields fields({"data/cluster.name"});
    const bool parsed = fields.parse(reply.body);
    std::string name = fields.text("data/cluster.name");
    if (!parsed || name.empty()) {
      complain(Plugin::eks, "the configuration map cluster-info names no cluster", no_cluster_name);
      return {};
    }
    return name;
  }

  // ECS: its agent sets a variable in every container, and answers there.

  void look_for_ecs() {
    if (settings_.ecs.empty()) {
      say_absent(Plugin::ecs,
                 "neither ECS_CONTAINER_METADATA_URI_V4 nor ECS_CONTAINER_METADATA_URI is there: "
                 "not in ECS");
      return;
    }
    std::string id;
    std::string arn;
    std::string trouble_text;
    for (const HttpEndpoint& endpoint : settings_.ecs) {
      const HttpRequest request = request_to(endpoint, "");
      HttpReply reply;
      const HttpOutcome outcome = ask(request, reply);
      if (outcome != HttpOutcome::ok || reply.status != 200) {
        trouble_text = trouble(request, outcome, reply.status);
        continue;
      }
      JsonFields fields(
          {"DockerId", "ContainerARN", "LogOptions/awslogs-group", "LogOptions/awslogs-region"});
      const bool parsed = fields.parse(reply.body);
      id = fields.text("DockerId");
      if (!parsed || id.empty()) {
        id.clear();
        trouble_text = request.host + ":" + request.port + " answered with something else";
        continue;
      }
      arn = fields.text("ContainerARN");
      const std::string group = fields.text("LogOptions/awslogs-group");
      add_log_group(group, log_group_arn(arn, fields.text("LogOptions/awslogs-region"), group));
      break;
    }
    if (id.empty()) {
      complain(Plugin::ecs, trouble_text, "segments leave without the container's ARN");
      id = container_id();
    }
    found("AWS::ECS::Container", "ecs",
          JsonObject()
              .add("container", host_name())
              .add("container_id", id)
              .add("container_arn", arn)
              .text());
  }

  /// In the container's account and partition: arn:aws:logs:<region>:<account>:log-group:<name>.
  static std::string log_group_arn(std::string_view container_arn, const std::string& region,
                                   const std::string& group) {
    std::string_view parts[5];  // arn, partition, service, region, account
    for (std::string_view& part : parts) {
      const std::size_t colon = container_arn.find(':');
      if (colon == std::string_view::npos) return {};
      part = container_arn.substr(0, colon);
      container_arn.remove_prefix(colon + 1);
    }
    if (parts[0] != "arn" || parts[4].empty() || region.empty()) return {};
    return "arn:" + std::string(parts[1]) + ":logs:" + region + ":" + std::string(parts[4]) +
           ":log-group:" + group;
  }

  // EC2: the instance metadata service, with a token (version 2), or without one where it has none.

  void look_for_ec2() {
    if (settings_.ec2_disabled) {
      say_absent(Plugin::ec2, "AWS_EC2_METADATA_DISABLED is true");
      return;
    }
    HttpRequest ask_token = request_to(settings_.ec2, "/latest/api/token");
    ask_token.method = "PUT";
    ask_token.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}};
    HttpReply token;
    HttpOutcome outcome = ask_for_token(ask_token, token);
    const bool has_token = outcome == HttpOutcome::ok && token.status == 200;
    // No answer at all: from inside a container, the reply with the token may be one hop short.
    const bool may_be_v1 =
        !settings_.ec2_v1_disabled &&
        (outcome == HttpOutcome::timed_out ||
         (outcome == HttpOutcome::ok && token.status >= 400 && token.status < 500));
    if (!has_token && !may_be_v1) {
      const std::string text = trouble(ask_token, outcome, token.status);
      if (outcome == HttpOutcome::not_connected || outcome == HttpOutcome::timed_out) {
        say_absent(Plugin::ec2, text);
      } else {
        complain(Plugin::ec2, text);
      }
      return;
    }
    HttpRequest request = request_to(settings_.ec2, "/latest/dynamic/instance-identity/document");
    if (has_token) request.headers = {{"X-aws-ec2-metadata-token", token.body}};
    HttpReply reply;
    outcome = ask(request, reply);
    if (outcome == HttpOutcome::ok && reply.status == 404) {  // another cloud's metadata service
      say_absent(Plugin::ec2, trouble(request, outcome, reply.status));
      return;
    }
    if (outcome != HttpOutcome::ok || reply.status != 200) {
      complain(Plugin::ec2, trouble(request, outcome, reply.status));
      return;
    }
    JsonFields fields({"instanceId", "availabilityZone", "instanceType", "imageId"});
    const bool parsed = fields.parse(reply.body);
    const std::string instance = fields.text("instanceId");
    if (!parsed || instance.empty()) {
      complain(Plugin::ec2, request.host + ":" + request.port +
                                " answered with something else than an identity");
      return;
    }
    add_agent_log_groups();
    found("AWS::EC2::Instance", "ec2",
          JsonObject()
              .add("instance_id", instance)
              .add("availability_zone", fields.text("availabilityZone"))
              .add("instance_size", fields.text("instanceType"))
              .add("ami_id", fields.text("imageId"))
              .text());
  }

  /// As often as others, but once only where there is a service that keeps silent: see above.
  HttpOutcome ask_for_token(const HttpRequest& request, HttpReply& reply) {
    HttpOutcome outcome = HttpOutcome::cancelled;
    for (unsigned i = 0; i < attempts; ++i) {
      if (i != 0) rest(pause_before_retry * i);
      outcome = ask(request, reply, 1);
      const bool again = outcome == HttpOutcome::ok ? reply.status == 429 || reply.status >= 500
                                                    : outcome != HttpOutcome::timed_out &&
                                                          outcome != HttpOutcome::too_large;
      if (!again || stopping_.load(std::memory_order_relaxed)) break;
    }
    return outcome;
  }

  /// What the CloudWatch agent of this instance collects.
  void add_agent_log_groups() {
    constexpr const char* path = "/opt/aws/amazon-cloudwatch-agent/etc/log-config.json";
    const auto file = read_file(path);
    if (!file) return;
    JsonFields fields({"log_configs/[]/log_group_name"});
    if (!fields.parse(*file)) {
      complain(Plugin::ec2, std::string(path) + " is not as expected",
               "segments leave without its log groups");
      return;
    }
    for (std::string& group : fields.texts("log_configs/[]/log_group_name")) {
      add_log_group(std::move(group), "");
    }
  }

  const PluginSettings& settings_;
  const std::atomic<bool>& stopping_;
  const std::int64_t deadline_ = nanoseconds_of(CLOCK_MONOTONIC) + longest;
  Surroundings found_;
  std::vector<LogGroup> log_groups_;
};

XRAY_DECL PluginThread::PluginThread(const PluginSettings& settings) : settings_(settings) {
  if (!settings.log_group.empty()) {
    Surroundings known;
    known.aws.emplace_back("cloudwatch_logs", to_json({{settings.log_group, ""}}));
    publish(std::move(known));
  }
  if (settings.wanted.empty()) {
    complete_.store(true);
    state_.store(State::over);
  }
}

XRAY_DECL void PluginThread::begin() noexcept {
  State expected = State::idle;
  if (!state_.compare_exchange_strong(expected, State::running)) return;
  pthread_t thread{};
  const int error = start_thread(thread, ThreadEnd::detached, &PluginThread::run, this);
  if (error != 0) {
    state_.store(State::over);
    count(counters.plugins_failed);
    reports.thread("xray: no thread could be started to ask the plugins");
  }
}

XRAY_DECL void* PluginThread::run(void* self) noexcept {
  auto& thread = *static_cast<PluginThread*>(self);
  pthread_setname_np(pthread_self(), "xray-plugins");
  XRAY_TRY {
    PluginLookup(thread.settings_, thread.stopping_).run();
  }
  XRAY_CATCH_BAD_ALLOC {
    count(counters.plugins_failed);
    reports.no_memory("xray: no memory to ask the plugins");
  }
  if (!thread.stopping_.load()) thread.complete_.store(true);
  thread.state_.store(State::over);
  thread.over_.wake();
  return nullptr;
}

XRAY_DECL bool PluginThread::stop(std::chrono::nanoseconds timeout) noexcept {
  stopping_.store(true);
  State expected = State::idle;
  if (state_.compare_exchange_strong(expected, State::over)) return true;
  const std::int64_t deadline = nanoseconds_of(CLOCK_MONOTONIC) + timeout.count();
  while (true) {
    const std::uint32_t seen = over_.read();
    if (state_.load() == State::over) return true;
    const std::int64_t left = deadline - nanoseconds_of(CLOCK_MONOTONIC);
    if (left <= 0) return false;
    over_.wait(seen, left);
  }
}

XRAY_DECL void PluginThread::after_fork_in_child() noexcept {
  stopping_.store(false);
  state_.store(complete_.load() ? State::over : State::idle);
}

}  // namespace detail
XRAY_NAMESPACE_END
