#include "realistic_traces.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace bench {
namespace {

constexpr std::array<std::string_view, 20> services{
    "storefront", "gateway",  "cart",   "checkout", "catalogue", "pricing",  "stock",
    "accounts",   "sessions", "search", "reviews",  "payments",  "fraud",    "shipping",
    "tracking",   "invoices", "mail",   "coupons",  "advisor",   "warehouse"};
constexpr std::array<std::string_view, 4> origins{"AWS::EC2::Instance", "AWS::ECS::Container",
                                                  "AWS::EKS::Container", "AWS::Lambda::Function"};
constexpr std::array<std::string_view, 4> tables{"carts", "orders", "stock", "sessions"};
constexpr std::array<std::string_view, 3> partners{"api.bank.example", "maps.example",
                                                   "post.example"};
constexpr std::array<std::string_view, 5> paths{"/", "/cart", "/orders", "/search?q=lamp",
                                                "/products/8-blue"};

enum class Ending : std::uint8_t { ok, fault, error, throttle };

// Puts documents of one trace together.
class ShapeMaker {
 public:
  ShapeMaker(std::mt19937_64& random, std::size_t segments) : random_(random), left_(segments) {}

  TraceShape make() {
    ending_ = chance(30) ? static_cast<Ending>(1 + below(3)) : Ending::ok;
    // Milliseconds, with a long tail.
    const auto length = static_cast<std::uint32_t>(
        std::min(5e6, 5000 * std::exp(std::normal_distribution<double>(1.5, 1.0)(random_))));
    shape_.length = std::max<std::uint32_t>(length, 2000);
    --left_;
    segment(0, no_parent, 0, shape_.length);
    shape_.entities = next_entity_;
    return std::move(shape_);
  }

 private:
  static constexpr std::uint32_t no_parent = ~std::uint32_t{0};

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }

  void hole(DocumentShape& document, Part part, std::uint32_t number = 0) {
    constexpr std::array<std::size_t, 5> widths{35, 16, 17, 7, 12};
    document.holes.push_back({document.text.size(), part, number});
    document.text.append(widths[static_cast<std::size_t>(part)], '0');
  }

  void head(DocumentShape& document, std::string_view name, std::uint32_t id, std::uint32_t start,
            std::uint32_t end) {
    document.text += R"({"name":")";
    document.text += name;
    document.text += R"(","id":")";
    hole(document, Part::entity_id, id);
    document.text += R"(","start_time":)";
    hole(document, Part::time, start);
    document.text += R"(,"end_time":)";
    hole(document, Part::time, end);
  }

  std::string_view flags() const {
    switch (ending_) {
      case Ending::ok:
        break;
      case Ending::fault:
        return R"(,"fault":true)";
      case Ending::error:
        return R"(,"error":true)";
      case Ending::throttle:
        return R"(,"error":true,"throttle":true)";
    }
    return {};
  }
  std::string_view status() const {
    constexpr std::array<std::string_view, 4> codes{"200", "503", "404", "429"};
    return codes[static_cast<std::size_t>(ending_)];
  }

  // The trace's failure is the first segment's and that of the call where it began.
  void segment(std::size_t service, std::uint32_t parent, std::uint32_t start, std::uint32_t end) {
    DocumentShape document;
    const bool is_root = parent == no_parent;
    head(document, services[service], next_entity_++, start, end);
    document.text += R"(,"trace_id":")";
    hole(document, Part::trace_id);
    document.text += '"';
    if (!is_root) {
      document.text += R"(,"parent_id":")";
      hole(document, Part::entity_id, parent);
      document.text += '"';
    }
    document.text += R"(,"origin":")";
    document.text += origins[service % origins.size()];
    document.text += R"(","http":{"request":{"method":")";
    document.text += service % 3 == 0 ? "POST" : "GET";
    document.text += R"(","url":"https://)";
    document.text += services[service];
    document.text += ".example";
    document.text += paths[below(paths.size())];
    document.text +=
        R"(","user_agent":"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101","client_ip":"192.0.2.)";
    document.text += std::to_string(1 + service);
    document.text += R"("},"response":{"status":)";
    document.text += is_root ? status() : "200";
    document.text += R"(,"content_length":1432}})";
    if (is_root) document.text += flags();
    document.text += R"(,"aws":{"ec2":{"instance_id":"i-0b2d2b1e4d3)";
    document.text += std::to_string(10'000 + service * 3 + below(3));
    document.text +=
        R"(","availability_zone":"eu-central-1a"},"xray":{"sdk":"X-Ray for C++","sdk_version":"0.9"}})";
    document.text += R"(,"annotations":{"customer":")";
    hole(document, Part::customer);
    if (is_root) {
      document.text += R"(","order":")";
      hole(document, Part::order);
    }
    document.text += R"(","tier":)";
    document.text += std::to_string(service % 4);
    document.text += R"(},"metadata":{"default":{"node":"node-7.example","release":"2026-11-03.2",)"
                     R"("features":["lamps","fast-checkout","new-prices"],"queue":{"depth":17}}})";
    document.text += R"(,"subsegments":[)";
    subsegments(document, service, start, end, is_root);
    document.text += "]}";
    shape_.documents.push_back(std::move(document));
  }

  void subsegments(DocumentShape& document, std::size_t service, std::uint32_t start,
                   std::uint32_t end, bool is_root) {
    const auto fan_out = 1 + below(4);
    const std::uint32_t piece = (end - start) / static_cast<std::uint32_t>(fan_out + 1);
    std::uint32_t at = start + piece / 2;
    for (std::uint64_t i = 0; i < fan_out; ++i, at += piece) {
      if (i > 0) document.text += ',';
      const std::uint32_t until = at + piece * 9 / 10;
      if (left_ > 0 && piece > 20 && (i == 0 || chance(2))) {
        --left_;
        remote_call(document, (service + 1 + below(services.size() / 2)) % services.size(), at,
                    until);
      } else {
        leaf(document, at, until, is_root && i == 0);
      }
    }
    // What the shape still owes is owed by the first segment.
    while (is_root && left_ > 0) {
      --left_;
      document.text += ',';
      remote_call(document, 1 + below(services.size() - 1), start + piece / 4, end - piece / 4);
    }
  }

  void remote_call(DocumentShape& document, std::size_t callee, std::uint32_t start,
                   std::uint32_t end) {
    const std::uint32_t id = next_entity_++;
    head(document, std::string(services[callee]) + ".internal", id, start, end);
    document.text += R"(,"namespace":"remote","http":{"request":{"method":"GET","url":"https://)";
    document.text += services[callee];
    document.text += R"(.internal/v1"},"response":{"status":200}}})";
    segment(callee, id, start + 5, end - 5);
  }

  void leaf(DocumentShape& document, std::uint32_t start, std::uint32_t end, bool may_fail) {
    const auto kind = below(5);
    const std::string_view failed = may_fail ? flags() : std::string_view{};
    const std::uint32_t id = next_entity_++;
    switch (kind) {
      case 0:
        head(document, "DynamoDB", id, start, end);
        document.text +=
            R"(,"namespace":"aws","aws":{"operation":"GetItem","region":"eu-central-1",)"
            R"("table_name":")";
        document.text += tables[below(tables.size())];
        document.text += R"("},"http":{"response":{"status":200}})";
        break;
      case 1:
        head(document, "orders@db.internal", id, start, end);
        document.text += R"(,"namespace":"remote","sql":{"url":"postgresql://db.internal/orders",)"
                         R"("database_type":"PostgreSQL","sanitized_query":)"
                         R"("SELECT * FROM orders WHERE customer = ? AND state = ? LIMIT ?"})";
        break;
      case 2:
        head(document, partners[below(partners.size())], id, start, end);
        document.text += R"(,"namespace":"remote","http":{"request":{"method":"GET",)"
                         R"("url":"https://partner.example/v2/rates"},"response":{"status":200}})";
        break;
      default:
        head(document, "render", id, start, end);
        document.text += R"(,"annotations":{"lines":17})";
        break;
    }
    document.text += failed;
    if (!failed.empty()) {
      document.text += R"(,"cause":{"working_directory":"/srv","exceptions":[{"id":")";
      hole(document, Part::entity_id, next_entity_++);
      document.text += R"(","type":"std::runtime_error","message":"no answer in time"}]})";
    }
    document.text += '}';
  }

  std::mt19937_64& random_;
  TraceShape shape_;
  std::size_t left_;
  std::uint32_t next_entity_ = 0;
  Ending ending_ = Ending::ok;
};

