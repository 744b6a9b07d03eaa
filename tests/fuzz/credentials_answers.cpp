// Any text as the answer of a container's agent, of EC2, of STS, of a credential_process: keys that
// are fit for headers, or a problem that shows nothing of them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "credentials/answers.hpp"
#include "credentials/iso_time.hpp"
#include "credentials/xml_fields.hpp"

namespace {

using xrayd::credentials::KeysAnswer;
using xrayd::credentials::ServiceError;

void expect(bool condition) {
  if (!condition) std::abort();
}

void expect_fit(std::string_view text) {
  for (const char c : text) expect(c > ' ' && c < '\x7F');
}

void check(const KeysAnswer& answer, bool for_a_time) {
  const auto& keys = answer.keys;
  if (!answer.problem.empty()) {
    expect(keys.access_key_id.empty() && keys.secret_access_key.empty() &&
           keys.session_token.empty() && !answer.expires);
    expect(answer.problem.find_first_of("\r\n") == std::string::npos);
    return;
  }
  expect(!keys.access_key_id.empty() && !keys.secret_access_key.empty());
  expect(!for_a_time || (!keys.session_token.empty() && answer.expires));
  expect_fit(keys.access_key_id);
  expect_fit(keys.secret_access_key.reveal());
  expect_fit(keys.session_token.reveal());
}

void check(const ServiceError& error) {
  for (const std::string* text : {&error.code, &error.message}) {
    expect(text->size() <= 200);
    for (const char c : *text) expect(c >= ' ' && c <= '~');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xrayd::credentials;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(read_container_answer(text), true);
  check(read_instance_answer(text), true);
  check(read_process_answer(text), false);
  check(read_sts_answer(text), true);
  check(read_json_error(text));
  check(read_sts_error(text));

  const auto fields = read_xml_fields(text);
  expect(fields.size() <= 256);
  for (const auto& field : fields) expect(!field.path.empty());

  if (const auto time = parse_iso_time(text)) {
    expect(parse_iso_time(to_iso_time(*time)) == time);
  }
  return 0;
}
