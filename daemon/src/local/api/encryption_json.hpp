// The encryption's configuration in answers.
#pragma once

#include <string>
#include <string_view>

#include "local/api/answer.hpp"

namespace xrayd::local::api {

/// `key` is empty where there is no encryption, `status` UPDATING or ACTIVE.
[[nodiscard]] inline std::string encryption_answer(std::string_view key, std::string_view status) {
  return object_text([&](JsonWriter& writer) {
    write_key(writer, "EncryptionConfig");
    writer.StartObject();
    write_if_any(writer, "KeyId", key);
    write_member(writer, "Status", status);
    write_member(writer, "Type", key.empty() ? "NONE" : "KMS");
    writer.EndObject();
  });
}

}  // namespace xrayd::local::api
