// Records one segment and looks at the document that would have been sent.
#include <iostream>
#include <string>
#include <vector>
#if defined(CONSUMER_EKS)
#include <xray/eks.hpp>
#endif
#include <xray/testing.hpp>
#include <xray/xray.hpp>

#include "other.hpp"

int main() {
#if defined(CONSUMER_EKS)
  xray::enable_eks_cluster_name();
#endif
  const auto emitter = xray::testing::CapturingEmitter::install();
  {
    xray::Segment segment("consumer");
    segment.add_annotation("customer", "c-17");
    if (answer_in_a_subsegment() != 42) return 1;
  }
  const std::vector<std::string> documents = emitter->documents();
  if (documents.size() != 1) {
    std::cerr << documents.size() << " documents were emitted\n";
    return 1;
  }
  for (const char* part : {"\"name\":\"consumer\"", "\"customer\":\"c-17\"", "\"other-file\""}) {
    if (documents.front().find(part) == std::string::npos) {
      std::cerr << part << " is missing in " << documents.front() << '\n';
      return 1;
    }
  }
  std::cout << "xray " << xray::version() << '\n';
  return 0;
}