// The sizes that Traffic promises.
std::size_t segments_of_a_trace(std::mt19937_64& random) {
  const auto percent = random() % 100;
  if (percent < 25) return 1 + random() % 2;
  if (percent < 55) return 3 + random() % 3;
  if (percent < 85) return 6 + random() % 10;
  if (percent < 98) return 16 + random() % 50;
  return 66 + random() % 135;
}

void write_hex(char* to, std::size_t digits, std::uint64_t value) {
  while (digits > 0) {
    to[--digits] = "0123456789abcdef"[value & 15U];
    value >>= 4U;
  }
}

void write_decimal(char* to, std::size_t digits, std::uint64_t value) {
  while (digits > 0) {
    to[--digits] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// Spreads numbers over all 64 bits, so that ids look as random as they are.
std::uint64_t spread(std::uint64_t number) {
  number ^= number >> 30U;
  number *= 0xbf58476d1ce4e5b9U;
  number ^= number >> 27U;
  number *= 0x94d049bb133111ebU;
  return number ^ (number >> 31U);
}

void fill(char* to, const Hole& hole, std::uint64_t number, std::uint64_t started) {
  switch (hole.part) {
    case Part::trace_id:
      to[0] = '1';
      to[1] = to[10] = '-';
      write_hex(to + 2, 8, started / 1'000'000);
      write_hex(to + 11, 12, spread(number));
      write_hex(to + 23, 12, number);
      break;
    case Part::entity_id:
      write_hex(to, 16, spread(number * 4096 + hole.number + 1));
      break;
    case Part::time: {
      const std::uint64_t time = started + hole.number;
      write_decimal(to, 10, time / 1'000'000);
      to[10] = '.';
      write_decimal(to + 11, 6, time % 1'000'000);
      break;
    }
    case Part::customer:
      to[0] = 'c';
      to[1] = '-';
      write_decimal(to + 2, 5, spread(number) % 5000);
      break;
    case Part::order:
      write_decimal(to, 12, number);
      break;
  }
}

}  // namespace

Traffic::Traffic(std::uint64_t seed) : random_(seed) {
  shapes_.reserve(shapes);
  for (std::size_t i = 0; i < shapes; ++i) {
    shapes_.push_back(ShapeMaker(random_, segments_of_a_trace(random_)).make());
    mean_documents_ += static_cast<double>(shapes_.back().documents.size()) / shapes;
  }
}

const TraceShape& Traffic::next() {
  return shapes_[random_() % shapes];
}

OpenTrace::OpenTrace(const TraceShape& shape, std::uint64_t number, std::uint64_t started)
    : shape_(&shape), number_(number), started_(started) {
}

void OpenTrace::write_next(std::string& out) {
  const DocumentShape& document = shape_->documents[next_++];
  const std::size_t begin = out.size();
  out += document.text;
  for (const Hole& hole : document.holes) {
    fill(out.data() + begin + hole.at, hole, number_, started_);
  }
}

}  // namespace bench
