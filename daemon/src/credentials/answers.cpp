#include "credentials/answers.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "credentials/iso_time.hpp"
#include "credentials/xml_fields.hpp"

namespace xrayd::credentials {
namespace {

/// A JSON object, parsed in a copy of the text that is overwritten afterwards.
class JsonObject {
 public:
  explicit JsonObject(std::string_view text) : buffer_(text) {
    // Encodings are not validated: in place, RapidJSON reads beyond a text that ends within a
    // character. What we use of an answer is ASCII or is not used.
    constexpr auto flags = rapidjson::kParseIterativeFlag | rapidjson::kParseInsituFlag;
    if (text.size() > longest_answer) return;
    document_.ParseInsitu<flags>(buffer_.data());
    is_object_ = !document_.HasParseError() && document_.IsObject();
  }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;
  ~JsonObject() { const aws::Secret wiped(std::move(buffer_)); }

  [[nodiscard]] bool is_object() const { return is_object_; }

  /// Empty if there is no such text.
  [[nodiscard]] std::string_view text(const char* name) const {
    const rapidjson::Value* value = find(name);
    if (value == nullptr || !value->IsString()) return {};
    return {value->GetString(), value->GetStringLength()};
  }

  [[nodiscard]] bool is_number(const char* name, int number) const {
    const rapidjson::Value* value = find(name);
    return value != nullptr && value->IsInt() && value->GetInt() == number;
  }

 private:
  [[nodiscard]] const rapidjson::Value* find(const char* name) const {
    if (!is_object_) return nullptr;
    const rapidjson::Value& object = document_;
    const auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
  }

  std::string buffer_;
  rapidjson::Document document_;
  bool is_object_ = false;
};

/// Views of an answer's texts.
struct Texts {
  std::string_view id;
  std::string_view secret;
  std::string_view token;
  std::string_view expires;
  const char* token_name = "Token";
  /// Whether credentials of this kind always have a token and an end.
  bool for_a_time = true;
};

bool is_fit_for_headers(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

KeysAnswer refuse(std::string problem) {
  KeysAnswer answer;
  answer.problem = std::move(problem);
  return answer;
}

KeysAnswer take(const Texts& texts) {
  struct Part {
    const char* name;
    std::string_view text;
    bool needed;
  };
  const std::array<Part, 4> parts = {{{"AccessKeyId", texts.id, true},
                                      {"SecretAccessKey", texts.secret, true},
                                      {texts.token_name, texts.token, texts.for_a_time},
                                      {"Expiration", texts.expires, texts.for_a_time}}};
  for (const Part& part : parts) {
    if (part.needed && part.text.empty()) {
      return refuse(std::string("the answer has no ") + part.name);
    }
    if (!is_fit_for_headers(part.text)) {
      return refuse(std::string(part.name) + " in the answer has characters that it can't have");
    }
  }
  KeysAnswer answer;
  if (!texts.expires.empty()) {
    answer.expires = parse_iso_time(texts.expires);
    if (!answer.expires) return refuse("Expiration in the answer is no time");
  }
  answer.keys.access_key_id = texts.id;
  answer.keys.secret_access_key = aws::Secret(texts.secret);
  answer.keys.session_token = aws::Secret(texts.token);
  return answer;
}

Texts texts_of(const JsonObject& object, const char* token_name) {
  return {.id = object.text("AccessKeyId"),
          .secret = object.text("SecretAccessKey"),
          .token = object.text(token_name),
          .expires = object.text("Expiration"),
          .token_name = token_name};
}

std::string for_the_log(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string result(text.substr(0, longest));
  for (char& c : result) {
    if (c < ' ' || c > '~') c = static_cast<unsigned char>(c) < 0x80 ? ' ' : '?';
  }
  return result;
}

ServiceError json_error(const JsonObject& object) {
  ServiceError error;
  for (const char* name : {"code", "Code"}) {
    if (error.code.empty()) error.code = for_the_log(object.text(name));
  }
  for (const char* name : {"message", "Message"}) {
    if (error.message.empty()) error.message = for_the_log(object.text(name));
  }
  return error;
}

}  // namespace

KeysAnswer read_container_answer(std::string_view body) {
  const JsonObject object(body);
  if (!object.is_object()) return refuse("the answer is no JSON object");
  const ServiceError error = json_error(object);
  if (object.text("AccessKeyId").empty() && !error.suffix().empty()) {
    return refuse("the answer has no credentials" + error.suffix());
  }
  return take(texts_of(object, "Token"));
}

KeysAnswer read_instance_answer(std::string_view body) {
  const JsonObject object(body);
  if (!object.is_object()) return refuse("the answer is no JSON object");
  const ServiceError error = json_error(object);
  if (error.code != "Success") return refuse("the answer has no credentials" + error.suffix());
  return take(texts_of(object, "Token"));
}

KeysAnswer read_process_answer(std::string_view output) {
  const JsonObject object(output);
  if (!object.is_object()) return refuse("the output is no JSON object");
  if (!object.is_number("Version", 1)) return refuse("Version in the output is not 1");
  Texts texts = texts_of(object, "SessionToken");
  texts.for_a_time = false;
  return take(texts);
}

KeysAnswer read_sts_answer(std::string_view body) {
  if (body.size() > longest_answer) return refuse("the answer is too long");
  std::vector<XmlField> fields = read_xml_fields(body);
  KeysAnswer answer = fields.empty()
                          ? refuse("the answer is no XML of the kind that STS writes")
                          : take({.id = field_of(fields, "Credentials/AccessKeyId"),
                                  .secret = field_of(fields, "Credentials/SecretAccessKey"),
                                  .token = field_of(fields, "Credentials/SessionToken"),
                                  .expires = field_of(fields, "Credentials/Expiration"),
                                  .token_name = "SessionToken"});
  for (XmlField& field : fields) const aws::Secret wiped(std::move(field.text));
  return answer;
}

std::string ServiceError::suffix() const {
  return (code.empty() ? "" : ": " + code) + (message.empty() ? "" : ": " + message);
}

ServiceError read_json_error(std::string_view body) {
  return json_error(JsonObject(body));
}

ServiceError read_sts_error(std::string_view body) {
  ServiceError error;
  if (body.size() > longest_answer) return error;
  const std::vector<XmlField> fields = read_xml_fields(body);
  error.code = for_the_log(field_of(fields, "Error/Code"));
  error.message = for_the_log(field_of(fields, "Error/Message"));
  return error;
}

}  // namespace xrayd::credentials
