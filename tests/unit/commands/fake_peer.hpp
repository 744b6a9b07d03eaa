// Somebody to ask who answers what the test says.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "commands/peer.hpp"

namespace xrayd::commands {

class FakePeer final : public Peer {
 public:
  [[nodiscard]] std::string name() const override { return "the fake"; }

  std::deque<Answer> answers;
  /// What is answered when there are no more of those.
  Answer otherwise{200, "{}"};
  /// Method, target and body, joined by blanks.
  std::vector<std::string> asked;

 private:
  Answer exchange(std::string_view method, const std::string& target,
                  std::string_view body) override {
    asked.push_back(std::string(method) + " " + target + " " + std::string(body));
    if (answers.empty()) return otherwise;
    Answer answer = answers.front();
    answers.pop_front();
    return answer;
  }
};

}  // namespace xrayd::commands
