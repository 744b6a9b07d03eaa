// Where trace segments go, in answers.
#pragma once

#include <string>
#include <string_view>

#include "local/api/answer.hpp"

namespace xrayd::local::api {

[[nodiscard]] inline std::string destination_answer(std::string_view destination) {
  return object_text([&](JsonWriter& writer) {
    write_member(writer, "Destination", destination);
    write_member(writer, "Status", "ACTIVE");
  });
}

}  // namespace xrayd::local::api
