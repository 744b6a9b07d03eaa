#include "credentials/region_finder.hpp"

#include <exception>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "config/log.hpp"
#include "credentials/container_provider.hpp"
#include "credentials/inquiry.hpp"
#include "credentials/instance_metadata.hpp"
#include "credentials/profile_files.hpp"
#include "credentials/small_file.hpp"

namespace xrayd::credentials {
namespace {

using namespace std::chrono_literals;

struct Fetched {
  std::optional<std::string> text;
  std::string complaint;
};

Fetched ecs_file(const Environment& environment) {
  Fetched result;
  const std::string path = value_of(environment, "ECS_CONTAINER_METADATA_FILE");
  if (path.empty() || !is_true(environment, "ECS_ENABLE_CONTAINER_METADATA")) return result;
  FileText file = read_small_file(path);
  if (file.problem.empty()) {
    result.text = std::move(file.text);
  } else {
    result.complaint = "ECS_CONTAINER_METADATA_FILE: " + file.problem;
  }
  return result;
}

bool has_ecs_service(const Environment& environment) {
  return !value_of(environment, "ECS_CONTAINER_METADATA_URI_V4").empty();
}

/// The task's metadata from ECS's agent: the only way on Fargate.
Fetched ecs_service(const Environment& environment, Inquiry& inquiry) {
  Fetched result;
  try {
    const ContainerUrl url =
        parse_container_url(value_of(environment, "ECS_CONTAINER_METADATA_URI_V4") + "/task");
    net::HttpClient& client = inquiry.client(
        {.connect_timeout = 1s, .longest_body = longest_file, .through_proxy = false});
    constexpr int attempts = 3;
    for (int attempt = 1;; ++attempt) {
      net::HttpResult answer =
          inquiry.send(client, url.endpoint, {.method = "GET", .target = url.target}, 1500ms);
      const bool answered = answer.end == aws::RequestEnd::answered;
      if (answered && answer.response.status == 200) {
        result.text = std::move(answer.response.body);
        return result;
      }
      result.complaint = "ECS metadata: " + (answered ? url.endpoint.authority() + " answered " +
                                                            std::to_string(answer.response.status)
                                                      : answer.problem);
      if (attempt == attempts || !inquiry.pause(100ms * attempt)) return result;
    }
  } catch (const aws::EndpointError& problem) {
    result.complaint = std::string("ECS_CONTAINER_METADATA_URI_V4: ") + problem.what();
  }
  return result;
}

Fetched ec2_identity(const Environment& environment, Inquiry& inquiry) {
  Fetched result;
  result.complaint = instance_metadata_disabled(environment);
  if (result.complaint.empty()) {
    InstanceMetadata metadata(environment, inquiry);
    MetadataText answer = metadata.get("/latest/dynamic/instance-identity/document");
    if (answer.problem.empty()) {
      result.text = std::move(answer.text);
      return result;
    }
    result.complaint = std::move(answer.problem);
  }
  result.complaint = "EC2 metadata: " + result.complaint;
  return result;
}

/// Something that is fetched on a thread of its own, or on the caller's where there is none to be
/// had.
class Errand {
 public:
  Errand(const RegionQuestion& question, Fetched (*fetch)(const Environment&, Inquiry&))
      : question_(question),
        fetch_(fetch),
        inquiry_(question.clients, question.patience),
        stop_(question.stop, [this] { inquiry_.call_off(); }) {
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
      run();
    }
  }
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;
  ~Errand() {
    inquiry_.call_off();
    if (thread_.joinable()) thread_.join();
  }

  /// Waits for it.
  Fetched& wait() {
    if (thread_.joinable()) thread_.join();
    return fetched_;
  }

 private:
  void run() noexcept {
    try {
      fetched_ = fetch_(question_.environment, inquiry_);
    } catch (const std::exception& problem) {
      fetched_.complaint = problem.what();
    }
  }

