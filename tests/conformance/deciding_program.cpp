// Decides about requests that it reads, one a line, for tests that set other samplers beside ours.
//
//     deciding_program rules FILE
//     deciding_program central HOST:PORT RULES_MS TARGETS_MS
//
// A line of input is a number of requests and what they are alike in, separated by tabs: number,
// service name, host, method, path. The answer is how many were sampled, and the last rule's name.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include <xray/samplers.hpp>

namespace {

std::shared_ptr<xray::Sampler> sampler_of(int argc, char** argv) {
  const std::string_view kind = argc > 2 ? argv[1] : "";
  if (kind == "rules") {
    const auto result = xray::samplers::rules_from_file(argv[2]);
    if (result.sampler == nullptr) std::cerr << result.error << '\n';
    return result.sampler;
  }
  if (kind == "central" && argc == 5) {
    xray::samplers::CentralOptions options;
    options.daemon_address = argv[2];
    options.rules_interval = std::chrono::milliseconds(std::atoi(argv[3]));
    options.targets_interval = std::chrono::milliseconds(std::atoi(argv[4]));
    options.fallback = xray::samplers::never();
    return xray::samplers::central(options);
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  const auto sampler = sampler_of(argc, argv);
  if (sampler == nullptr) return EXIT_FAILURE;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream fields(line);
    std::string number, service, host, method, path;
    for (std::string* field : {&number, &service, &host, &method, &path}) {
      std::getline(fields, *field, '\t');
    }
    xray::SamplingRequest request;
    request.service_name = service;
    request.host = host;
    request.method = method;
    request.path = path;
    int sampled = 0;
    std::string rule;
    for (int left = std::atoi(number.c_str()); left > 0; --left) {
      const xray::SamplingDecision decision = sampler->decide(request);
      if (!decision.sampled) continue;
      ++sampled;
      rule = decision.rule_name.view();
    }
    std::cout << sampled << '\t' << rule << std::endl;
  }
  return EXIT_SUCCESS;
}
