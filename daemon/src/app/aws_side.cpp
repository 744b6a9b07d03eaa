#include "app/aws_side.hpp"

#include <exception>
#include <utility>

#include "config/log.hpp"
#include "read_environment.hpp"
#include "startup_error.hpp"

namespace xrayd::app {
namespace {

net::ClientFactory clients_of(const net::Network& network) {
  return [&network](const net::ClientSettings& settings) { return network.client(settings); };
}

/// What X-Ray's service knows this daemon by: the words of the one before, then ours.
std::string user_agent() {
  std::string environment = read_environment("AWS_EXECUTION_ENV").value_or("UNKNOWN");
  // What no header can have would keep everything from being sent.
  std::erase_if(environment, [](char c) { return c <= ' ' || c > '~'; });
  return "xray-agent/xray-daemon/3.6.6 xrayd/" XRAYD_VERSION " exec-env/" + environment +
         " OS/linux";
}

forward::ForwarderSettings forwarder_settings(const config::Options& options,
                                              std::function<intake::Totals()> intake) {
  const config::ForwardOptions& given = options.forward;
  forward::ForwarderSettings settings;
  settings.backlog.memory_bytes =
      options.backend == config::BackendKind::both ? options.queue_bytes / 2 : options.queue_bytes;
  settings.backlog.spool_dir = given.spool_dir;
  settings.backlog.spool_bytes = given.spool_bytes;
  settings.backlog.batch_time = given.batch_time;
  settings.concurrency = given.concurrency;
  settings.request_timeout = given.request_timeout;
  settings.retry.attempts = given.max_attempts;
  settings.retry.base = given.retry_base;
  settings.retry.ceiling = given.retry_max;
  settings.retry.budget = given.retry_budget;
  settings.resource_arn = given.resource_arn;
  settings.telemetry_interval =
      given.telemetry ? given.telemetry_interval : std::chrono::milliseconds{0};
  settings.user_agent = user_agent();
  settings.intake = std::move(intake);
  return settings;
}

forward::PassedRequest passed(const web::Request& request) {
  forward::PassedRequest result;
  result.method = request.method;
  result.path = request.path;
  result.query = request.query;
  for (const auto& [name, value] : request.headers) result.headers.push_back({name, value});
  result.body = request.body;
  return result;
}

web::Response answered(net::HttpResponse&& answer) {
  web::Response response;
  response.status = answer.status;
  for (net::Header& header : answer.headers) {
    response.headers.emplace_back(std::move(header.name), std::move(header.value));
  }
  response.body = std::move(answer.body);
  return response;
}

}  // namespace

net::NetworkSettings network_settings(const config::Options& options) {
  return {options.aws.proxy, options.aws.no_proxy, options.aws.ca_bundle.string(),
          options.aws.verify_tls};
}

credentials::RegionQuestion region_question(const config::Options& options,
                                            const net::Network& network) {
  credentials::RegionQuestion question;
  question.environment = read_environment;
  question.clients = clients_of(network);
  question.option = options.aws.region;
  question.local_mode = options.aws.local_mode;
  question.profile = options.aws.profile;
  return question;
}

credentials::KeeperSettings keeper_settings(const config::Options& options,
                                            const net::Network& network) {
  credentials::KeeperSettings settings;
  settings.environment = read_environment;
  settings.clients = clients_of(network);
  settings.local_mode = options.aws.local_mode;
  settings.role_arn = options.aws.role_arn;
  settings.external_id = options.aws.external_id;
  settings.profile = options.aws.profile;
  settings.fips = options.aws.fips;
  settings.dual_stack = options.aws.dual_stack;
  return settings;
}

aws::Endpoint xray_endpoint(const config::Options& options, const std::string& region) {
  aws::EndpointOptions endpoint;
  endpoint.fips = options.aws.fips;
  endpoint.dual_stack = options.aws.dual_stack;
  endpoint.url = options.aws.endpoint;
  return aws::endpoint_of(aws::Service::xray, region, endpoint);
}

std::string region_of(const credentials::RegionQuestion& question) {
  aws::RegionChoice choice;
  try {
    choice = credentials::find_region(question);
  } catch (const aws::EndpointError& problem) {
    throw StartupError(problem.what());
  }
  for (const std::string& complaint : choice.complaints) log::warn(complaint);
  if (choice.region.empty()) throw StartupError(std::string(aws::no_region_message));
  return choice.region;
}

AwsSide::AwsSide(const config::Options& options, std::function<intake::Totals()> intake)
    : options_(options),
      network_(network_settings(options)),
      keeper_(keeper_settings(options, network_)),
      forwarder_(forwarder_settings(options, std::move(intake)), clients_of(network_)),
      proxy_({options.forward.proxy_all_paths, options.forward.proxy_timeout},
             clients_of(network_)) {
}

AwsSide::~AwsSide() = default;

void AwsSide::connect(std::stop_token stop) {
  credentials::RegionQuestion question = region_question(options_, network_);
  question.stop = std::move(stop);
  const std::string region = region_of(question);
  log::info("Using region: " + region);
  aws::Endpoint endpoint;
  try {
    endpoint = xray_endpoint(options_, region);
  } catch (const aws::EndpointError& problem) {
    throw StartupError(std::string("unable to parse xray endpoint: ") + problem.what());
  }
  log::info("HTTP Proxy server using X-Ray Endpoint : " + endpoint.url());
  proxy_.start(endpoint, keeper_);  // first: once there are credentials, calls pass
  keeper_.start(region);
  forwarder_.start(endpoint, keeper_);
  if (!options_.forward.telemetry) return;
  try {
    instance_.emplace(question, [this](const credentials::Instance& instance) {
      forwarder_.set_instance(instance.hostname, instance.id);
    });
  } catch (const std::exception& problem) {
    log::warn(std::string("this instance's name can't be looked for: ") + problem.what());
  }
}

std::optional<web::Response> AwsSide::pass_on(const web::Request& request) {
  if (!proxy_.passes(request.method, request.path)) return std::nullopt;
  return answered(proxy_.pass(passed(request)));
}

std::string AwsSide::trouble() const {
  std::string why = keeper_.trouble();
  return why.empty() ? forwarder_.trouble() : why;
}

void AwsSide::report(CounterRows& rows) const {
  forwarder_.report(rows);
  keeper_.report(rows);
  proxy_.report(rows);
}

}  // namespace xrayd::app
