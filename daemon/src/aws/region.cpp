#include "aws/region.hpp"

#include <rapidjson/document.h>

#include <cstddef>

#include "aws/endpoints.hpp"

namespace xrayd::aws {
namespace {

/// False if the text is no object.
bool parse_object(const std::string& text, rapidjson::Document& document) {
  constexpr std::size_t longest = std::size_t{1} << 20U;
  constexpr auto flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  if (text.size() > longest) return false;
  document.Parse<flags>(text.data(), text.size());
  return !document.HasParseError() && document.IsObject();
}

std::string_view text_member(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

/// `arn:aws:ecs:us-east-1:123456789012:task/...`: the fourth field.
std::string_view region_of_arn(std::string_view arn) {
  for (int field = 0; field < 3; ++field) {
    const std::size_t colon = arn.find(':');
    if (colon == arn.npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find(':'));
}

/// The region in a task's metadata, or why there is none.
std::string read_ecs(const std::string& text, std::string& complaint) {
  rapidjson::Document document;
  if (!parse_object(text, document)) {
    complaint = "ECS metadata are no JSON object";
    return {};
  }
  std::string_view arn = text_member(document, "TaskARN");
  // A container's metadata have it among its labels.
  if (arn.empty() && document.HasMember("Labels") && document["Labels"].IsObject()) {
    arn = text_member(document["Labels"], "com.amazonaws.ecs.task-arn");
  }
  const std::string_view region = region_of_arn(arn);
  if (is_region(region)) return std::string(region);
  complaint =
      arn.empty() ? "ECS metadata have no TaskARN" : "TaskARN of ECS metadata has no region";
  return {};
}

std::string read_ec2(const std::string& text, std::string& complaint) {
  rapidjson::Document document;
  if (!parse_object(text, document)) {
    complaint = "EC2's instance identity document is no JSON object";
    return {};
  }
  const std::string_view region = text_member(document, "region");
  if (is_region(region)) return std::string(region);
  complaint = "EC2's instance identity document has no region";
  return {};
}

}  // namespace

RegionChoice choose_region(const RegionInputs& inputs) {
  RegionChoice choice;
  const auto take_text = [&choice](const std::string& text, RegionSource source) {
    if (text.empty()) return false;
    check_region(text, to_string(source));
    choice.region = text;
    choice.source = source;
    return true;
  };
  const auto take_metadata = [&choice](const std::optional<std::string>& text, auto read,
                                       RegionSource source) {
    if (!text) return false;
    std::string complaint;
    choice.region = read(*text, complaint);
    choice.source = source;
    if (!complaint.empty()) choice.complaints.push_back(complaint);
    return !choice.region.empty();
  };

  if (take_text(inputs.option, RegionSource::option) ||
      take_text(inputs.environment, RegionSource::environment)) {
    return choice;
  }
  const bool found =
      inputs.local_mode
          ? take_text(inputs.default_region, RegionSource::default_region) ||
                take_text(inputs.profile_region, RegionSource::profile)
          : take_metadata(inputs.ecs_metadata, read_ecs, RegionSource::ecs_metadata) ||
                take_metadata(inputs.ec2_identity, read_ec2, RegionSource::ec2_metadata);
  if (!found) choice.source = RegionSource::option;
  return choice;
}

std::string_view to_string(RegionSource source) {
  switch (source) {
    case RegionSource::option:
      return "--region";
    case RegionSource::environment:
      return "AWS_REGION";
    case RegionSource::ecs_metadata:
      return "ECS metadata";
    case RegionSource::ec2_metadata:
      return "EC2 metadata";
    case RegionSource::default_region:
      return "AWS_DEFAULT_REGION";
    case RegionSource::profile:
      return "region of the profile";
  }
  return "nowhere";
}

}  // namespace xrayd::aws
