// Any names, keys and values through the SDK: every document is JSON.
#include <rapidjson/document.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include <xray/testing.hpp>
#include <xray/xray.hpp>

namespace {

class CheckingEmitter : public xray::Emitter {
 public:
  void emit(std::string_view document) noexcept override {
    rapidjson::Document json;
    json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
        document.data(), document.size());
    if (json.HasParseError() || !json.IsObject()) std::abort();
    if (document.size() > 64'512 - 31) std::abort();
  }
};

/// Hands out the input in pieces.
class Pieces {
 public:
  Pieces(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  [[nodiscard]] bool empty() const { return size_ == 0; }
  std::uint8_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  std::string_view text() {
    std::size_t size = byte();
    if (size > size_) size = size_;
    const std::string_view result(reinterpret_cast<const char*>(data_), size);
    data_ += size;
    size_ -= size;
    return result;
  }
  double number() {
    double value = 0;
    const std::string_view bytes = text();
    std::memcpy(&value, bytes.data(), bytes.size() < sizeof value ? bytes.size() : sizeof value);
    return value;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

void say(xray::Entity& entity, Pieces& pieces, unsigned depth) {
  while (!pieces.empty()) {
    switch (pieces.byte() % 11) {
      case 0:
        entity.add_annotation(pieces.text(), pieces.text());
        break;
      case 1:
        entity.add_annotation(pieces.text(), pieces.number());
        break;
      case 2:
        entity.add_metadata(pieces.text(), pieces.text(), pieces.text());
        break;
      case 3:
        entity.add_metadata(pieces.text(), xray::Json(pieces.text()));
        break;
      case 4:
        entity.add_metadata(pieces.text(), pieces.number(), pieces.text());
        break;
      case 5: {
        xray::HttpRequest request;
        request.method = pieces.text();
        request.url = pieces.text();
        entity.set_http_request(request);
        break;
      }
      case 6:
        entity.set_http_response(pieces.byte() * 3, pieces.byte());
        break;
      case 7: {
        if (depth > 100) return;
        xray::Subsegment subsegment(pieces.text(), xray::Namespace::remote);
        xray::SqlQuery query;
        query.sanitized_query = pieces.text();
        subsegment.set_sql(query);
        say(subsegment, pieces, depth + 1);
        break;
      }
      case 8:
        return;
      case 9:
        entity.add_remote_exception(pieces.text(), pieces.text());
        break;
      default:
        entity.set_fault();
        break;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool ready = [] {
    xray::Configuration configuration;
    configuration.synchronous = true;
    configuration.emitter = std::make_shared<CheckingEmitter>();
    configuration.log = [](std::string_view) {};
    return !xray::configure(configuration);
  }();
  if (!ready) std::abort();
  Pieces pieces(data, size);
  const auto header = xray::TraceHeader::parse(pieces.text());
  xray::Segment segment(pieces.text(), header);
  segment.set_user(pieces.text());
  say(segment, pieces, 0);
  return 0;
}