  const RegionQuestion& question_;
  Fetched (*fetch_)(const Environment&, Inquiry&);
  Inquiry inquiry_;
  std::stop_callback<std::function<void()>> stop_;
  Fetched fetched_;
  std::thread thread_;
};

/// What the profile says; a file that can't be read is a complaint.
Fetched profile_region(const RegionQuestion& question) {
  Fetched result;
  try {
    const std::string name = profile_name(question.environment, question.profile);
    const ProfileFiles files = read_profile_files(question.environment);
    if (files.config.has_profile(name)) result.text = files.config.profile(name).region;
  } catch (const aws::SharedConfigError& problem) {
    result.complaint = problem.what();
  }
  return result;
}

/// Asks ECS's agent and EC2 at the same time, and takes ECS's word where it has one.
aws::RegionChoice ask_services(const RegionQuestion& question, aws::RegionInputs inputs,
                               std::vector<std::string>& complaints) {
  const auto take = [&complaints](Fetched& fetched, std::optional<std::string>& input) {
    if (!fetched.complaint.empty()) complaints.push_back(std::move(fetched.complaint));
    input = std::move(fetched.text);
  };
  Errand ec2(question, ec2_identity);
  if (has_ecs_service(question.environment)) {
    Errand ecs(question, ecs_service);
    aws::RegionInputs first = inputs;
    take(ecs.wait(), first.ecs_metadata);
    aws::RegionChoice choice = aws::choose_region(first);
    if (!choice.region.empty()) return choice;
    if (first.ecs_metadata) inputs.ecs_metadata = std::move(first.ecs_metadata);
  }
  take(ec2.wait(), inputs.ec2_identity);
  return aws::choose_region(inputs);
}

}  // namespace

aws::RegionChoice find_region(const RegionQuestion& question) {
  aws::RegionInputs inputs;
  inputs.option = question.option;
  inputs.environment = value_of(question.environment, "AWS_REGION");
  inputs.local_mode = question.local_mode;
  std::vector<std::string> complaints;
  if (inputs.option.empty() && inputs.environment.empty()) {
    if (question.local_mode) {
      inputs.default_region = value_of(question.environment, "AWS_DEFAULT_REGION");
      if (inputs.default_region.empty()) {
        Fetched profile = profile_region(question);
        if (!profile.complaint.empty()) complaints.push_back(std::move(profile.complaint));
        inputs.profile_region = profile.text.value_or(std::string());
      }
    } else {
      Fetched file = ecs_file(question.environment);
      if (!file.complaint.empty()) complaints.push_back(std::move(file.complaint));
      inputs.ecs_metadata = std::move(file.text);
    }
  }
  aws::RegionChoice choice = aws::choose_region(inputs);
  if (choice.region.empty() && !question.local_mode) {
    choice = ask_services(question, std::move(inputs), complaints);
  }
  choice.complaints.insert(choice.complaints.begin(), complaints.begin(), complaints.end());
  return choice;
}

namespace {

Instance ask_for_instance(const RegionQuestion& question, Inquiry& inquiry) {
  Instance instance{.hostname = value_of(question.environment, "AWS_HOSTNAME"),
                    .id = value_of(question.environment, "AWS_INSTANCE_ID")};
  if ((!instance.hostname.empty() && !instance.id.empty()) || question.local_mode ||
      !instance_metadata_disabled(question.environment).empty()) {
    return instance;
  }
  InstanceMetadata metadata(question.environment, inquiry);
  const auto fetch = [&metadata](std::string& value, std::string_view path) {
    if (!value.empty()) return;
    constexpr std::size_t longest = 255;
    const MetadataText answer = metadata.get(path);
    if (!answer.problem.empty() || answer.text.size() > longest) return;
    for (const char c : answer.text) {
      if (c <= ' ' || c > '~') return;
    }
    value = answer.text;
  };
  fetch(instance.id, "/latest/meta-data/instance-id");
  fetch(instance.hostname, "/latest/meta-data/hostname");
  return instance;
}

}  // namespace

Instance find_instance(const RegionQuestion& question) {
  Inquiry inquiry(question.clients, question.patience);
  return ask_for_instance(question, inquiry);
}

class InstanceLookUp::Impl {
 public:
  Impl(RegionQuestion question, std::function<void(const Instance&)> found)
      : question_(std::move(question)),
        found_(std::move(found)),
        inquiry_(question_.clients, question_.patience),
        thread_([this] { run(); }) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    inquiry_.call_off();
    thread_.join();
  }

 private:
  void run() noexcept {
    try {
      const Instance instance = ask_for_instance(question_, inquiry_);
      if (!inquiry_.called_off()) found_(instance);
    } catch (const std::exception& problem) {
      log::debug(std::string("this instance's name was not found: ") + problem.what());
    }
  }

  RegionQuestion question_;
  std::function<void(const Instance&)> found_;
  Inquiry inquiry_;
  std::thread thread_;
};

InstanceLookUp::InstanceLookUp(RegionQuestion question, std::function<void(const Instance&)> found)
    : impl_(std::make_unique<Impl>(std::move(question), std::move(found))) {
}
InstanceLookUp::~InstanceLookUp() = default;

}  // namespace xrayd::credentials
