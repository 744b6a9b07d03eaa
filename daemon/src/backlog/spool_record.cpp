#include "backlog/spool_record.hpp"

#include <bit>
#include <boost/crc.hpp>
#include <cstring>

namespace xrayd::backlog {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie");
static_assert(sizeof(Batch::Part) == 8, "parts are written as they lie");

constexpr std::size_t payload_offset = 12;
constexpr std::size_t documents_offset = 16;
constexpr std::size_t payload_crc_offset = 20;
constexpr std::size_t accepted_offset = 24;
constexpr std::size_t header_crc_offset = 32;

template <class Number>
void put(RecordHeaderBytes& bytes, std::size_t offset, Number value) noexcept {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

template <class Number>
Number get(std::string_view bytes, std::size_t offset) noexcept {
  Number value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::uint32_t header_crc(std::string_view bytes) noexcept {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), record_state_offset);
  crc.process_bytes(bytes.data() + payload_offset, header_crc_offset - payload_offset);
  return crc.checksum();
}

std::uint32_t payload_crc(const Batch& batch) noexcept {
  boost::crc_32_type crc;
  crc.process_bytes(batch.documents.data(), batch.documents.size() * sizeof(Batch::Part));
  crc.process_bytes(batch.body.data(), batch.body.size());
  return crc.checksum();
}

/// The parts are the strings of the request, one behind the other and nothing between.
bool parts_fit(const Batch& batch) noexcept {
  const std::string_view body = batch.body;
  if (!body.starts_with(batch_prefix) || !body.ends_with(batch_suffix)) return false;
  std::size_t at = batch_prefix.size();
  for (const Batch::Part& part : batch.documents) {
    const std::string_view between = at == batch_prefix.size() ? "\"" : ",\"";
    if (!body.substr(at).starts_with(between)) return false;
    at += between.size();
    if (part.begin != at || body.size() - at <= part.size) return false;
    at += part.size;
    if (body[at++] != '"') return false;
  }
  return at + batch_suffix.size() == body.size();
}

}  // namespace

RecordHeaderBytes encode_header(const Batch& batch, std::int64_t accepted_ms) noexcept {
  RecordHeaderBytes bytes{};
  std::memcpy(bytes.data(), record_magic.data(), record_magic.size());
  put(bytes, record_state_offset, record_waiting);
  put(bytes, payload_offset,
      static_cast<std::uint32_t>(batch.documents.size() * sizeof(Batch::Part) + batch.body.size()));
  put(bytes, documents_offset, static_cast<std::uint32_t>(batch.documents.size()));
  put(bytes, payload_crc_offset, payload_crc(batch));
  put(bytes, accepted_offset, accepted_ms);
  put(bytes, header_crc_offset, header_crc({bytes.data(), bytes.size()}));
  return bytes;
}

std::optional<RecordHeader> decode_header(std::string_view bytes) noexcept {
  if (bytes.size() < record_header_size || !bytes.starts_with(record_magic)) return std::nullopt;
  if (get<std::uint32_t>(bytes, header_crc_offset) != header_crc(bytes)) return std::nullopt;
  RecordHeader header;
  header.delivered = get<std::uint32_t>(bytes, record_state_offset) == record_delivered;
  header.payload = get<std::uint32_t>(bytes, payload_offset);
  header.documents = get<std::uint32_t>(bytes, documents_offset);
  header.payload_crc = get<std::uint32_t>(bytes, payload_crc_offset);
  header.accepted_ms = get<std::int64_t>(bytes, accepted_offset);
  if (header.documents == 0 || header.documents > most_documents ||
      header.payload > largest_payload || header.payload < header.documents * sizeof(Batch::Part)) {
    return std::nullopt;
  }
  return header;
}

bool is_payload_of(const RecordHeader& header, const Batch& batch) noexcept {
  return batch.documents.size() == header.documents && payload_crc(batch) == header.payload_crc &&
         parts_fit(batch);
}

}  // namespace xrayd::backlog
